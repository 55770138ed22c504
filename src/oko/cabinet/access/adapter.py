"""What django-allauth's MFA asks of us (`MFA_ADAPTER`): secrets encrypted at rest, names in our words."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from oko.cabinet.access import keys


class CabinetMFA(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return keys.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.decrypt(encrypted_text)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        return ValidationError(_("Не подошло. Попробуйте ещё раз."), code=code)

    def get_totp_issuer(self) -> str:
        return _("Око")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": _("Око")}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        return {
            "id": str(user.pk).encode(),
            "display_name": user.full_name,
            "name": user.get_username(),
        }

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Oko sends no mail about secrets: the journal and the page «Вход и безопасность» tell of changes."""
