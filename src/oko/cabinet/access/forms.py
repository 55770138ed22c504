"""What people type to get in, and the filters of the pages about access."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from oko.cabinet.access import codes, states
from oko.cabinet.access.models import CodeBatch
from oko.cabinet.people.models import Account, Role

LONGEST_LOGIN = Account._meta.get_field("username").max_length or 0
LONGEST_PASSWORD = 1000  # the hash of an endless one would be work for nothing
LONGEST_SEARCH = 100


def same_login(text: str) -> str:
    """A login as it is stored: however typed, it counts as one, for the lock against guessing too."""
    return "".join(text.split()).lower()


class LoginField(forms.CharField):
    """Logins come from paper: capitals and spaces in them mean nothing."""

    def clean(self, value: Any) -> str:
        return same_login(super().clean(value))


class SignInForm(forms.Form):
    username = LoginField(label=_("Логин"))
    password = forms.CharField(label=_("Пароль"), strip=False)

    def fits(self) -> bool:
        """Whether there can be such a login and password at all."""
        return (
            len(self.cleaned_data["username"]) <= LONGEST_LOGIN
            and len(self.cleaned_data["password"]) <= LONGEST_PASSWORD
        )


class CodeForm(forms.Form):
    """The code of a letter; with a link the login is known already."""

    username = LoginField(label=_("Логин"), error_messages={"required": _("Введите логин из письма.")})
    code = forms.CharField(
        label=_("Код активации"), error_messages={"required": _("Введите код активации из письма.")}
    )

    def __init__(self, *args: Any, with_login: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_login:
            del self.fields["username"]

    def clean_code(self) -> str:
        code = codes.as_meant(self.cleaned_data["code"])
        if len(code) != codes.LENGTH:
            raise ValidationError(
                _("В коде %(expected)s знаков: латинские буквы и цифры. У вас получилось %(found)s.")
                % {"expected": codes.LENGTH, "found": len(code)}
            )
        return code


class NewPasswordForm(forms.Form):
    """A new password, twice; judged with the account it is for."""

    new_password1 = forms.CharField(label=_("Новый пароль"), strip=False, max_length=LONGEST_PASSWORD)
    new_password2 = forms.CharField(label=_("Новый пароль ещё раз"), strip=False, max_length=LONGEST_PASSWORD)

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        validate_password(password, self.account)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password1"), cleaned.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", _("Пароли не совпали. Введите одно и то же дважды."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    old_password = forms.CharField(label=_("Нынешний пароль"), strip=False, max_length=LONGEST_PASSWORD)
    field_order = ["old_password", "new_password1", "new_password2"]


class PasswordForm(forms.Form):
    """The password once more, before a change of secrets."""

    password = forms.CharField(label=_("Пароль"), strip=False, max_length=LONGEST_PASSWORD)


class FactorCodeForm(forms.Form):
    code = forms.CharField(label=_("Код"), max_length=40, error_messages={"required": _("Введите код.")})


class PasskeyForm(forms.Form):
    name = forms.CharField(max_length=60, required=False)
    credential = forms.JSONField()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Причина"),
        max_length=400,
        min_length=5,
        error_messages={
            "required": _("Напишите причину: она останется в журнале."),
            "min_length": _("Напишите причину подробнее: она останется в журнале."),
        },
    )


class IssueForm(forms.Form):
    """Whom to give access, and how it is handed over."""

    kind = forms.ChoiceField(choices=CodeBatch.Kind.choices)
    everybody = forms.BooleanField(required=False)


class PeopleFilter(forms.Form):
    """Filters of the list; what makes no sense is ignored, not refused."""

    text = forms.CharField(label=_("ФИО или логин"), required=False, max_length=LONGEST_SEARCH)
    organisation = forms.CharField(
        label=_("Организация или её код"), required=False, max_length=LONGEST_SEARCH
    )
    role = forms.ChoiceField(label=_("Роль"), required=False, choices=[("", _("любая")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Доступ"), required=False, choices=[("", _("любой")), *states.State.choices]
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
