"""The forms of appointing: short, and the same without JavaScript."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.appointments import queries
from oko.cabinet.appointments.cases import Grades
from oko.cabinet.appointments.conditions import Refusal
from oko.cabinet.appointments.persons import Person
from oko.cabinet.appointments.rules import proposable
from oko.cabinet.appointments.ways import WAYS
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.organisations.facts import tidy
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Role, State

LONGEST_REASON = 400
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def dress(form: forms.Form) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
            field.widget.attrs["class"] = "form-check-input"
        elif isinstance(field.widget, forms.Select):
            field.widget.attrs["class"] = "form-select"
        elif not isinstance(field.widget, forms.HiddenInput):
            field.widget.attrs["class"] = "form-control"


class TidyField(forms.CharField):
    """One line without anything invisible."""

    default_validators = [ProhibitNullCharactersValidator()]

    def clean(self, value: Any) -> Any:
        return super().clean(tidy(value) if isinstance(value, str) else value)


class DayField(forms.DateField):
    """A day as the browser's calendar gives it, or typed as 21.04.2026."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)
        self.error_messages["invalid"] = _("Укажите день, например 21.04.2026.")


class FilterForm(forms.Form):
    """Filters of the list; what makes no sense is ignored, not refused."""

    text = forms.CharField(label=_("ФИО, телефон, почта, приказ"), required=False, max_length=100)
    organisation = forms.CharField(label=_("Организация или её код"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Роль"), required=False, choices=[("", _("любая")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Состояние"),
        required=False,
        choices=[("standing", _("действует или предложено")), *State.choices, ("all", _("любое"))],
    )
    order = forms.ChoiceField(
        label=_("Приказ"),
        required=False,
        choices=[
            ("", _("любой")),
            (queries.NO_ORDER, _("без приказа")),
            (queries.UNSIGNED, _("приказ не подписан")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.is_valid()
        return self.cleaned_data


class ReasonForm(forms.Form):
    reason = TidyField(
        label=_("Причина"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Укажите причину: её увидят те, кого это касается.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class PersonFields(forms.Form):
    """What is known of a person."""

    full_name = TidyField(label=_("ФИО полностью"), max_length=200)
    position = TidyField(label=_("Должность"), max_length=200, required=False)
    phone = TidyField(label=_("Мобильный телефон"), max_length=40, required=False)
    email = forms.EmailField(label=_("Электронная почта"), max_length=254, required=False)
    workplace = TidyField(
        label=_("Место работы: код организации"),
        max_length=20,
        required=False,
        help_text=_("Пусто — не работает в организациях, которые участвуют в процедуре."),
    )
    subjects = TidyField(
        label=_("Специалист по предметам"),
        max_length=500,
        required=False,
        help_text=_("Через запятую: что преподаёт. По ним проверяется, может ли он быть организатором."),
    )

    def __init__(self, acting: Acting, *args: Any, person: Account | None = None, **kwargs: Any) -> None:
        self.acting = acting
        self.person = person
        if person is not None:
            kwargs["initial"] = {
                "full_name": person.full_name,
                "position": person.position,
                "phone": person.phone,
                "email": person.email,
                "workplace": person.workplace.code if person.workplace else "",
                "subjects": ", ".join(person.subjects),
            } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["workplace"].widget.attrs["list"] = "places"
        dress(self)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and sum(c.isdigit() for c in phone) < 5:
            raise ValidationError(_("Укажите телефон цифрами, например +7 900 000-00-00."))
        return phone

    def clean_workplace(self) -> Organisation | None:
        code = self.cleaned_data["workplace"].casefold()
        if not code:
            return None
        if self.person is not None and self.person.workplace and self.person.workplace.code == code:
            return self.person.workplace
        found = Organisation.objects.visible_to(self.acting).filter(code=code).first()
        if found is None:
            raise ValidationError(_("Нет организации с таким кодом. Выберите код из списка."))
        return found

    def clean_subjects(self) -> tuple[str, ...]:
        names = dict.fromkeys(tidy(part)[:100] for part in self.cleaned_data["subjects"].split(","))
        return tuple(name for name in names if name)

    def facts(self) -> Person:
        values = self.cleaned_data
        return Person(**{name: values[name] for name in Person.__dataclass_fields__})


class RestsOn(forms.Form):
    """The order, and what some roles need besides."""

    order_number = TidyField(label=_("Номер приказа"), max_length=60, required=False)
    order_date = DayField(label=_("Дата приказа"), required=False)
    room = TidyField(label=_("Аудитория"), max_length=40, required=False)
    subject = TidyField(
        label=_("Предмет"),
        max_length=100,
        required=False,
        help_text=_("Для организатора — предмет работы в аудитории, для эксперта — что он проверяет."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        number, day = values.get("order_number", ""), values.get("order_date")
        if number and day is None and "order_date" not in self.errors:
            self.add_error("order_date", _now("Укажите дату приказа."))
        if day is not None and not number:
            self.add_error("order_number", _now("Укажите номер приказа."))
        if day is not None and not EARLIEST <= day <= LATEST:
            self.add_error("order_date", _now("Проверьте год приказа."))
        return values

    def show_refusals(self, refusals: list[Refusal]) -> None:
        """Each at its field, if the form has it."""
        names = {"order": "order_number"}
        for one in refusals:
            name = names.get(one.field, one.field)
            self.add_error(name if name in self.fields else None, one.message)


class AppointForm(RestsOn):
    """Role and place; what the role does not need is left empty."""

    role = forms.ChoiceField(label=_("Роль"))
    organisation = TidyField(label=_("Где: код организации"), max_length=20)

    #: Shown by the style sheet only while a role that needs them is chosen.
    needs = ("room", "subject")
    field_order = ["role", "organisation", "order_number", "order_date", "room", "subject"]

    def __init__(self, acting: Acting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acting = acting
        roles = proposable(acting)
        offered = [choice for choice in Role.choices if choice[0] in roles]
        self._field("role").choices = [("", _("выберите роль")), *offered]
        self.suggested = list(queries.places(acting)[: queries.MOST_SUGGESTED])
        self.subjects = Grades(acting.assessment_id).subjects
        self.fields["organisation"].widget.attrs.update({"list": "places", "autocomplete": "off"})
        self.fields["subject"].widget.attrs["list"] = "subjects"
        self.needed = needed_by_role(roles)
        for name in self.needs:
            self._field(name).asked_by_role = True
        dress(self)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_organisation(self) -> Organisation:
        found = (
            Organisation.objects.visible_to(self.acting)
            .filter(code=self.cleaned_data["organisation"].casefold())
            .first()
        )
        if found is None:
            raise ValidationError(_("Нет организации с таким кодом. Выберите код из списка."))
        return found


class CorrectForm(RestsOn):
    def __init__(self, appointment: Appointment, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "order_number": appointment.order_number,
            "order_date": appointment.order_date,
            "room": appointment.room,
            "subject": appointment.subject,
        }
        super().__init__(*args, **kwargs)
        self.subjects = Grades(appointment.assessment_id).subjects
        self.fields["subject"].widget.attrs["list"] = "subjects"
        dress(self)


def needed_by_role(roles: list[str]) -> list[tuple[str, str]]:
    """«Организатор в аудитории: аудитория и предмет», for those roles that need anything."""
    words = []
    for role in roles:
        way = WAYS[role]
        needs = [
            name
            for name, needed in ((_now("аудитория"), way.needs_room), (_now("предмет"), way.needs_subject))
            if needed
        ]
        if needs:
            words.append((str(Role(role).label), ", ".join(needs)))
    return words


class OrderForm(forms.Form):
    number = TidyField(label=_("Номер приказа"), max_length=60)
    day = DayField(label=_("Дата приказа"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Проверьте год приказа."))
        return day


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Файл"),
        allow_empty_file=True,
        max_length=200,
        error_messages={
            "required": _("Выберите файл."),
            "max_length": _("Слишком длинное имя файла. Переименуйте его."),
        },
    )

    def __init__(self, *args: Any, accept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs.update({"class": "form-control", "accept": accept})


class DelegateForm(forms.Form):
    specialist: forms.ModelChoiceField[Appointment] = forms.ModelChoiceField(
        label=_("Технический специалист"), queryset=None, empty_label=None
    )
    until = DayField(
        label=_("По какой день включительно"),
        required=False,
        help_text=_("Пусто — пока не прекратите."),
    )

    def __init__(self, specialists: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["specialist"]
        field.queryset = specialists
        field.label_from_instance = lambda one: one.person.full_name
        dress(self)

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Проверьте год."))
        return day
