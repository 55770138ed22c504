"""Settings of the site that are unsafe, whatever else the installation is like."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core import checks as of_django

from oko.cabinet.site import environment, headers
from oko.cabinet.site.checks.findings import Finding, check

SHORTEST_SECRET = 32
LEAST_VARIETY = 10
LONGEST_COOKIE_AGE = 31 * 24 * 3600
LARGEST_UPLOAD = 64 * 1024 * 1024
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1"}

#: Said by the checks below in Oko's own words, or by headers.py instead of Django's middleware.
SAID_OTHERWISE = {
    *("security.W002", "security.W004", "security.W008", "security.W009", "security.W010", "security.W011"),
    *("security.W012", "security.W016", "security.W017", "security.W018", "security.W019", "security.W020"),
    *("security.W021", "security.W022"),
}


@check("https", "Шифрование", deploy=True)
def https() -> Iterator[Finding]:
    if not settings.HTTPS:
        yield Finding(
            "OKO_HTTPS не равно 1: пароли и данные идут по сети открыто.",
            "OKO_HTTPS=1 и прокси с сертификатом перед Око.",
            "Настройте прокси (nginx, Caddy) с HTTPS и задайте OKO_HTTPS=1.",
        )


@check("proxies", "Прокси перед Око", deploy=True)
def proxies() -> Iterator[Finding]:
    if settings.HTTPS and settings.TRUSTED_PROXIES < 1:
        yield Finding(
            "OKO_HTTPS=1, а OKO_TRUSTED_PROXIES не задано: адреса людей и шифрование их стороны неизвестны.",
            "Число ваших прокси перед Око, обычно 1.",
            "Задайте OKO_TRUSTED_PROXIES=1; прокси должен сам ставить X-Forwarded-For и X-Forwarded-Proto.",
        )


@check("hosts", "Имена узла", deploy=True)
def hosts() -> Iterator[Finding]:
    names = settings.ALLOWED_HOSTS
    any_name = [name for name in names if name == "*" or name.startswith(".")]
    if any_name:
        yield Finding(
            f"OKO_HOSTS допускает любое имя: «{any_name[0]}».",
            "Точные имена через запятую.",
            "Задайте OKO_HOSTS=oko.example.org.",
        )
    elif not [name for name in names if name and name not in LOCAL]:
        yield Finding(
            f"OKO_HOSTS — только этот компьютер: «{','.join(names)}».",
            "Имя, под которым Око открывают люди.",
            "Задайте OKO_HOSTS=oko.example.org.",
        )


@check("secrets", "Ключи")
def secrets() -> Iterator[Finding]:
    kept = environment.secrets_in_use()
    for variable, (_path, value) in kept.items():
        if (
            len(value) < SHORTEST_SECRET
            or len(set(value)) < LEAST_VARIETY
            or value.startswith("django-insecure")
        ):
            yield Finding(
                f"{variable}: ключ короткий или однообразный (знаков: {len(value)}).",
                f"Случайный ключ не короче {SHORTEST_SECRET} знаков.",
                f"Уберите {variable}: Око само сделает ключ. Прежний OKO_SECRET_KEY — в OKO_SECRET_KEY_OLD.",
            )
    if len({value for _path, value in kept.values()}) < len(kept):
        yield Finding(
            "Один и тот же ключ задан для разных дел.",
            "У каждого дела свой ключ.",
            f"Задайте разные значения: {', '.join(kept)}.",
        )


@check("secrets-old", "Прежние ключи", deploy=True)
def secrets_old() -> Iterator[Finding]:
    if settings.SECRET_KEY_FALLBACKS:
        yield Finding(
            f"Прежних ключей в OKO_SECRET_KEY_OLD: {len(settings.SECRET_KEY_FALLBACKS)}.",
            "Ни одного, когда замена ключа окончена.",
            "Через месяц после замены уберите OKO_SECRET_KEY_OLD.",
            advice=True,
        )


@check("debug", "Отладка")
def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(
            "DEBUG включён: страницы ошибок показывают данные и настройки.",
            "DEBUG = False.",
            "Запускайте Око со своими настройками: oko.cabinet.site.settings.",
        )


@check("demo", "Демонстрация", deploy=True)
def demo() -> Iterator[Finding]:
    shown = [hasher for hasher in settings.PASSWORD_HASHERS if ".demo." in hasher]
    if shown:
        yield Finding(
            f"Подходит пароль демонстрации, который знают все: {shown[0]}.",
            "Только хеширование самого Око.",
            "Запускайте oko serve с DJANGO_SETTINGS_MODULE=oko.cabinet.site.settings.",
        )


@check("hasher", "Хранение паролей")
def hasher() -> Iterator[Finding]:
    first = settings.PASSWORD_HASHERS[0] if settings.PASSWORD_HASHERS else ""
    if "Argon2" not in first:
        yield Finding(
            f"Новые пароли хранит «{first}».",
            "Argon2id: oko.cabinet.people.hashers.TunedArgon2.",
            "Верните PASSWORD_HASHERS из oko.cabinet.site.settings.",
        )


@check("second-factor", "Второй фактор", deploy=True)
def second_factor() -> Iterator[Finding]:
    if not settings.SECOND_FACTOR_COMPULSORY:
        yield Finding(
            "Федеральным и региональным ролям второй фактор не обязателен.",
            "SECOND_FACTOR_COMPULSORY = True.",
            "Запускайте Око со своими настройками: oko.cabinet.site.settings.",
        )


@check("cookies", "Файлы cookie", deploy=True)
def cookies() -> Iterator[Finding]:
    for kind in ("SESSION", "CSRF"):
        wrong = [
            name
            for name, wanted in ((f"{kind}_COOKIE_HTTPONLY", True), (f"{kind}_COOKIE_SECURE", settings.HTTPS))
            if getattr(settings, name) != wanted
        ]
        if getattr(settings, f"{kind}_COOKIE_SAMESITE") not in ("Lax", "Strict"):
            wrong.append(f"{kind}_COOKIE_SAMESITE")
        if settings.HTTPS and not getattr(settings, f"{kind}_COOKIE_NAME").startswith("__Host-"):
            wrong.append(f"{kind}_COOKIE_NAME")
        if wrong:
            yield Finding(
                f"Не так, как в Око: {', '.join(wrong)}.",
                "HttpOnly, SameSite=Lax; при HTTPS ещё Secure и имя с «__Host-».",
                "Верните эти настройки из oko.cabinet.site.settings.",
            )
    if settings.SESSION_COOKIE_AGE > LONGEST_COOKIE_AGE:
        yield Finding(
            f"SESSION_COOKIE_AGE = {settings.SESSION_COOKIE_AGE} с: сеанс живёт дольше месяца.",
            f"Не больше {LONGEST_COOKIE_AGE} с.",
            "Верните SESSION_COOKIE_AGE из oko.cabinet.site.settings.",
        )


@check("headers", "Заголовки защиты")
def security_headers() -> Iterator[Finding]:
    if "oko.cabinet.site.headers.SecurityHeaders" not in settings.MIDDLEWARE:
        yield Finding(
            "SecurityHeaders нет в MIDDLEWARE: страницы уходят без защиты браузера.",
            "oko.cabinet.site.headers.SecurityHeaders в начале MIDDLEWARE.",
            "Верните MIDDLEWARE из oko.cabinet.site.settings.",
        )
    if "unsafe" in headers.POLICY or "*" in headers.POLICY:
        yield Finding(
            "Content-Security-Policy разрешает встроенный код или чужие узлы.",
            "Только 'self'.",
            "Верните POLICY в oko/cabinet/site/headers.py.",
        )


@check("uploads", "Размер отправляемого")
def uploads() -> Iterator[Finding]:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is None or limit > LARGEST_UPLOAD:
        yield Finding(
            f"DATA_UPLOAD_MAX_MEMORY_SIZE = {limit}: одним запросом можно занять всю память.",
            f"Не больше {LARGEST_UPLOAD} байт.",
            "Верните DATA_UPLOAD_MAX_MEMORY_SIZE из oko.cabinet.site.settings.",
        )


@check("database-network", "Связь с базой данных", deploy=True)
def database_network() -> Iterator[Finding]:
    for name, database in settings.DATABASES.items():
        host = str(database["HOST"])
        far = bool(host) and not host.startswith("/") and host not in LOCAL
        mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
        if far and mode not in ("require", "verify-ca", "verify-full"):
            yield Finding(
                f"База данных «{name}» на другом узле ({host}), sslmode={mode}: связь может идти открыто.",
                "sslmode=verify-full (или require).",
                "Добавьте в DATABASE_URL ?sslmode=verify-full.",
            )


@check("address-of-database", "Пароль базы данных", deploy=True)
def address_of_database() -> Iterator[Finding]:
    for name, database in settings.DATABASES.items():
        user, password = str(database["USER"]), str(database["PASSWORD"])
        if password and (len(password) < LEAST_VARIETY or password == user):
            yield Finding(
                f"База данных «{name}»: пароль роли «{user}» короткий или равен её имени.",
                f"Случайный пароль не короче {LEAST_VARIETY} знаков, или вход по сокету без пароля.",
                "Смените пароль (ALTER ROLE … PASSWORD) и адрес в DATABASE_URL_FILE.",
            )


@check("django", "Проверки Django")
def django() -> Iterator[Finding]:
    for message in of_django.run_checks(include_deployment_checks=True):
        if (
            message.id not in SAID_OTHERWISE
            and message.level >= of_django.WARNING
            and not message.is_silenced()
        ):
            yield Finding(
                f"{message.id}: {message.msg}", "Django не возражает.", str(message.hint or "См. выше.")
            )
