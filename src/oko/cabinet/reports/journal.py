"""What the journal knows of reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

RECEIPT_CONFIRMED = recorded("reports.receipt_confirmed", Sort.CHANGE, _("Подтверждено получение отчёта"))
REPORT_DOWNLOADED = recorded(
    "reports.report_downloaded", Sort.DOWNLOAD, _("Скачан документ отчёта"), of_all_below=True
)
REPORT_LOOKED_AT = recorded("reports.report_looked_at", Sort.READING, _("Просмотрен отчёт организации"))
WORKS_LOOKED_AT = recorded(
    "reports.works_looked_at",
    Sort.READING,
    _("Просмотрены индивидуальные результаты организации"),
    of_all_below=True,
)

# Receipts
REPORT_OPENED = recorded("reports.report_opened", Sort.CHANGE, _("Отчёт впервые открыт организацией"))
RECEIPTS_REMINDED = recorded(
    "reports.receipts_reminded", Sort.CHANGE, _("Отправлены напоминания о получении отчётов")
)

# Packages
PACKAGE_ORDERED = recorded("reports.package_ordered", Sort.CHANGE, _("Заказан пакет отчётов"))
PACKAGE_CANCELLED = recorded("reports.package_cancelled", Sort.CHANGE, _("Отменён пакет отчётов"))
PACKAGE_MADE = recorded("reports.package_made", Sort.CHANGE, _("Собран пакет отчётов"))
PACKAGE_FAILED = recorded("reports.package_failed", Sort.CHANGE, _("Пакет отчётов собрать не удалось"))
PACKAGE_EXPIRED = recorded("reports.package_expired", Sort.CHANGE, _("Удалён файл пакета отчётов"))
PACKAGE_DOWNLOADED = recorded(
    "reports.package_downloaded", Sort.DOWNLOAD, _("Скачан пакет отчётов"), of_all_below=True
)
