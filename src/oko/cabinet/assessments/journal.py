"""What the journal knows of an assessment: each verb with its words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

# The course of the assessment
STEP_ADDED = recorded("assessments.step_added", Sort.CHANGE, _("Добавлен шаг плана-графика"))
STEP_CHANGED = recorded("assessments.step_changed", Sort.CHANGE, _("Изменён шаг плана-графика"))
STEP_DELETED = recorded("assessments.step_deleted", Sort.CHANGE, _("Удалён шаг плана-графика"))
EXCEPTION_MADE = recorded("assessments.exception_made", Sort.CHANGE, _("Назначен особый срок"))
EXCEPTION_ENDED = recorded("assessments.exception_ended", Sort.CHANGE, _("Снят особый срок"))
CLOCK_SET = recorded("assessments.clock_set", Sort.CHANGE, _("Переставлены репетиционные часы"))
STEP_CONFIRMED = recorded(
    "assessments.step_confirmed", Sort.CHANGE, _("Подтверждено ознакомление организации с материалами шага")
)

# Papers
PAPERS_IMPORTED = recorded("assessments.papers_imported", Sort.CHANGE, _("Загружены работы из файла"))
PAPER_CHANGED = recorded("assessments.paper_changed", Sort.CHANGE, _("Изменена работа"))
SCALE_SET = recorded("assessments.scale_set", Sort.CHANGE, _("Установлена шкала отметок"))

# News and documents
NEWS_PUBLISHED = recorded("assessments.news_published", Sort.CHANGE, _("Опубликована новость"))
NEWS_CHANGED = recorded("assessments.news_changed", Sort.CHANGE, _("Изменена новость"))
NEWS_WITHDRAWN = recorded("assessments.news_withdrawn", Sort.CHANGE, _("Снята новость"))
DOCUMENT_PUBLISHED = recorded("assessments.document_published", Sort.CHANGE, _("Опубликован документ"))
DOCUMENT_CHANGED = recorded("assessments.document_changed", Sort.CHANGE, _("Изменён документ"))
DOCUMENT_WITHDRAWN = recorded("assessments.document_withdrawn", Sort.CHANGE, _("Снят документ"))

# Reading documents
DOCUMENT_OPENED = recorded("assessments.document_opened", Sort.DOWNLOAD, _("Скачан документ"))
DOCUMENT_CONFIRMED = recorded(
    "assessments.document_confirmed", Sort.CHANGE, _("Подтверждено ознакомление с документом")
)
REMINDED = recorded("assessments.reminded", Sort.CHANGE, _("Отправлены напоминания об ознакомлении"))

# What somebody from outside looked at
SCHOOL_LOOKED_AT = recorded(
    "assessments.school_looked_at", Sort.READING, _("Просмотрен ход работ организации")
)
BOARD_EXPORTED = recorded("assessments.board_exported", Sort.DOWNLOAD, _("Скачана таблица хода работ"))
