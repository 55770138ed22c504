"""People and their appointments: a person × a role × an organisation × an assessment."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.organisations.models import Organisation, within


class Role(models.TextChoices):
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


class AppointmentQuerySet(VisibleQuerySet["Appointment"]):
    def visible_to(self, acting: Acting) -> AppointmentQuerySet:
        return self.filter(within(acting, "organisation"), assessment_id=acting.assessment_id)


class Appointment(GuardedModel):
    """A person's role in one organisation for one assessment, by an order."""

    person = models.ForeignKey(Account, models.PROTECT, related_name="appointments", verbose_name=_("кто"))
    role = models.CharField(_("роль"), max_length=40, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", models.PROTECT, related_name="+", verbose_name=_("процедура")
    )
    order_number = models.CharField(_("номер приказа"), max_length=60, blank=True)
    order_date = models.DateField(_("дата приказа"), null=True, blank=True)
    active = models.BooleanField(_("действует"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = guarded(AppointmentQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("назначение")
        verbose_name_plural = _("назначения")
        ordering = ["organisation__sort_key", "role", "person__full_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation", "assessment"],
                condition=Q(active=True),
                name="appointed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"

    def acting(self) -> Acting:
        """What this appointment lets its holder see and do."""
        organisation = self.organisation
        return Acting(
            appointment_id=self.pk,
            account_id=self.person_id,
            role=self.role,
            organisation_id=organisation.pk,
            region_id=organisation.pk if organisation.kind == "region" else organisation.region_id,
            scope=organisation.scope,
            assessment_id=self.assessment_id,
        )
