"""What the journal keeps of appointments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

PROPOSED = recorded("appointments.proposed", Sort.CHANGE, _("Предложено назначение"))
APPOINTED = recorded("appointments.appointed", Sort.CHANGE, _("Назначен человек"))
CONFIRMED = recorded("appointments.confirmed", Sort.CHANGE, _("Подтверждено назначение"))
DECLINED = recorded("appointments.declined", Sort.CHANGE, _("Отклонено назначение"))
WITHDRAWN = recorded("appointments.withdrawn", Sort.CHANGE, _("Завершено назначение"))
CORRECTED = recorded("appointments.corrected", Sort.CHANGE, _("Исправлено назначение"))
PERSON_MADE = recorded("appointments.person_made", Sort.CHANGE, _("Заведена учётная запись"))
PERSON_CORRECTED = recorded("appointments.person_corrected", Sort.CHANGE, _("Исправлены сведения о человеке"))
IMPORTED = recorded("appointments.imported", Sort.CHANGE, _("Загружены назначения из файла"))
LOOKED_AT = recorded(
    "appointments.looked_at", Sort.READING, _("Просмотрено назначение в организации, сведения о человеке")
)
EXPORTED = recorded("appointments.exported", Sort.DOWNLOAD, _("Скачаны назначения"))
ORDER_MADE = recorded("appointments.order_made", Sort.CHANGE, _("Внесён приказ"))
ORDER_ATTACHED = recorded("appointments.order_attached", Sort.CHANGE, _("Приложен скан приказа"))
ORDER_SIGNED = recorded("appointments.order_signed", Sort.CHANGE, _("Подписан приказ"))
SCAN_TAKEN = recorded("appointments.scan_taken", Sort.DOWNLOAD, _("Скачан скан приказа"))
LIST_SENT = recorded("appointments.list_sent", Sort.CHANGE, _("Отправлен список ответственных"))
LIST_TAKEN = recorded("appointments.list_taken", Sort.DOWNLOAD, _("Скачан список ответственных"))
DELEGATED = recorded("appointments.delegated", Sort.CHANGE, _("Дано поручение"))
DELEGATION_ENDED = recorded("appointments.delegation_ended", Sort.CHANGE, _("Прекращено поручение"))
