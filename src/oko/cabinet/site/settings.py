"""Settings of the cabinet. Everything that differs between installations comes from the environment."""

from __future__ import annotations

import importlib.resources
import os
import sys
from pathlib import Path

from oko.cabinet.foundation.logs import FORMATS, LEVELS, logging_settings
from oko.cabinet.site.database import database_url, django_database, state_directory
from oko.cabinet.site.environment import one_of, secret, several, whole_number

HERE = Path(__file__).resolve().parent
STATE = state_directory()

SECRET_KEY = secret("OKO_SECRET_KEY", STATE / "secret-key")
#: While a key is being changed: what the old one has signed (sessions, links) still holds.
SECRET_KEY_FALLBACKS = several("OKO_SECRET_KEY_OLD")
#: Events of the journal carry a code made with it; whoever can only write to the database cannot make one.
AUDIT_EVENT_KEY = secret("OKO_AUDIT_EVENT_KEY", STATE / "audit-event-key")
#: Codes of letters are kept as hashes under it, secrets of second factors encrypted with it.
ACCESS_KEY = secret("OKO_ACCESS_KEY", STATE / "access-key")
#: Where the sealer of the journal keeps its key and its signed checkpoints: outside the database.
AUDIT_ROOT = Path(os.environ.get("OKO_AUDIT_DIR") or STATE / "audit").resolve()
DEBUG = False
HTTPS = os.environ.get("OKO_HTTPS", "") == "1"
#: How many proxies of ours stand before the product and tell where a request comes from.
TRUSTED_PROXIES = whole_number("OKO_TRUSTED_PROXIES")
ALLOWED_HOSTS = os.environ.get("OKO_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "oko.cabinet.audit",
    "oko.cabinet.organisations",
    "oko.cabinet.people",
    "oko.cabinet.access",
    "oko.cabinet.assessments",
    "oko.cabinet.appointments",
    "oko.cabinet.exchange",
    "oko.cabinet.results",
    "oko.cabinet.reports",
    "oko.cabinet.site",
    "oko.cabinet.foundation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tables2",
    "allauth",
    "allauth.account",  # its MFA needs it; none of its addresses exists here
    "allauth.mfa",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "oko.cabinet.foundation.request_id.RequestId",
    "oko.cabinet.site.access_log.AccessLog",
    "oko.cabinet.site.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "oko.cabinet.site.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oko.cabinet.access.middleware.SecondFactorMiddleware",
    "oko.cabinet.people.middleware.ActingMiddleware",
    "oko.cabinet.audit.middleware.CircumstancesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "oko.cabinet.site.urls"
WSGI_APPLICATION = "oko.cabinet.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "oko.cabinet.site.context.cabinet",
            ],
            "builtins": ["oko.cabinet.foundation.templatetags.oko"],
        },
    }
]

DATABASES = {"default": django_database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: In each process: report pages as they were drawn, some 40 kB each. With Django's own 300 the readers of a
#: hundred schools would drive each other's pages out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    }
}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["oko.cabinet.people.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "oko.cabinet.people.hashers.TunedArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "oko.cabinet.site.passwords.NotOurOwnWords"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

#: Federal and regional roles, and whoever releases materials, do nothing without a second factor.
SECOND_FACTOR_COMPULSORY = True
MFA_ADAPTER = "oko.cabinet.access.adapter.CabinetMFA"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # there is no sign-up; the check wants them to agree
SILENCED_SYSTEM_CHECKS: list[str] = []

# How long sessions live is said in access.sessions; the cookie outlives each of them.
SESSION_ENGINE = "oko.cabinet.access.sessions"
SESSION_COOKIE_AGE = 28 * 24 * 3600
# Cookies are this host's alone, and scripts do not see them; «__Host-» makes the browser insist on it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}oko_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}oko_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "oko.cabinet.site.views.form_refused"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}oko_language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Only a proxy of ours can say that the browser's side of it is encrypted. Other headers: site/headers.py.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS and TRUSTED_PROXIES > 0
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Moscow"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = STATE / "static"
# The static files of the packaged Tabler, without its Django app.
_TABLER = importlib.resources.files("jazzy_tabler") / "static" / "vendor" / "tabler"
STATICFILES_DIRS = [("tabler", str(_TABLER))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "oko.cabinet.site.static_storage.CabinetStaticStorage"},
}

#: Where the works for reports lie (Parquet, partitioned by assessment, paper and region).
WORKS_ROOT = STATE / "works"
#: Where ordered packages of reports lie until their term; they can be made again, so no backup holds them.
PACKAGES_ROOT = STATE / "packages"

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DJANGO_TABLES2_TEMPLATE = "oko/table.html"

LOG_FORMAT = one_of("OKO_LOG_FORMAT", FORMATS, "line" if sys.stderr.isatty() else "json")
LOGGING = logging_settings(LOG_FORMAT, one_of("OKO_LOG_LEVEL", LEVELS, "WARNING"))
