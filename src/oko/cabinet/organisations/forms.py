"""The forms of the base of organisations: the filters of the list, the facts of one, the upload of many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.organisations import queries
from oko.cabinet.organisations.facts import Facts, ordered_levels, tidy
from oko.cabinet.organisations.models import KIND_IN_SHORT, Kind, Level, Organisation, Ownership, Settlement
from oko.cabinet.organisations.tree import Problem
from oko.cabinet.organisations.zones import DEFAULT_ZONE, RUSSIAN_ZONES

ANY: tuple[str, Any] = ("", _("любые"))
#: How many organisations a field suggests; a longer list is searched by code.
MOST_SUGGESTED = 500


class FilterForm(forms.Form):
    """Filters of the list; what makes no sense is ignored, not refused."""

    text = forms.CharField(label=_("Код или название"), required=False, max_length=queries.LONGEST_SEARCH)
    kind = forms.ChoiceField(label=_("Вид"), required=False, choices=[ANY, *KIND_IN_SHORT.items()])
    region: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        label=_("Регион"), required=False, queryset=None, empty_label=_("любой")
    )
    supervisor: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        label=_("Кому подчиняется"), required=False, queryset=None, empty_label=_("всем")
    )
    municipality: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        label=_("Территория"), required=False, queryset=None, empty_label=_("любая")
    )
    ownership = forms.ChoiceField(label=_("Собственность"), required=False, choices=[ANY, *Ownership.choices])
    settlement = forms.ChoiceField(
        label=_("Населённый пункт"), required=False, choices=[ANY, *Settlement.choices]
    )
    active = forms.ChoiceField(
        label=_("Состояние"),
        required=False,
        choices=[ANY, ("yes", _("действуют")), ("no", _("не действуют"))],
    )

    def __init__(self, acting: Acting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._field("region").queryset = queries.authorities(acting, Kind.REGION)
        self._field("supervisor").queryset = queries.authorities(
            acting, Kind.REGION, Kind.CENTRE, Kind.MUNICIPALITY
        )
        self._field("municipality").queryset = queries.territories(acting)
        if acting.scope is Scope.COUNTRY:
            self._narrow_to_region()
        else:
            del self.fields["region"]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "text" else "form-select"

    def _narrow_to_region(self) -> None:
        """Thousands of municipalities make no list to choose from: first a region, then what is in it."""
        chosen = self.data.get("region", "")
        region = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
        for name in ("supervisor", "municipality"):
            self._field(name).queryset = self._field(name).queryset.filter(region_id=region)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        return self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})


class FactsForm(forms.Form):
    """The facts of one organisation: only those fields that the person may change."""

    code = forms.CharField(
        label=_("Код"),
        max_length=20,
        help_text=_("Латинские буквы и цифры, например edu640012. Потом не меняется."),
    )
    kind = forms.ChoiceField(label=_("Вид"), choices=[])
    name = forms.CharField(label=_("Полное название"), max_length=400)
    short_name = forms.CharField(
        label=_("Краткое название"), max_length=200, help_text=_("Так организация называется в таблицах.")
    )
    supervisor = forms.CharField(
        label=_("Кому подчиняется"),
        max_length=20,
        help_text=_(
            "Код муниципалитета; для государственных, федеральных, частных школ и СПО — "
            "код регионального центра."
        ),
    )
    territory = forms.CharField(
        label=_("Территория"),
        max_length=20,
        required=False,
        help_text=_("Код муниципалитета, где стоит школа или организация СПО. У остальных пусто."),
    )
    ownership = forms.ChoiceField(
        label=_("Собственность"), required=False, choices=[("", _("не указана")), *Ownership.choices]
    )
    settlement = forms.ChoiceField(
        label=_("Населённый пункт"), required=False, choices=[("", _("не указан")), *Settlement.choices]
    )
    levels = forms.MultipleChoiceField(
        label=_("Уровни"), required=False, choices=Level.choices, widget=forms.CheckboxSelectMultiple
    )
    time_zone = forms.ChoiceField(label=_("Часовой пояс"))
    delivery_address = forms.CharField(
        label=_("Адрес доставки"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Куда везти материалы: индекс, населённый пункт, улица, дом."),
    )
    active = forms.BooleanField(
        label=_("Действует"),
        required=False,
        help_text=_("У недействующей организации сотрудники теряют доступ. Данные остаются."),
    )

    def __init__(
        self,
        acting: Acting,
        facts: Facts | None,
        fields: Iterable[str],
        kinds: Iterable[str],
        data: Any = None,
    ) -> None:
        initial = _initial(facts) if facts else {"time_zone": _zone_of(acting), "active": True}
        super().__init__(data, initial=initial)
        self.before = facts
        allowed = set(fields)
        for name in [name for name in self.fields if name not in allowed]:
            del self.fields[name]
        self._offer_choices(facts, kinds)
        self.suggested = self._suggestions(acting) if "supervisor" in self.fields else []
        for field in self.fields.values():
            _dress(field)

    def _offer_choices(self, facts: Facts | None, kinds: Iterable[str]) -> None:
        if "kind" in self.fields:
            offered = set(kinds)
            self._field("kind").choices = [choice for choice in Kind.choices if choice[0] in offered]
        if "time_zone" in self.fields:
            zones = dict(RUSSIAN_ZONES)
            if facts is not None:
                zones.setdefault(facts.time_zone, facts.time_zone)
            self._field("time_zone").choices = list(zones.items())

    def _suggestions(self, acting: Acting) -> list[Organisation]:
        """Authorities to choose from, offered while one types."""
        found = queries.authorities(acting, Kind.REGION, Kind.CENTRE, Kind.MUNICIPALITY)
        for name in ("supervisor", "territory"):
            self.fields[name].widget.attrs.update({"list": "authorities", "autocomplete": "off"})
        return list(found[:MOST_SUGGESTED])

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def facts(self) -> Facts:
        """The facts as the person wants them; what the form does not show stays."""
        stated = {name: self._clean_fact(name) for name in self.fields}
        before = self.before
        if before is None:
            return Facts(**stated)
        kept = {name: getattr(before, name) for name in before.__slots__}
        return Facts(**{**kept, **stated})

    def _clean_fact(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if name == "levels":
            return ordered_levels(value)
        if name in ("code", "supervisor", "territory"):
            return tidy(value).lower()
        return tidy(value) if isinstance(value, str) else value

    def show_problems(self, problems: Iterable[Problem]) -> None:
        """Each broken rule at its field, or above the form where the field is not there."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.message)


def _initial(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__slots__}


def _zone_of(acting: Acting) -> str:
    """A new organisation most likely keeps the clock of the one that enters it."""
    own = Organisation.objects.visible_to(acting).filter(pk=acting.organisation_id).first()
    return own.time_zone if own else DEFAULT_ZONE


def _dress(field: forms.Field) -> None:
    if isinstance(field.widget, forms.CheckboxSelectMultiple | forms.CheckboxInput):
        field.widget.attrs["class"] = "form-check-input"
    elif isinstance(field.widget, forms.Select):
        field.widget.attrs["class"] = "form-select"
    else:
        field.widget.attrs["class"] = "form-control"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Файл XLSX или CSV"),
        allow_empty_file=True,
        max_length=200,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".xlsx,.csv"}),
        error_messages={
            "required": _("Выберите файл."),
            "max_length": _("Слишком длинное имя файла. Переименуйте его."),
        },
    )
