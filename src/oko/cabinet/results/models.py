"""Works and their scores: here the protocols that count; for reports, works lie in Parquet."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.models import Assessment, Paper
from oko.cabinet.exchange.models import Submission
from oko.cabinet.foundation.guarded import GuardedModel, guarded
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import OfOrganisationQuerySet


class ProtocolWorks(GuardedModel):
    """The works of the protocol that counts now for a paper and an organisation, traced to its submission."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="+")
    works = models.JSONField()
    present = models.PositiveIntegerField()
    accepted_at = models.DateTimeField()

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("работы по протоколу")
        verbose_name_plural = _("работы по протоколам")
        constraints = [models.UniqueConstraint(fields=["paper", "organisation"], name="one_protocol_counts")]

    def __str__(self) -> str:
        return f"{self.paper}, {self.organisation}"


class WorksPartition(models.Model):
    """How fresh the Parquet of one paper in one region is.

    `changes` counts the protocols accepted and withdrawn, `written` how many of these the file holds: equal
    numbers mean a fresh file, whatever the clock says (a rehearsal clock may be moved).
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="+")
    region = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    changes = models.PositiveBigIntegerField(default=0)
    written = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True, blank=True)
    protocols = models.PositiveIntegerField(default=0)
    works = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("раздел хранилища работ")
        verbose_name_plural = _("разделы хранилища работ")
        constraints = [models.UniqueConstraint(fields=["paper", "region"], name="one_partition")]

    def __str__(self) -> str:
        return f"{self.paper}, {self.region}"

    @property
    def is_fresh(self) -> bool:
        return self.written == self.changes
