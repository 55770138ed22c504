"""Wall-clock time: «21.04.2026, 18:00» before anybody has said in which zone.

Deadlines are written so in orders: one text, read by each organisation on its own clock (or on Moscow's).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

MOSCOW = ZoneInfo("Europe/Moscow")


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which clocks in `zone` show `wall`; in a clock change, the earlier of the two."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


class WallClockField(models.Field):  # type: ignore[type-arg]  # Django's Field takes no parameters at run time
    """A PostgreSQL `timestamp without time zone`; in Python a naive datetime."""

    description = _("время на часах")

    def db_type(self, connection: Any) -> str:
        return "timestamp"

    def to_python(self, value: Any) -> datetime | None:
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return value.replace(tzinfo=None)
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError as error:
            raise ValidationError(_("Укажите дату и время, например 21.04.2026 18:00.")) from error

    def get_prep_value(self, value: Any) -> datetime | None:
        return self.to_python(super().get_prep_value(value))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": WallClockFormField, **kwargs})


class WallClockFormField(forms.Field):
    """What the browser's own date-and-time field sends, kept without a zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError as error:
            raise ValidationError(_("Укажите дату и время, например 21.04.2026 18:00.")) from error
