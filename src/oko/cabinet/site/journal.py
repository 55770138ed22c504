"""What is recorded of the running of an installation: whoever takes a backup takes everything."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

BACKED_UP = recorded("site.backed_up", Sort.DOWNLOAD, _("Сделана резервная копия"))
RESTORED = recorded("site.restored", Sort.CHANGE, _("Восстановлено из резервной копии"))
