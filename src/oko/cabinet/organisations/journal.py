"""What the journal knows of the base of organisations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

CREATED = recorded("organisations.created", Sort.CHANGE, _("Заведена организация"))
CHANGED = recorded("organisations.changed", Sort.CHANGE, _("Изменены сведения организации"))
DRAFT_KEPT = recorded("organisations.draft_kept", Sort.CHANGE, _("Загружен список организаций на проверку"))
DRAFT_DROPPED = recorded(
    "organisations.draft_dropped", Sort.CHANGE, _("Удалён загруженный список организаций")
)
LIST_APPLIED = recorded("organisations.list_applied", Sort.CHANGE, _("Записан список организаций"))
LIST_DOWNLOADED = recorded("organisations.list_downloaded", Sort.DOWNLOAD, _("Скачан список организаций"))
CARD_LOOKED_AT = recorded("organisations.card_looked_at", Sort.READING, _("Просмотрена карточка организации"))
