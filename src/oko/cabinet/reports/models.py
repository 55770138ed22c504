"""What is kept of reports: that they were received, and the packages that were ordered."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.models import Assessment, Paper
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment, Delegation, OfOrganisationQuerySet


class ReportReceipt(GuardedModel):
    """An organisation opened the report of a paper, and perhaps confirmed that it has it.

    One row for each state of the works: after a protocol was replaced the report is another one, which is
    opened and confirmed anew; the rows before it are the history.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="+", verbose_name=_("работа"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    #: The checksum of the protocol that counted then; of those that counted, where there are several; empty
    #: where none did.
    works_state = models.CharField(_("состояние работ"), max_length=64, blank=True)
    works = models.PositiveIntegerField(_("работ"), default=0)
    opened_at = models.DateTimeField(_("открыт"), null=True, blank=True)
    opened_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("кто открыл")
    )
    confirmed_at = models.DateTimeField(_("подтверждён"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("кто подтвердил")
    )
    late = models.BooleanField(_("с опозданием"), default=False)

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("получение отчёта")
        verbose_name_plural = _("получение отчётов")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "paper", "works_state"], name="a_state_of_a_report_is_received_once"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, opened_by__isnull=True)
                | Q(opened_at__isnull=False, opened_by__isnull=False),
                name="an_opening_says_who",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="a_confirmation_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper}, {self.organisation}"


class PackageQuerySet(VisibleQuerySet["ReportPackage"]):
    def visible_to(self, acting: Acting) -> PackageQuerySet:
        """Those ordered in one's own organisation: what is in them follows what it may see, nobody else."""
        return self.filter(ordered_in_id=acting.organisation_id, assessment_id=acting.assessment_id)


class ReportPackage(GuardedModel):
    """An order: the reports of some papers for a place and all schools in it, as one ZIP."""

    class State(models.TextChoices):
        QUEUED = "queued", _("в очереди")
        MAKING = "making", _("собирается")
        READY = "ready", _("готов")
        FAILED = "failed", _("не собран")
        CANCELLED = "cancelled", _("отменён")
        EXPIRED = "expired", _("удалён по сроку")

    RUNNING = (State.QUEUED, State.MAKING)
    #: How long a finished package is kept.
    KEPT_FOR = timedelta(days=7)

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("для кого")
    )
    #: Where the person acted who ordered it: this organisation may take it.
    ordered_in = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    ordered_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кто заказал"))
    #: With whose rights it is made.
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="+")
    delegation = models.ForeignKey(Delegation, models.PROTECT, null=True, blank=True, related_name="+")
    papers = ArrayField(models.CharField(max_length=20), verbose_name=_("работы"))
    ordered_at = models.DateTimeField(_("заказан"))
    state = models.CharField(_("состояние"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    #: The number of the attempt; whoever works at an earlier one stops.
    attempt = models.PositiveSmallIntegerField(default=1)
    #: When somebody last said that they work at it.
    alive_at = models.DateTimeField()
    trouble = models.TextField(_("почему не собран"), blank=True)
    #: Whose documents lie in it: who sees them no more gets it no more.
    holds = ArrayField(models.BigIntegerField(), default=list, blank=True)
    files = models.PositiveIntegerField(_("файлов"), default=0)
    size = models.PositiveBigIntegerField(_("размер"), default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = guarded(PackageQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("пакет отчётов")
        verbose_name_plural = _("пакеты отчётов")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ordered_in", "assessment"],
                condition=Q(state__in=["queued", "making"]),
                name="one_package_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(trouble=""), name="a_failed_package_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} № {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
