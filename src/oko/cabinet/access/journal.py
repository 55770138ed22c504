"""What the journal knows of this app: sign-ins, codes, second factors, sessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import Sort, recorded

SIGNED_IN = recorded("access.signed_in", Sort.SIGN_IN, _("Вход выполнен"))
SIGNED_OUT = recorded("access.signed_out", Sort.SIGN_IN, _("Выход"))
SIGN_IN_FAILED = recorded("access.sign_in_failed", Sort.SIGN_IN, _("Неудачный вход"))
SIGN_IN_LOCKED = recorded(
    "access.sign_in_locked", Sort.SIGN_IN, _("Вход приостановлен: слишком много попыток")
)
FACTOR_PASSED = recorded("access.factor_passed", Sort.SIGN_IN, _("Пройден второй фактор"))
FACTOR_FAILED = recorded("access.factor_failed", Sort.SIGN_IN, _("Второй фактор не подошёл"))
FACTOR_ADDED = recorded("access.factor_added", Sort.SECRET, _("Подключён второй фактор"))
FACTOR_REMOVED = recorded("access.factor_removed", Sort.SECRET, _("Отключён второй фактор"))
SPARE_CODES = recorded("access.spare_codes", Sort.SECRET, _("Показаны запасные коды"))
PASSWORD_CHANGED = recorded("access.password_changed", Sort.SECRET, _("Изменён пароль"))
SESSIONS_ENDED = recorded("access.sessions_ended", Sort.SIGN_IN, _("Завершены сеансы"))
TWO_PLACES = recorded("access.two_places", Sort.SIGN_IN, _("Работа под одним логином в двух местах сразу"))
BATCH_PREPARED = recorded("access.batch_prepared", Sort.SECRET, _("Подготовлена выдача доступа"))
BATCH_TAKEN = recorded("access.batch_taken", Sort.SECRET, _("Получен список с кодами активации"))
LINKS_TAKEN = recorded("access.links_taken", Sort.DOWNLOAD, _("Получен список ссылок активации"))
CODE_ISSUED = recorded("access.code_issued", Sort.SECRET, _("Выдан код активации"))
CODE_USED = recorded("access.code_used", Sort.SECRET, _("Использован код активации"))
CODE_REFUSED = recorded("access.code_refused", Sort.SIGN_IN, _("Код активации не подошёл"))
ACCESS_RESET = recorded("access.reset", Sort.SECRET, _("Сброшен доступ"))
HOLDERS_EXPORTED = recorded("access.holders_exported", Sort.DOWNLOAD, _("Скачан список имеющих доступ"))
