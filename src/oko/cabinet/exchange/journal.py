"""What the journal knows of results protocols."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

SUBMITTED = recorded("exchange.submitted", Sort.CHANGE, _("Загружен протокол"))
REPEATED = recorded("exchange.repeated", Sort.CHANGE, _("Повторно отправлен тот же файл протокола"))
JUDGED = recorded("exchange.judged", Sort.CHANGE, _("Проверен протокол"))
RETURNED = recorded("exchange.returned", Sort.CHANGE, _("Возвращён протокол"))
RETURN_UNDONE = recorded("exchange.return_undone", Sort.CHANGE, _("Отменён возврат протокола"))
UNSORTED_KEPT = recorded("exchange.unsorted_kept", Sort.CHANGE, _("Сохранён неразобранный файл"))
UNSORTED_SORTED = recorded("exchange.unsorted_sorted", Sort.CHANGE, _("Неразобранный файл отнесён к работе"))
UNSORTED_SET_ASIDE = recorded("exchange.unsorted_set_aside", Sort.CHANGE, _("Убран неразобранный файл"))

FORM_DOWNLOADED = recorded("exchange.form_downloaded", Sort.DOWNLOAD, _("Скачана форма протокола"))
ORIGINAL_DOWNLOADED = recorded(
    "exchange.original_downloaded", Sort.DOWNLOAD, _("Скачан загруженный файл протокола")
)
MARKED_DOWNLOADED = recorded(
    "exchange.marked_downloaded", Sort.DOWNLOAD, _("Скачана копия протокола с замечаниями")
)
CLEANED_DOWNLOADED = recorded(
    "exchange.cleaned_downloaded", Sort.DOWNLOAD, _("Скачана копия протокола без столбца имён")
)
UNSORTED_DOWNLOADED = recorded("exchange.unsorted_downloaded", Sort.DOWNLOAD, _("Скачан неразобранный файл"))

PROTOCOL_LOOKED_AT = recorded(
    "exchange.protocol_looked_at", Sort.READING, _("Просмотрены протоколы организации по работе")
)
SUBMISSION_LOOKED_AT = recorded(
    "exchange.submission_looked_at", Sort.READING, _("Просмотрена версия протокола организации")
)
