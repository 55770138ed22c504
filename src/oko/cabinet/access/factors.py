"""Second factors themselves: codes of an authenticator app, passkeys, spare codes. Kept by allauth's MFA.

A code of an app opens once: the counter of the last one used is kept under a row lock, so no second worker
process takes it again (allauth remembers used codes in a cache, which each process has for itself).
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from oko.cabinet.access import journal, keys, second_factor
from oko.cabinet.access.browsers import remember
from oko.cabinet.access.guessing import Source, source_of
from oko.cabinet.access.sign_in import TooManyGuessesError, end_other_sessions
from oko.cabinet.audit.recording import record
from oko.cabinet.foundation import clock
from oko.cabinet.people.models import Account

Type = Authenticator.Type
REAL = (Type.TOTP, Type.WEBAUTHN)
MOST_KEYS = 10
PERIOD = 30  # seconds that one code is shown
DRIFT = 1  # codes before and after the present one that count: telephones go wrong by seconds
PENDING = "pending_totp"


def factors_of(account: Account) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=account, type__in=REAL).order_by("created_at", "pk"))


def has_factor(account: Account) -> bool:
    return Authenticator.objects.filter(user=account, type__in=REAL).exists()


# An authenticator app --------------------------------------------------------------------------------------


def pending_secret(request: HttpRequest) -> str:
    """The secret that is being set up, the same until it is confirmed; encrypted in the session too."""
    if PENDING not in request.session:
        request.session[PENDING] = keys.encrypt(generate_totp_secret())
    return keys.decrypt(request.session[PENDING])


def app_address(account: Account, secret: str) -> str:
    """What the QR code tells the app."""
    return get_adapter().build_totp_url(account, secret)


def add_app(request: HttpRequest, code: str) -> list[str]:
    """Connect the app by its first code; returns the spare codes if these are new.

    Raises:
        ValidationError: the code is not the app's, or an app is connected already.
        TooManyGuessesError: too many wrong codes.
    """
    account = _person(request)
    source = _source(request, account)
    secret = pending_secret(request)
    counter = matching_counter(secret, code, after=0)
    if counter is None:
        _wrong(source, account)  # counted even so: outside of the transaction
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)  # of two clicks one connects
        _needs_an_existing_one_shown(request, account)
        if Authenticator.objects.filter(user=account, type=Type.TOTP).exists():
            raise ValidationError(_("Приложение уже подключено. Чтобы подключить другое, отключите прежнее."))
        Authenticator.objects.create(
            user=account, type=Type.TOTP, data={"secret": keys.encrypt(secret), "counter": counter}
        )
        del request.session[PENDING]
        return _added(request, account, _("приложение с кодами"))


def matching_counter(secret: str, typed: str, *, after: int) -> int | None:
    """Which of the codes that count now was typed, if any; none that is not newer than `after`."""
    present = int(clock.now().timestamp()) // PERIOD
    for counter in range(max(present - DRIFT, after + 1), present + DRIFT + 1):
        if compare_user_code(actual=typed, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


# A passkey -------------------------------------------------------------------------------------------------


def passkey_options(request: HttpRequest) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    return _plain(webauthn.begin_registration(_person(request), passwordless=False))


@transaction.atomic
def add_passkey(request: HttpRequest, name: str, credential: dict[str, Any]) -> list[str]:
    """Connect a passkey; returns the spare codes if these are new.

    Raises:
        ValidationError: the browser's answer does not fit, or there are enough keys.
    """
    account = _person(request)
    Account.objects.select_for_update().get(pk=account.pk)
    _needs_an_existing_one_shown(request, account)
    if Authenticator.objects.filter(user=account, type=Type.WEBAUTHN).count() >= MOST_KEYS:
        raise ValidationError(_("Ключей уже %(most)s. Отключите ненужный.") % {"most": MOST_KEYS})
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValidationError(_("Браузер вернул не то, что ожидалось. Попробуйте ещё раз.")) from error
    kept = name.replace("\x00", "").strip()[:60] or _("Ключ входа")
    webauthn.WebAuthn.add(account, kept, credential)
    return _added(request, account, _("ключ входа «%(name)s»") % {"name": kept})


def challenge(request: HttpRequest) -> dict[str, Any] | None:
    """What the browser needs to show a passkey; None when the person has none."""
    account = _person(request)
    if not Authenticator.objects.filter(user=account, type=Type.WEBAUTHN).exists():
        return None
    return _plain(webauthn.begin_authentication(account))


# Showing a factor ------------------------------------------------------------------------------------------


def verify_code(request: HttpRequest, typed: str) -> None:
    """A code of the app, or a spare code.

    Raises:
        ValidationError: it is neither, or was used before.
        TooManyGuessesError: too many wrong codes.
    """
    account = _person(request)
    source = _source(request, account)
    used = _use_code(account, typed)
    if used is None:
        _wrong(source, account)
    _pass(request, account, source, used)


def verify_passkey(request: HttpRequest, credential: dict[str, Any]) -> None:
    """The browser's answer to `challenge`.

    Raises:
        ValidationError: it does not fit.
        TooManyGuessesError: too many wrong ones.
    """
    account = _person(request)
    source = _source(request, account)
    try:
        webauthn.parse_authentication_response(credential)
        used = webauthn.complete_authentication(account, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        _wrong(source, account)
    _pass(request, account, source, used)


@transaction.atomic
def _use_code(account: Account, typed: str) -> Authenticator | None:
    """The authenticator whose code this is; the code is spent, once, whichever process asks."""
    app = Authenticator.objects.select_for_update().filter(user=account, type=Type.TOTP).first()
    if app is not None:
        counter = matching_counter(keys.decrypt(app.data["secret"]), typed, after=app.data["counter"])
        if counter is not None:
            app.data["counter"] = counter
            app.save(update_fields=["data"])
            return app
    spare = Authenticator.objects.filter(user=account, type=Type.RECOVERY_CODES).first()
    if spare is not None and RecoveryCodes(spare).validate_code(typed):
        return spare
    return None


def _pass(request: HttpRequest, account: Account, source: Source, used: Authenticator) -> None:
    with transaction.atomic():
        used.record_usage()
        source.forgive()
        second_factor.passed(request)
        request.session.cycle_key()
        remember(request, account)
        record(journal.FACTOR_PASSED, account=account, after={"by": used.type})


def _source(request: HttpRequest, account: Account) -> Source:
    source = source_of(request, account.username, account, about="factor ")
    until = source.waits_until()
    if until:
        raise TooManyGuessesError(until)
    return source


def _wrong(source: Source, account: Account) -> NoReturn:
    if source.count_wrong(journal.FACTOR_FAILED):
        raise TooManyGuessesError(source.waits_until())
    raise ValidationError(_("Код не подошёл. Проверьте время на телефоне и введите новый код."))


# Removing, spare codes -------------------------------------------------------------------------------------


@transaction.atomic
def remove(request: HttpRequest, authenticator: Authenticator) -> None:
    """Disconnect a factor; with the last one the spare codes go too."""
    account = _person(request)
    _needs_a_shown_factor(request)
    what = authenticator.get_type_display() if authenticator.type == Type.TOTP else authenticator.wrap().name
    authenticator.delete()
    if not has_factor(account):
        Authenticator.objects.filter(user=account).delete()
        second_factor.begin(request, has_factor=False)
    record(journal.FACTOR_REMOVED, after={"what": str(what)}, account=account)


@transaction.atomic
def new_spare_codes(request: HttpRequest) -> list[str]:
    """New spare codes; the old ones no longer open."""
    account = _person(request)
    _needs_a_shown_factor(request)
    Authenticator.objects.filter(user=account, type=Type.RECOVERY_CODES).delete()
    record(journal.SPARE_CODES, account=account)
    return RecoveryCodes.activate(account).generate_codes()


def spare_codes_left(account: Account) -> int:
    kept = Authenticator.objects.filter(user=account, type=Type.RECOVERY_CODES).first()
    return len(RecoveryCodes(kept).get_unused_codes()) if kept else 0


def forget_all(account: Account) -> int:
    """All factors of an account whose access is being reset."""
    return Authenticator.objects.filter(user=account).delete()[0]


def _needs_a_shown_factor(request: HttpRequest) -> None:
    if not second_factor.is_passed(request):
        raise PermissionDenied


def _needs_an_existing_one_shown(request: HttpRequest, account: Account) -> None:
    """A sign-in that ran beside the first connection began without a factor; it adds none of its own."""
    if has_factor(account):
        _needs_a_shown_factor(request)


def _added(request: HttpRequest, account: Account, what: str) -> list[str]:
    """The first factor brings spare codes and ends sessions in which none was shown."""
    second_factor.passed(request)
    end_other_sessions(request, account)
    record(journal.FACTOR_ADDED, account=account, after={"what": what})
    if Authenticator.objects.filter(user=account, type=Type.RECOVERY_CODES).exists():
        return []
    record(journal.SPARE_CODES, account=account)
    return RecoveryCodes.activate(account).generate_codes()


def _plain(options: Any) -> dict[str, Any]:
    """Options of the ceremony as JSON has them."""
    plain: dict[str, Any] = json.loads(json.dumps(options, default=dict))
    return plain


def _person(request: HttpRequest) -> Account:
    person = request.user
    if not isinstance(person, Account):
        raise PermissionDenied
    return person
