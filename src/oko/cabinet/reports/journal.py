"""What the journal knows of reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

RECEIPT_CONFIRMED = recorded("reports.receipt_confirmed", Sort.CHANGE, _("Подтверждено получение отчёта"))
WORKBOOK_DOWNLOADED = recorded("reports.workbook_downloaded", Sort.DOWNLOAD, _("Скачана книга отчётов"))
REPORT_LOOKED_AT = recorded("reports.report_looked_at", Sort.READING, _("Просмотрен отчёт организации"))
