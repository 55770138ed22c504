"""What people fill in about an assessment. Every field has its label; every refusal says how to mend it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oko.cabinet.assessments.document_files import MAX_BYTES, check_document
from oko.cabinet.assessments.models import Document, News, Paper, RoadmapStep, StepException
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.wallclock import WallClockFormField, moment
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Role

EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  # wall-clock times have no zone


class CabinetForm(forms.Form):
    """Fields in the cabinet's look; errors stand beside their field and are read out with it."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
                continue
            look = "form-check-input" if isinstance(field.widget, forms.CheckboxInput) else "form-control"
            field.widget.attrs.setdefault("class", "form-select" if _is_select(field) else look)

    def refuse(self, error: ValidationError) -> None:
        """Take over what an action refused, by field where it names fields that stand here."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class CabinetModelForm(CabinetForm, forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A form over a guarded model."""


def _is_select(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.Select)


class WallClock(WallClockFormField):
    """A wall-clock time that a calendar of this century knows."""

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        if found and not EARLIEST <= found.replace(tzinfo=None) < LATEST:
            raise ValidationError(_("Укажите дату между 2000 и 2099 годом."))
        return found


class ExceptionForm(CabinetForm):
    """Pause, extend or reopen: the term is written on the clock of the organisation that is meant."""

    step = forms.ModelChoiceField(RoadmapStep.everything.none(), label=gettext_lazy("Шаг"))
    organisation = forms.CharField(
        label=gettext_lazy("Организация"),
        max_length=20,
        help_text=gettext_lazy(
            "Код школы, муниципалитета, центра или региона, например edu640012. "
            "Действует и на всех, кто ниже."
        ),
    )
    kind = forms.ChoiceField(
        choices=StepException.Kind.choices, label=gettext_lazy("Что сделать"), widget=forms.RadioSelect
    )
    until = WallClock(
        label=gettext_lazy("До какого момента"),
        required=False,
        help_text=gettext_lazy("По часам этой организации. У приостановки можно не указывать."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Причина"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Её увидят организация и все координаторы. Номер приказа или письма — здесь же."
        ),
    )

    def __init__(self, acting: Acting, steps: QuerySet[RoadmapStep], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._acting = acting
        self.fields["step"].queryset = steps  # type: ignore[attr-defined]  # a choice of models has one
        self.fields["organisation"].widget.attrs["list"] = "organisations"
        self.fields["organisation"].widget.attrs["autocapitalize"] = "none"

    def clean_organisation(self) -> Organisation:
        code = self.cleaned_data["organisation"].strip().casefold()
        seen = Organisation.objects.visible_to(self._acting)
        found: Organisation | None = seen.filter(code=code, active=True).first()
        if found is None:
            raise ValidationError(_("Среди ваших организаций нет кода «%s».") % code)
        return found

    def clean(self) -> dict[str, Any]:
        """The term as a moment: its wall clock is the organisation's."""
        data = super().clean() or {}
        organisation, until = data.get("organisation"), data.get("until")
        if organisation and until:
            data["until"] = moment(until, ZoneInfo(organisation.time_zone))
        return data


class StepForm(CabinetModelForm):
    paper = forms.ModelChoiceField(
        Paper.everything.none(),
        label=gettext_lazy("Работа"),
        required=False,
        help_text=gettext_lazy("Пусто: шаг относится ко всем организациям."),
    )
    opens = WallClock(label=gettext_lazy("Открывается"))
    closes = WallClock(label=gettext_lazy("Срок"))
    late_until = WallClock(
        label=gettext_lazy("С опозданием принимается до"),
        required=False,
        help_text=gettext_lazy("Пусто: после срока ничего не принимается."),
    )
    roles = forms.MultipleChoiceField(
        choices=Role.choices, label=gettext_lazy("Кто делает"), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = RoadmapStep
        fields = [
            "position", "title", "action", "paper", "instructions", "roles", "zone_rule", "opens", "closes",
            "late_until",
        ]  # fmt: skip
        widgets = {"instructions": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, papers: QuerySet[Paper], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].queryset = papers  # type: ignore[attr-defined]  # a choice of models has one

    def clean_position(self) -> int:
        position: int = self.cleaned_data["position"]
        if position < 1:
            raise ValidationError(_("Укажите номер по порядку, начиная с 1."))
        taken = RoadmapStep.everything.filter(assessment_id=self.instance.assessment_id, position=position)
        standing = taken.exclude(pk=self.instance.pk).first()
        if standing:
            raise ValidationError(_("На этом месте уже стоит шаг «%s».") % standing.title)
        return position

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, closes, late = data.get("opens"), data.get("closes"), data.get("late_until")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("Срок должен быть позже открытия."))
        if closes and late and late < closes:
            self.add_error("late_until", _("Не раньше срока, или оставьте пустым."))
        protocol = data.get("action") == RoadmapStep.Action.RESULTS_PROTOCOL
        if protocol and not data.get("paper") and "paper" not in self.errors:
            self.add_error("paper", _("У протокола должна быть работа."))
        return data


class NumbersField(forms.CharField):
    """«1, 2, 3, 4» as a list of whole numbers."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(number) for number in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            numbers = [int(part) for part in text.replace(";", ",").split(",") if part.strip()]
        except ValueError as error:
            raise ValidationError(_("Укажите целые числа через запятую, например 1, 2, 3, 4.")) from error
        if not numbers or not all(1 <= number <= 9999 for number in numbers):
            raise ValidationError(_("Укажите целые числа от 1 до 9999 через запятую."))
        return numbers


class PaperForm(CabinetModelForm):
    """What may change about a paper by hand; its items come from a file."""

    minutes = NumbersField(
        label=gettext_lazy("Длительность частей, минут"),
        max_length=100,
        help_text=gettext_lazy("По числу частей, через запятую: 45, 45."),
    )
    variants = NumbersField(
        label=gettext_lazy("Варианты"), max_length=400, help_text=gettext_lazy("Номера через запятую.")
    )

    class Meta:
        model = Paper
        fields = ["date", "minutes", "variants"]
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean_minutes(self) -> list[int]:
        minutes: list[int] = self.cleaned_data["minutes"]
        if len(minutes) != self.instance.parts or max(minutes) > 600:
            raise ValidationError(_("Ожидается чисел: %s, каждое не больше 600.") % self.instance.parts)
        return minutes

    def clean_variants(self) -> list[int]:
        variants: list[int] = self.cleaned_data["variants"]
        if len(set(variants)) != len(variants):
            raise ValidationError(_("Варианты повторяются."))
        return variants


class ScaleForm(CabinetForm):
    year = forms.IntegerField(label=gettext_lazy("Год"), min_value=2000, max_value=2099)
    three = forms.IntegerField(label=gettext_lazy("С какого балла «3»"), min_value=1, max_value=9999)
    four = forms.IntegerField(label=gettext_lazy("С какого балла «4»"), min_value=1, max_value=9999)
    five = forms.IntegerField(label=gettext_lazy("С какого балла «5»"), min_value=1, max_value=9999)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lowest = [data[name] for name in ("three", "four", "five") if data.get(name)]
        if len(lowest) == 3 and not lowest[0] < lowest[1] < lowest[2]:
            raise ValidationError(_("Баллы для «3», «4» и «5» должны возрастать."))
        return data


class PapersFileForm(CabinetForm):
    file = forms.FileField(
        label=gettext_lazy("Файл работ (JSON)"), widget=forms.ClearableFileInput(attrs={"accept": ".json"})
    )


class NewsForm(CabinetModelForm):
    class Meta:
        model = News
        fields = ["title", "body", "is_public"]
        widgets = {"body": forms.Textarea(attrs={"rows": 8})}


class DocumentForm(CabinetModelForm):
    """Title and readers of a document."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        label=gettext_lazy("Для кого"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Никто не отмечен: для всех."),
    )

    class Meta:
        model = Document
        fields = ["title", "roles", "to_confirm"]


class NewDocumentForm(DocumentForm):
    file = forms.FileField(
        label=gettext_lazy("Файл"),
        help_text=gettext_lazy("До 20 МБ: PDF, DOCX, XLSX, ODT, ODS, PNG, JPG."),
        max_length=255,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file:
            return None
        if file.size > MAX_BYTES:
            raise ValidationError(_("Файл больше 20 МБ. Сожмите его или разделите на части."))
        check_document(file.name, file.read())
        file.seek(0)
        return file


class ChangeDocumentForm(NewDocumentForm):
    """The same for a document that stands: without a file, its own stays."""

    file = forms.FileField(
        label=gettext_lazy("Заменить файл"),
        required=False,
        help_text=gettext_lazy(
            "Пусто: файл останется прежним. После замены все, для кого документ, подтверждают его заново."
        ),
        max_length=255,
    )


class ClockForm(CabinetForm):
    to = WallClock(
        label=gettext_lazy("Поставить часы на"), help_text=gettext_lazy("По часам вашей организации.")
    )
