"""The filters of the journal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.names import role_choices
from oko.cabinet.audit.verbs import Sort

LONGEST_SEARCH = 100
SORTS = [
    (Sort.CHANGE, _("изменение")),
    (Sort.SIGN_IN, _("вход")),
    (Sort.SECRET, _("чтение секрета")),
    (Sort.DOWNLOAD, _("скачивание")),
    (Sort.READING, _("просмотр данных")),
]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class OwnFilter(forms.Form):
    """Filters of «who has looked at my data»; what makes no sense is ignored, not refused."""

    since = _day(_("С какого дня"))
    until = _day(_("По какой день"))
    sort = forms.ChoiceField(label=_("Что сделано"), required=False, choices=[("", _("любое")), *SORTS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if choice else "form-control"

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense and are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class JournalFilter(OwnFilter):
    """Filters of the whole journal."""

    person = forms.CharField(label=_("ФИО или логин"), required=False, max_length=LONGEST_SEARCH)
    role = forms.ChoiceField(label=_("Роль"), required=False, choices=role_choices)
    organisation = forms.CharField(label=_("Код организации"), required=False, max_length=LONGEST_SEARCH)
    verb = forms.CharField(label=_("Слова в названии события"), required=False, max_length=LONGEST_SEARCH)

    field_order = ["since", "until", "person", "role", "organisation", "sort", "verb"]
