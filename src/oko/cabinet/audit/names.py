"""Names for what events hold as codes and numbers.

The journal stands below the apps whose things it names, so it asks for their models by name, when a page is
drawn; what no longer exists keeps its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext_lazy as _


def role_choices() -> list[tuple[str, Any]]:
    roles: Any = apps.get_model("people", "Appointment")._meta.get_field("role").choices
    return [("", _("любая")), *roles]


def role_titles() -> dict[str, Any]:
    return dict(role_choices())


def organisations(numbers: Iterable[int | None]) -> dict[int, Any]:
    """Organisations by number, without asking who may see them: an event that one sees names them anyway."""
    wanted = {number for number in numbers if number}
    model: Any = apps.get_model("organisations", "Organisation")
    return {found.pk: found for found in model.everything.filter(pk__in=wanted)}


def above(number: int) -> set[int]:
    """The organisations that see the data of this one with those of others: up to the federal level."""
    own = organisations([number])[number]
    nearest = {own.supervisor_id, own.region_id} - {None}
    return nearest | {one.supervisor_id for one in organisations(nearest).values() if one.supervisor_id}


def organisation_with_code(code: str) -> int | None:
    model: Any = apps.get_model("organisations", "Organisation")
    found: int | None = (
        model.everything.filter(code=code.strip().lower()).values_list("pk", flat=True).first()
    )
    return found


def accounts_like(text: str, most: int = 200) -> list[int]:
    """Accounts whose name or login holds every word."""
    model: Any = apps.get_model("people", "Account")
    found = model.objects.all()
    for word in text.split():
        found = found.filter(full_name__icontains=word) | found.filter(username__icontains=word)
    return list(found.values_list("pk", flat=True)[:most])


def subject_title(label: str) -> str:
    """«people.appointment:5» → «назначение № 5»."""
    name, _colon, number = label.partition(":")
    model = _model(name)
    return f"{model._meta.verbose_name} № {number}" if model is not None else label


def field_title(subject: str, field: str) -> str:
    """The words for a field of the event's thing."""
    model = _model(subject.partition(":")[0])
    if model is None:
        return field
    try:
        return str(model._meta.get_field(field.removesuffix("_id")).verbose_name)
    except (FieldDoesNotExist, AttributeError):
        return field


def value_title(subject: str, field: str, value: Any) -> str:
    """A value in the words of its field."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("да") if value else _("нет"))
    if isinstance(value, list):
        return ", ".join(value_title(subject, field, item) for item in value) or "—"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {value_title('', key, item)}" for key, item in value.items()) or "—"
    model = _model(subject.partition(":")[0])
    choices: Any = ()
    if model is not None:
        try:
            choices = getattr(model._meta.get_field(field), "choices", None) or ()
        except FieldDoesNotExist:
            choices = ()
    return str(dict(choices).get(value, value))


def _model(name: str) -> Any:
    try:
        return apps.get_model(name)
    except (LookupError, ValueError):
        return None
