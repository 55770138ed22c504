"""People and their appointments: a person × a role × an organisation × an assessment."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.organisations.models import Organisation, within


class Role(models.TextChoices):
    HEAD = "head", _("Руководитель организации")
    FEDERAL_ORGANISER = "federal_organiser", _("Федеральный организатор")
    REGIONAL_COORDINATOR = "regional_coordinator", _("Региональный координатор")
    MUNICIPAL_COORDINATOR = "municipal_coordinator", _("Муниципальный координатор")
    RESPONSIBLE_COORDINATOR = "responsible_coordinator", _("Ответственный координатор")
    SCHOOL_COORDINATOR = "school_coordinator", _("Школьный координатор")
    TECHNICAL_SPECIALIST = "technical_specialist", _("Технический специалист")
    ROOM_ORGANISER = "room_organiser", _("Организатор в аудитории")
    PUBLIC_OBSERVER = "public_observer", _("Общественный наблюдатель")
    INDEPENDENT_OBSERVER = "independent_observer", _("Независимый наблюдатель")
    SCANNING_SPECIALIST = "scanning_specialist", _("Специалист по сканированию")
    EXPERT = "expert", _("Эксперт")
    TEACHER = "teacher", _("Учитель")
    ANALYST = "analyst", _("Аналитик")


#: Roles that may change what belongs to their organisation; the others read.
SCHOOL_STAFF = frozenset({Role.SCHOOL_COORDINATOR, Role.TECHNICAL_SPECIALIST})
COORDINATORS = frozenset(
    {
        Role.FEDERAL_ORGANISER,
        Role.REGIONAL_COORDINATOR,
        Role.MUNICIPAL_COORDINATOR,
        Role.RESPONSIBLE_COORDINATOR,
    }
)


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Who signs in. It holds no rights of its own: these come from appointments.

    Not guarded, since sign-in happens before anybody acts; pages list people through their appointments.
    """

    username = models.CharField(_("логин"), max_length=60, unique=True)
    full_name = models.CharField(_("ФИО"), max_length=200)
    phone = models.CharField(_("телефон"), max_length=40, blank=True)
    email = models.EmailField(_("электронная почта"), blank=True)
    workplace = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("место работы"),
        help_text=_("Где человек работает: по нему проверяется независимость наблюдателей и экспертов."),
    )
    position = models.CharField(_("должность"), max_length=200, blank=True)
    subjects = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("предметы, по которым специалист"),
        default=list,
        blank=True,
    )
    is_active = models.BooleanField(_("действует"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("учётная запись")
        verbose_name_plural = _("учётные записи")

    def __str__(self) -> str:
        return self.full_name


class OfOrganisationQuerySet(VisibleQuerySet[models.Model]):
    """What belongs to one organisation in an assessment is read by it and by those above it."""

    def visible_to(self, acting: Acting) -> OfOrganisationQuerySet:
        return self.filter(within(acting, "organisation"), assessment_id=acting.assessment_id)


class Order(GuardedModel):
    """An order (приказ) of an organisation: what its appointments rest on. Signed in the cabinet by the
    head, or on paper: then its scan is attached.
    """

    assessment = models.ForeignKey(
        "assessments.Assessment", models.PROTECT, related_name="+", verbose_name=_("процедура")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    number = models.CharField(_("номер приказа"), max_length=60)
    date = models.DateField(_("дата приказа"), null=True, blank=True)
    scan_name = models.CharField(_("имя файла скана"), max_length=200, blank=True)
    scan = models.BinaryField(_("скан"), null=True, blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(_("подписан"), null=True, blank=True)
    signed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("кто подписал")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("приказ")
        verbose_name_plural = _("приказы")
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "assessment", "number", "date"],
                nulls_distinct=False,
                name="an_order_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="a_signature_has_its_moment_and_its_hand",
            ),
        ]

    def __str__(self) -> str:
        day = _now("от %(day)s") % {"day": f"{self.date:%d.%m.%Y}"} if self.date else ""
        return f"№ {self.number} {day}".rstrip()


class State(models.TextChoices):
    """How far an appointment is. Only a confirmed one lets its holder act."""

    PROPOSED = "proposed", _("предложено")
    CONFIRMED = "confirmed", _("действует")
    DECLINED = "declined", _("отклонено")
    WITHDRAWN = "withdrawn", _("завершено")


class AppointmentQuerySet(OfOrganisationQuerySet):
    pass


class Appointment(GuardedModel):
    """A person's role in one organisation for one assessment, by an order: proposed, confirmed, withdrawn.

    `organisation` is where the role is held (for an observer: the place that is observed).
    """

    State = State
    #: Set where somebody else works in this appointment: the delegation that lets them.
    delegation: Delegation | None = None

    person = models.ForeignKey(Account, models.PROTECT, related_name="appointments", verbose_name=_("кто"))
    role = models.CharField(_("роль"), max_length=40, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", models.PROTECT, related_name="+", verbose_name=_("процедура")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name=_("приказ")
    )
    room = models.CharField(_("аудитория"), max_length=40, blank=True)
    subject = models.CharField(
        _("предмет"),
        max_length=100,
        blank=True,
        help_text=_("По какому предмету работа в этой аудитории или проверка экспертом."),
    )
    state = models.CharField(_("назначение"), max_length=12, choices=State.choices, default=State.CONFIRMED)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = guarded(AppointmentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("назначение")
        verbose_name_plural = _("назначения")
        ordering = ["organisation__sort_key", "role", "person__full_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation", "assessment"],
                condition=Q(state__in=["proposed", "confirmed"]),
                name="appointed_once",
            )
        ]
        indexes = [
            models.Index(fields=["assessment", "organisation", "role"]),
            models.Index(
                fields=["assessment", "role"], condition=Q(state="proposed"), name="appointments_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"

    @property
    def order_number(self) -> str:
        return self.order.number if self.order else ""

    @property
    def order_date(self) -> date | None:
        return self.order.date if self.order else None

    @property
    def acting_as(self) -> str:
        """The role as the header of each page names it; a delegate is told whose cabinet it is."""
        role = str(self.get_role_display())
        if self.delegation is None:
            return role
        return _now("%(role)s — по поручению (%(who)s)") % {"role": role, "who": self.person.full_name}

    def acting(self) -> Acting:
        """What this appointment lets its holder, or the delegate who works in it, see and do."""
        organisation = self.organisation
        return Acting(
            appointment_id=self.pk,
            account_id=self.delegation.delegate_id if self.delegation else self.person_id,
            role=self.role,
            organisation_id=organisation.pk,
            region_id=organisation.pk if organisation.kind == "region" else organisation.region_id,
            scope=organisation.scope,
            assessment_id=self.assessment_id,
            delegation_id=self.delegation.pk if self.delegation else None,
        )


class AppointmentChangeQuerySet(VisibleQuerySet["AppointmentChange"]):
    def visible_to(self, acting: Acting) -> AppointmentChangeQuerySet:
        return self.filter(
            within(acting, "appointment__organisation"), appointment__assessment_id=acting.assessment_id
        )


class AppointmentChange(GuardedModel):
    """One line of an appointment's history: who took it into which state, when and why."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="changes")
    state = models.CharField(_("состояние"), max_length=12, choices=State.choices)
    made_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("кто")
    )
    made_in_role = models.CharField(_("в какой роли"), max_length=40, choices=Role.choices, blank=True)
    made_at = models.DateTimeField(_("когда"))
    reason = models.CharField(_("причина"), max_length=400, blank=True)

    objects = guarded(AppointmentChangeQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("запись истории назначения")
        verbose_name_plural = _("история назначений")
        ordering = ["pk"]


class DelegationQuerySet(VisibleQuerySet["Delegation"]):
    def visible_to(self, acting: Acting) -> DelegationQuerySet:
        return self.filter(
            within(acting, "appointment__organisation"), appointment__assessment_id=acting.assessment_id
        )


class Delegation(GuardedModel):
    """A coordinator lets a technical specialist of the same organisation work in the coordinator's own
    cabinet until the delegation ends.
    """

    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="delegations", verbose_name=_("чей кабинет")
    )
    delegate = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кому поручено"))
    given_at = models.DateTimeField(_("дано"))
    until = models.DateTimeField(_("действует до"), null=True, blank=True)
    ended_at = models.DateTimeField(_("прекращено"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("кто прекратил")
    )

    objects = guarded(DelegationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("поручение")
        verbose_name_plural = _("поручения")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "delegate"], condition=Q(ended_at=None), name="delegated_once"
            )
        ]


class NoticeQuerySet(VisibleQuerySet["Notice"]):
    def visible_to(self, acting: Acting) -> NoticeQuerySet:
        return self.filter(appointment_id=acting.appointment_id)


class Notice(GuardedModel):
    """A word to one appointed person, shown on the home page until it is read."""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="notices")
    text = models.CharField(_("текст"), max_length=400)
    address = models.CharField(_("куда перейти"), max_length=200, blank=True)
    sent_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(_("когда"))
    read_at = models.DateTimeField(_("прочитано"), null=True, blank=True)

    objects = guarded(NoticeQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("извещение")
        verbose_name_plural = _("извещения")
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["appointment"], condition=Q(read_at=None), name="notices_unread")]
