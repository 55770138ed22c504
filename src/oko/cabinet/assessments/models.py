"""An assessment: its papers, its participants, its roadmap, what is published, and how far everybody is."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.foundation.wallclock import WallClockField
from oko.cabinet.organisations.models import Kind, Organisation, within
from oko.cabinet.people.models import SCHOOL_STAFF, Account, Appointment, OfOrganisationQuerySet, Role
from oko.engines import papers as engine


class OfAssessmentQuerySet(VisibleQuerySet[models.Model]):
    """What belongs to the assessment as a whole is read by everybody appointed in it."""

    def visible_to(self, acting: Acting) -> OfAssessmentQuerySet:
        return self.filter(assessment_id=acting.assessment_id)


class FormEdited(GuardedModel):
    """A guarded model that people edit in a form. The database keeps its constraints; the form says in
    its own words
    what they forbid. Django's check before saving would ask the default manager, which refuses.
    """

    class Meta(GuardedModel.Meta):
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        pass


class AssessmentQuerySet(VisibleQuerySet["Assessment"]):
    def visible_to(self, acting: Acting) -> AssessmentQuerySet:
        return self.filter(pk=acting.assessment_id)


class Assessment(GuardedModel):
    """A procedure (ВПР, исследование СПО, regional monitoring) of one season."""

    code = models.SlugField(_("код"), max_length=40, unique=True)
    title = models.CharField(_("название"), max_length=200)
    year = models.PositiveSmallIntegerField(_("год"))
    starts_on = models.DateField(_("начало"))
    ends_on = models.DateField(_("окончание"))
    is_training = models.BooleanField(_("тренировочная"), default=False)
    rehearsal_offset = models.DurationField(
        _("сдвиг репетиционных часов"),
        null=True,
        blank=True,
        help_text=_("На сколько часы тренировки впереди настоящих (или позади)."),
    )

    objects = guarded(AssessmentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("процедура")
        verbose_name_plural = _("процедуры")
        ordering = ["-year", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="an_assessment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(rehearsal_offset__isnull=True) | Q(is_training=True),
                name="only_a_training_assessment_has_a_rehearsal_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Paper(FormEdited):
    """A subject in a grade: when it is written and how it is marked. Its items and scales are data."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+", verbose_name=_("процедура"))
    code = models.SlugField(_("код"), max_length=20)
    subject = models.CharField(_("предмет"), max_length=100)
    grade = models.PositiveSmallIntegerField(_("класс или курс"))
    date = models.DateField(_("дата"), null=True, blank=True)
    minutes = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("длительность частей, минут"))
    parts = models.PositiveSmallIntegerField(_("частей"), default=1)
    variants = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("варианты"))

    objects = guarded(OfAssessmentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("работа")
        verbose_name_plural = _("работы")
        ordering = ["grade", "subject"]
        constraints = [models.UniqueConstraint(fields=["assessment", "code"], name="a_paper_stands_once")]

    def __str__(self) -> str:
        return f"{self.subject}, {self.grade} класс"

    def for_engines(self) -> engine.Paper:
        """The paper as the engines know it, with the scale of the assessment's year."""
        scale = self.scales.filter(year__lte=self.assessment.year).latest("year")
        return engine.Paper(
            code=self.code,
            subject=self.subject,
            grade=self.grade,
            items=tuple(engine.Item(i.code, i.maximum, i.level, i.skill, i.area) for i in self.items.all()),
            scale=(scale.three, scale.four, scale.five),
            parts=self.parts,
            variants=tuple(self.variants),
            minutes=tuple(self.minutes),
        )


class Item(models.Model):
    """One item of a paper, with its maximum, level of difficulty and the skill that it shows."""

    class Difficulty(models.TextChoices):
        BASIC = "Б", _("базовый")
        RAISED = "П", _("повышенный")
        HIGH = "В", _("высокий")

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("порядок"))
    code = models.CharField(_("код"), max_length=10)
    maximum = models.PositiveSmallIntegerField(_("максимальный балл"))
    level = models.CharField(_("уровень"), max_length=1, choices=Difficulty.choices, default=Difficulty.BASIC)
    skill = models.CharField(_("умение"), max_length=400, blank=True)
    area = models.CharField(_("раздел"), max_length=200, blank=True)
    part = models.PositiveSmallIntegerField(_("часть"), default=1)

    class Meta:
        ordering = ["paper", "position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "code"], name="an_item_stands_once"),
            models.CheckConstraint(condition=Q(maximum__gte=1), name="an_item_can_earn_something"),
        ]

    def __str__(self) -> str:
        return self.code


class MarkScale(models.Model):
    """The lowest totals for the marks 3, 4 and 5, from a year on until a newer scale."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="scales")
    year = models.PositiveSmallIntegerField(_("год"))
    three = models.PositiveSmallIntegerField(_("с какого балла «3»"))
    four = models.PositiveSmallIntegerField(_("с какого балла «4»"))
    five = models.PositiveSmallIntegerField(_("с какого балла «5»"))

    class Meta:
        ordering = ["paper", "year"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "year"], name="one_scale_a_year"),
            models.CheckConstraint(
                condition=Q(three__lt=F("four"), four__lt=F("five")), name="a_scale_rises"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.three}/{self.four}/{self.five}"


class Participation(GuardedModel):
    """An organisation writes a paper: one row a class, with the participant codes issued to it (no names)."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="+", verbose_name=_("работа"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    class_label = models.CharField(_("класс"), max_length=12)
    class_number = models.PositiveSmallIntegerField(_("порядковый номер класса"))
    codes = ArrayField(models.CharField(max_length=12), verbose_name=_("коды участников"))

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("участие класса")
        verbose_name_plural = _("участие классов")
        ordering = ["organisation", "paper", "class_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "organisation", "class_label"], name="a_class_writes_a_paper_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.paper}, {self.class_label}"


#: Those who do something for their school; a step of theirs is counted by schools on the board.
SCHOOL_ROLES = SCHOOL_STAFF | {Role.ROOM_ORGANISER, Role.PUBLIC_OBSERVER, Role.TEACHER}


class RoadmapStep(FormEdited):
    """A step of the roadmap (план-график): what is to be done, by whom, from when and until when.

    Opening and closing are wall-clock times: in each organisation's own zone, or in Moscow where the
    order says so.
    """

    class Action(models.TextChoices):
        RESULTS_PROTOCOL = "results_protocol", _("загрузить электронный протокол")
        RECEIVE_REPORT = "receive_report", _("получить отчёт")
        READ = "read", _("ознакомиться с материалами")

    class ZoneRule(models.TextChoices):
        LOCAL = "local", _("по местному времени организации")
        MOSCOW = "moscow", _("по московскому времени")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+", verbose_name=_("процедура"))
    paper = models.ForeignKey(
        Paper, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("работа")
    )
    position = models.PositiveSmallIntegerField(_("порядок"))
    title = models.CharField(_("шаг"), max_length=200)
    action = models.CharField(_("что сделать"), max_length=30, choices=Action.choices)
    instructions = models.TextField(_("как сделать"), blank=True)
    roles = ArrayField(models.CharField(max_length=40, choices=Role.choices), verbose_name=_("кто делает"))
    zone_rule = models.CharField(_("часы"), max_length=10, choices=ZoneRule.choices, default=ZoneRule.LOCAL)
    opens = WallClockField(_("открывается"))
    closes = WallClockField(_("срок"))
    late_until = WallClockField(_("с опозданием принимается до"), null=True, blank=True)

    objects = guarded(OfAssessmentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("шаг плана-графика")
        verbose_name_plural = _("план-график")
        ordering = ["assessment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "position"], name="steps_are_in_order"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="a_step_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(late_until__isnull=True) | Q(late_until__gte=F("closes")),
                name="late_comes_after_the_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_for_schools(self) -> bool:
        """Whether schools do it (and not only coordinators): such steps stand on the board."""
        return bool(SCHOOL_ROLES.intersection(self.roles))

    @property
    def short_title(self) -> str:
        """What tells the step from others of the same action: its paper, or its own title."""
        return str(self.paper) if self.paper else self.title


class StepExceptionQuerySet(OfOrganisationQuerySet):
    def visible_to(self, acting: Acting) -> StepExceptionQuerySet:
        """Those of the organisations that one sees, and those made above that hold for one's own."""
        if acting.scope is Scope.COUNTRY:
            return self.filter(assessment_id=acting.assessment_id)
        supervisor = Organisation.everything.filter(pk=acting.organisation_id).values("supervisor_id")
        above = (
            Q(organisation_id__in=supervisor)
            | Q(organisation_id=acting.region_id)
            | Q(organisation__kind=Kind.FEDERAL)
        )
        return self.filter(within(acting, "organisation") | above, assessment_id=acting.assessment_id)


class StepException(GuardedModel):
    """A pause, an extension or a reopening of a step for one organisation (and those below it), with
    its reason.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", _("приостановка")
        EXTENSION = "extension", _("продление")
        REOPENING = "reopening", _("повторное открытие")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    step = models.ForeignKey(RoadmapStep, models.CASCADE, related_name="+", verbose_name=_("шаг"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    kind = models.CharField(_("что"), max_length=12, choices=Kind.choices)
    until = models.DateTimeField(_("до"), null=True, blank=True)
    reason = models.TextField(_("причина"))
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кто"))
    made_at = models.DateTimeField(_("когда"))
    ended_at = models.DateTimeField(_("снято"), null=True, blank=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")

    objects = guarded(StepExceptionQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("особый срок")
        verbose_name_plural = _("особые сроки")
        ordering = ["-pk"]  # by the order of making: a rehearsal clock may be set back
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="pause") | Q(until__isnull=False), name="an_extension_says_until_when"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_exception_has_a_reason"),
        ]


class StepProgress(GuardedModel):
    """How far one organisation is in one step. Written by `record_progress`, read by boards and home
    pages.
    """

    class State(models.TextChoices):
        NOT_STARTED = "not_started", _("нет данных")
        HAS_FINDINGS = "has_findings", _("есть замечания")
        RETURNED = "returned", _("возвращён")
        SUBMITTED = "submitted", _("загружен")
        DONE = "done", _("принят")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    step = models.ForeignKey(RoadmapStep, models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.NOT_STARTED)
    late = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("ход шага")
        verbose_name_plural = _("ход шагов")
        constraints = [models.UniqueConstraint(fields=["step", "organisation"], name="one_state_a_step")]
        indexes = [models.Index(fields=["assessment", "state"])]


class ProgressSumQuerySet(VisibleQuerySet["ProgressSum"]):
    def visible_to(self, acting: Acting) -> ProgressSumQuerySet:
        """By supervision, as boards count: schools see no sums."""
        if acting.scope is Scope.COUNTRY:
            whose = Q()
        elif acting.scope is Scope.REGION:
            whose = Q(region_id=acting.region_id)
        elif acting.scope is Scope.SUPERVISED:
            whose = Q(supervisor_id=acting.organisation_id)
        else:
            whose = Q(pk__in=[])
        return self.filter(whose, assessment_id=acting.assessment_id)


class ProgressSum(GuardedModel):
    """How far the schools of one supervisor are in one step: so that a board of 40,000 schools adds up 2,500
    lines and not a million rows. What has changed since is marked (`ProgressMark`) and summed before it is
    read (`sums`).
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    step = models.ForeignKey(RoadmapStep, models.CASCADE, related_name="+")
    supervisor = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    region = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    expected = models.PositiveIntegerField()
    done = models.PositiveIntegerField()
    submitted = models.PositiveIntegerField()
    has_findings = models.PositiveIntegerField()
    returned = models.PositiveIntegerField()
    late = models.PositiveIntegerField()

    objects = guarded(ProgressSumQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("сумма хода шага")
        verbose_name_plural = _("суммы хода шагов")
        constraints = [
            models.UniqueConstraint(fields=["step", "supervisor", "region"], name="one_sum_a_supervisor")
        ]


class ProgressMark(models.Model):
    """The sums of this supervisor (of all, where it is null) no longer hold. Triggers write it, in the
    transaction of the change, whoever makes it; nobody waits for anybody, since marks are only added. A
    transaction that changes much marks a supervisor once.
    """

    supervisor = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        verbose_name = _("отметка об изменении хода")
        verbose_name_plural = _("отметки об изменении хода")

    def __str__(self) -> str:
        return str(self.supervisor or "")


def published_for(acting: Acting) -> Q:
    """What the federal level published is for everybody; what a region published is for that region."""
    if acting.scope is Scope.COUNTRY:
        return Q()
    return Q(organisation=None) | Q(organisation_id=acting.region_id)


class NewsQuerySet(VisibleQuerySet["News"]):
    def visible_to(self, acting: Acting) -> NewsQuerySet:
        return self.filter(published_for(acting), assessment_id=acting.assessment_id)


class News(GuardedModel):
    """A publication of the assessment, also on its public page where so marked."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+", verbose_name=_("процедура"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("регион"),
        help_text=_("Пусто: для всех регионов."),
    )
    title = models.CharField(_("заголовок"), max_length=200)
    body = models.TextField(_("текст"))
    published_at = models.DateTimeField(_("опубликовано"))
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("автор"))
    is_public = models.BooleanField(_("видно всем без входа"), default=False)

    objects = guarded(NewsQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("новость")
        verbose_name_plural = _("новости")
        ordering = ["-published_at"]

    def __str__(self) -> str:
        return self.title


class DocumentQuerySet(VisibleQuerySet["Document"]):
    def visible_to(self, acting: Acting) -> DocumentQuerySet:
        """A document without roles is for everybody; those who publish see what they published."""
        published = self.filter(published_for(acting), assessment_id=acting.assessment_id)
        if acting.role == Role.FEDERAL_ORGANISER:
            return published
        mine = Q(roles=[]) | Q(roles__contains=[acting.role])
        if acting.role == Role.REGIONAL_COORDINATOR:
            mine |= Q(organisation_id=acting.organisation_id)
        return published.filter(mine)


class Document(GuardedModel):
    """An order, an instruction or another material of the assessment, for the roles it concerns."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+", verbose_name=_("процедура"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("регион"),
        help_text=_("Пусто: для всех регионов."),
    )
    title = models.CharField(_("название"), max_length=200)
    filename = models.CharField(_("имя файла"), max_length=200)
    content = models.BinaryField(_("содержимое"))
    roles = ArrayField(
        models.CharField(max_length=40, choices=Role.choices),
        verbose_name=_("для кого"),
        default=list,
        blank=True,
    )
    to_confirm = models.BooleanField(
        _("нужно подтвердить ознакомление"),
        default=True,
        help_text=_("Каждый, для кого документ, открывает его и отмечает «Ознакомлен(а)»."),
    )
    published_at = models.DateTimeField(_("опубликовано"))
    #: Which file it is now: computed by the database, so a replaced file cannot pass for the one confirmed.
    sha256 = models.GeneratedField(
        expression=models.Func(
            models.Func("content", function="sha256"), models.Value("hex"), function="encode"
        ),
        output_field=models.CharField(_("контрольная сумма"), max_length=64),
        db_persist=True,
    )

    objects = guarded(DocumentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("документ")
        verbose_name_plural = _("документы")
        ordering = ["-published_at", "title"]

    def __str__(self) -> str:
        return self.title

    def is_for(self, acting: Acting) -> bool:
        """Whether a person who acts so has to confirm it. One without roles is for all but its publisher at
        the top.
        """
        of_role = acting.role in self.roles if self.roles else acting.role != Role.FEDERAL_ORGANISER
        return self.to_confirm and of_role and self.organisation_id in (None, acting.region_id)


class DocumentReadingQuerySet(VisibleQuerySet["DocumentReading"]):
    def visible_to(self, acting: Acting) -> DocumentReadingQuerySet:
        return self.filter(
            within(acting, "appointment__organisation"), appointment__assessment_id=acting.assessment_id
        )


class DocumentReading(GuardedModel):
    """An appointed person opened a document, and perhaps confirmed it. A replaced file is read anew."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="readings")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="readings")
    sha256 = models.CharField(_("контрольная сумма"), max_length=64)
    opened_at = models.DateTimeField(_("открыт"))
    confirmed_at = models.DateTimeField(_("ознакомлен(а)"), null=True, blank=True)

    objects = guarded(DocumentReadingQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("ознакомление с документом")
        verbose_name_plural = _("ознакомление с документами")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "document", "sha256"], name="a_version_is_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.appointment}"
