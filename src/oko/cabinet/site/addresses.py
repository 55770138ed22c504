"""Every address of the cabinet: for whom its door is open, which verbs it asks, what it shows.

The verbs themselves stand in each app's `rules.py`. What is written here is held against what the addresses
really answer by `tests/cabinet/matrix/`, for every role; an address that is missing here fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Door(Enum):
    """Who comes to the address at all, before any verb is asked."""

    STREET = "без входа"
    PERSON = "вошедшему, о нём самом"
    APPOINTED = "назначенному"


@dataclass(frozen=True, slots=True)
class Address:
    shows: str
    #: Asked in general, before anything is looked for: without it 403, whatever the address names.
    section: str = ""
    #: Asked of the thing that was found among what one sees; a second verb, where reading it is not enough.
    thing: str = ""
    act: str = ""
    #: Asked besides where something is sent to a page that others may read.
    sending: str = ""
    door: Door = Door.APPOINTED

    @property
    def verbs(self) -> tuple[str, ...]:
        return tuple(verb for verb in (self.section, self.thing, self.act, self.sending) if verb)


def _street(shows: str) -> Address:
    return Address(shows, door=Door.STREET)


def _person(shows: str) -> Address:
    return Address(shows, door=Door.PERSON)


_SITE = {
    "home": Address("Главная: что сделать сейчас, до какого срока, что не так"),
    "language": _street("Русский или английский"),
    "health": _street("Для балансировщика: работает ли база данных"),
}

_PEOPLE = {
    "act-as": _person("Выбор назначения (или поручения), в котором человек действует"),
    "no-appointment": _person("К кому обратиться, если назначения нет"),
    "people": Address("Список назначенных людей с телефонами и приказами", "people.list"),
    "notices": Address("Свои извещения"),
    "notices-read": Address("Отметить все свои извещения прочитанными", "people.read_notices"),
    "notice-read": Address("Отметить извещение прочитанным", thing="people.read_notices"),
}

_ACCESS = {
    "sign-in": _street("Вход"),
    "sign-out": _person("Выход"),
    "change-password": _person("Смена своего пароля"),
    "activate": _street("Активация по коду из письма"),
    "activate-link": _street("Активация по ссылке: нужен ещё код"),
    "activate-password": _street("Активация: пароль тому, чей код уже принят"),
    "security": _person("Вход и безопасность: свои вторые факторы и сеансы"),
    "confirm": _person("Пароль ещё раз, прежде чем менять секреты"),
    "sessions-end-others": _person("Завершить остальные свои сеансы"),
    "session-end": _person("Завершить один свой сеанс"),
    "second-factor": _person("Показать второй фактор"),
    "second-factor-setup": _person("Выбор второго фактора"),
    "second-factor-app": _person("Подключить приложение с кодами"),
    "passkey-add": _person("Подключить ключ доступа"),
    "spare-codes": _person("Новые запасные коды"),
    "factor-remove": _person("Отключить свой второй фактор"),
    "access-issue": Address("Кому выдать доступ", "access.issue"),
    "access-prepare": Address("Подготовить список на выдачу", "access.issue"),
    "access-batch": Address("Один список на выдачу", thing="access.issue"),
    "access-batch-take": Address("Получить письма или коды списка", thing="access.issue"),
    "access-batch-links": Address("Получить ссылки списка", thing="access.issue"),
    "access-reset": Address("Сбросить доступ одного человека", "access.issue"),
    "access-holders": Address("Кто имеет доступ в своей организации", thing="access.review"),
}

_APPOINTMENTS = {
    "appointments": Address("Назначения; файлом тоже", "appointments.read"),
    "waiting-appointments": Address("Кто ждёт подтверждения", "appointments.confirm"),
    "new-appointment": Address("Назначить человека", "appointments.propose"),
    "import-appointments": Address("Загрузить назначения файлом", "appointments.import"),
    "appointments-template": Address("Скачать шаблон файла", "appointments.import"),
    "review-appointments": Address("Что запишет загруженный файл", "appointments.import"),
    "cancel-appointments": Address("Отказаться от загруженного файла", "appointments.import"),
    "appointment": Address("Одно назначение с историей", thing="appointments.read"),
    "confirm-appointment": Address(
        "Подтвердить назначение", thing="appointments.read", act="appointments.confirm"
    ),
    "decline-appointment": Address(
        "Отклонить назначение", thing="appointments.read", act="appointments.confirm"
    ),
    "withdraw-appointment": Address(
        "Завершить назначение", thing="appointments.read", act="appointments.withdraw"
    ),
    "change-appointment": Address(
        "Исправить приказ, аудиторию, предмет", thing="appointments.read", act="appointments.correct"
    ),
    "change-person": Address(
        "Исправить сведения о человеке", thing="appointments.read", act="appointments.correct_person"
    ),
    "orders": Address("Приказы", "appointments.read"),
    "new-order": Address("Внести приказ", "appointments.keep_orders"),
    "order": Address("Приказ и люди по нему", thing="appointments.read"),
    "attach-scan": Address("Приложить скан", thing="appointments.read", act="appointments.keep_orders"),
    "order-scan": Address("Скачать скан", thing="appointments.read"),
    "sign-order": Address("Подписать приказ", thing="appointments.read", act="appointments.sign"),
    "print-order": Address("Текст приказа для печати", thing="appointments.read"),
    "responsible-lists": Address("Списки ответственных: свои и присланные", "appointments.read_lists"),
    "send-responsible-list": Address("Отправить список наверх", "appointments.send_list"),
    "consolidated-responsible": Address("Сводный список", "appointments.receive_lists"),
    "responsible-list": Address("Одна версия списка", thing="appointments.read_lists"),
    "delegations": Address(
        "Поручения своей организации", "appointments.see_delegations", sending="appointments.delegate"
    ),
    "end-delegation": Address("Прекратить поручение", thing="appointments.end_delegation"),
}

_ORGANISATIONS = {
    "organisations": Address("Список организаций, которые видны; файлом тоже"),
    "own-organisation": Address("Своя организация"),
    "organisation": Address("Организация и те, кто ей подчинён"),
    "new-organisation": Address("Завести организацию", "organisations.create"),
    "change-organisation": Address("Исправить сведения об организации", thing="organisations.change"),
    "import-organisations": Address("Загрузить список организаций", "organisations.import"),
    "review-organisations": Address("Что изменит загруженный список", "organisations.import"),
    "cancel-organisations": Address("Отказаться от загруженного списка", "organisations.import"),
}

_ASSESSMENTS = {
    "roadmap": Address("План-график"),
    "step-new": Address("Новый шаг плана-графика", "assessments.edit_roadmap"),
    "step-edit": Address("Изменить шаг", thing="assessments.edit_roadmap"),
    "step-delete": Address("Удалить шаг", thing="assessments.edit_roadmap"),
    "step-confirm": Address("Подтвердить ознакомление с материалами", thing="assessments.confirm_reading"),
    "exceptions": Address("Особые сроки", "assessments.follow"),
    "exception-new": Address("Назначить особый срок", "assessments.make_exception"),
    "exception-end": Address("Снять особый срок", thing="assessments.end_exception"),
    "board": Address("Ход работ", "assessments.follow"),
    "call-list": Address("Кому звонить", "assessments.call"),
    "board-school": Address("Ход работ одной школы"),
    "assessment": Address("Процедура и её работы"),
    "rehearsal-clock": Address("Репетиционные часы", thing="assessments.set_clock"),
    "papers-import": Address("Загрузить работы файлом", "assessments.edit_papers"),
    "paper": Address("Работа: задания и шкалы"),
    "paper-edit": Address("Изменить работу", thing="assessments.edit_papers"),
    "paper-scale": Address("Новая шкала отметок", thing="assessments.edit_papers"),
    "publications": Address("Новости и документы"),
    "news-new": Address("Новая новость", "assessments.publish"),
    "news-edit": Address("Изменить новость", thing="assessments.publish"),
    "news-delete": Address("Снять новость", thing="assessments.publish"),
    "readings": Address("Кто не ознакомился с документами", "assessments.follow_readings"),
    "readings-remind": Address("Напомнить не ознакомившимся", "assessments.follow_readings"),
    "document-confirm": Address("Подтвердить ознакомление", thing="assessments.confirm_document"),
    "document-new": Address("Новый документ", "assessments.publish"),
    "document": Address("Скачать документ, назначенный роли"),
    "document-edit": Address("Изменить документ", thing="assessments.publish"),
    "document-delete": Address("Снять документ", thing="assessments.publish"),
    "public-news": _street("Новости для всех"),
}

_EXCHANGE = {
    "protocols": Address("Протоколы своей организации или всех подчинённых", "exchange.read"),
    "protocols-upload": Address("Отправить сразу все протоколы", "exchange.read", "exchange.submit"),
    "protocols-unsorted": Address("Файлы, о которых неизвестно, какой они работы", "exchange.read"),
    "unsorted-original": Address("Скачать такой файл", "exchange.read"),
    "unsorted-sort": Address("Сказать, какой работы файл", "exchange.read", "exchange.submit"),
    "unsorted-set-aside": Address("Убрать файл из списка", "exchange.read", "exchange.submit"),
    "protocol": Address("Протокол одной работы: срок, версии, состояние", "exchange.read"),
    "protocol-form": Address("Скачать форму протокола", "exchange.read"),
    "protocol-upload": Address("Отправить протокол", "exchange.read", "exchange.submit"),
    "submission": Address("Версия протокола и замечания к ней", "exchange.read"),
    "submission-state": Address("Проверена ли версия", "exchange.read"),
    "submission-original": Address("Скачать отправленный файл", "exchange.read"),
    "submission-marked": Address("Скачать файл с замечаниями в ячейках", "exchange.read"),
    "submission-cleaned": Address("Скачать копию без столбца имён", "exchange.read"),
    "submission-send-cleaned": Address("Отправить копию без имён", "exchange.read", "exchange.submit"),
    "submission-return": Address("Вернуть протокол", "exchange.read", "exchange.return"),
    "submission-undo-return": Address("Отменить возврат", "exchange.read", "exchange.return"),
}

_REPORTS = {
    "reports": Address("Работы, по которым есть отчёты", "reports.read"),
    "report-summary": Address("«Главное»: выводы по работе простыми словами", "reports.read"),
    "report": Address("Одно направление отчёта: таблица и рисунок", "reports.read"),
    "report-works": Address(
        "Работы за числом отчёта (по кодам участников)", "reports.read", thing="reports.see_works"
    ),
    "report-workbook": Address("Скачать отчёт", "reports.read"),
    "report-download": Address("Скачать документ отчёта: XLSX, PDF, CSV, Parquet", "reports.read"),
    "report-behind": Address("Протоколы, из которых посчитан отчёт", "reports.read"),
    "report-receipts": Address("Кто открыл отчёт и подтвердил получение", "reports.follow_receipts"),
    "report-receipts-remind": Address(
        "Напомнить тем, кто не подтвердил получение отчёта", "reports.follow_receipts"
    ),
    "report-packages": Address("Заказать отчёты одним архивом", "reports.order_package"),
    "report-package": Address("Сколько собрано; чем кончилась сборка", "reports.order_package"),
    "report-package-cancel": Address(
        "Отменить сборку архива", "reports.order_package", thing="reports.order_package"
    ),
    "report-package-download": Address(
        "Скачать архив отчётов", "reports.order_package", thing="reports.order_package"
    ),
    "report-received": Address("Подтвердить получение отчёта", thing="reports.confirm"),
}

_AUDIT = {
    "journal": Address("Журнал событий: кто, когда, откуда и что сделал", "audit.read"),
    "journal-event": Address("Одно событие: что было и что стало, его печать", "audit.read"),
    "own-readers": Address("Кто из других организаций смотрел и брал наши данные", "audit.read_own"),
}

#: All of them by app, in the order in which an assessment flows.
BY_APP: dict[str, dict[str, Address]] = {
    "oko_site": _SITE,
    "audit": _AUDIT,
    "people": _PEOPLE,
    "access": _ACCESS,
    "organisations": _ORGANISATIONS,
    "assessments": _ASSESSMENTS,
    "appointments": _APPOINTMENTS,
    "exchange": _EXCHANGE,
    "reports": _REPORTS,
}

ADDRESSES: dict[str, Address] = {name: one for app in BY_APP.values() for name, one in app.items()}
