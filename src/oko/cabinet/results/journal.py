"""What the journal knows of works."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

PARTITION_WRITTEN = recorded(
    "results.partition_written", Sort.CHANGE, _("Записаны работы региона для отчётов")
)
