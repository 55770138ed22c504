"""Signing in, and the filters of the list of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from oko.cabinet.people import queries
from oko.cabinet.people.models import Account, Role

LONGEST_LOGIN = Account._meta.get_field("username").max_length or 0


def same_login(text: str) -> str:
    """A login as it is stored: however typed, it counts as one, for the lock against guessing too."""
    return "".join(text.split()).lower()


class SignInForm(AuthenticationForm):
    """Logins come from paper: capitals and spaces in them mean nothing."""

    error_messages = {
        "invalid_login": _("Логин и пароль не подошли. Проверьте раскладку и клавишу Caps Lock."),
        "inactive": _("Учётная запись отключена. Обратитесь к своему координатору."),
    }

    def clean_username(self) -> str:
        return same_login(self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        """A login longer than any there is goes no further: the record of guesses has no room for it."""
        if len(self.cleaned_data.get("username", "")) > LONGEST_LOGIN:
            raise self.get_invalid_login_error()
        return super().clean()


class FilterForm(forms.Form):
    """Filters of the list; what makes no sense is ignored, not refused."""

    text = forms.CharField(label=_("ФИО, телефон, приказ"), required=False, max_length=queries.LONGEST_SEARCH)
    organisation = forms.CharField(
        label=_("Организация или её код"), required=False, max_length=queries.LONGEST_SEARCH
    )
    role = forms.ChoiceField(label=_("Роль"), required=False, choices=[("", _("любая")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Назначение"),
        required=False,
        choices=[("standing", _("действует")), ("ended", _("завершено")), ("all", _("любое"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if choice else "form-control"

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.is_valid()
        return self.cleaned_data
