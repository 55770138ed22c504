"""What the journal records about files in general, and about its own readers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

FILE_TAKEN = recorded("audit.file_taken", Sort.DOWNLOAD, _("Скачан файл"))
JOURNAL_READ = recorded("audit.journal_read", Sort.READING, _("Просмотрен журнал событий"))
EVENT_READ = recorded("audit.event_read", Sort.READING, _("Просмотрено событие журнала"))
JOURNAL_EXPORTED = recorded("audit.journal_exported", Sort.DOWNLOAD, _("Выгружен журнал событий"))
OWN_READERS_READ = recorded("audit.own_readers_read", Sort.READING, _("Просмотрено, кто смотрел данные"))
OWN_READERS_EXPORTED = recorded(
    "audit.own_readers_exported", Sort.DOWNLOAD, _("Выгружено, кто смотрел данные")
)
