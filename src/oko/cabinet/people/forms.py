"""The filters of the list of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oko.cabinet.people import queries
from oko.cabinet.people.models import Role


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
