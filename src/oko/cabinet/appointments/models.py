"""Lists of responsible people as they were sent, and files of appointments that wait to be confirmed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, OfOrganisationQuerySet, Role


class ResponsibleList(GuardedModel):
    """Who answers for the assessment in an organisation and below it, as sent upwards at one moment.

    What was sent is never changed: a correction is the next version.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", models.PROTECT, related_name="+", verbose_name=_("процедура")
    )
    version = models.PositiveIntegerField(_("версия"))
    sent_at = models.DateTimeField(_("отправлен"))
    sent_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кто отправил"))
    sent_in_role = models.CharField(_("в какой роли"), max_length=40, choices=Role.choices)
    rows = models.JSONField(_("строки"))
    sha256 = models.CharField(max_length=64)

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("список ответственных")
        verbose_name_plural = _("списки ответственных")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "assessment", "version"], name="a_version_of_a_list_is_sent_once"
            )
        ]
        triggers = [pgtrigger.Protect(name="sent_is_sent", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(_("Список ответственных: %(where)s, версия %(version)s")) % {
            "where": self.organisation,
            "version": self.version,
        }


class AppointmentDraftQuerySet(VisibleQuerySet["AppointmentDraft"]):
    def visible_to(self, acting: Acting) -> AppointmentDraftQuerySet:
        return self.filter(appointment_id=acting.appointment_id)


class AppointmentDraft(GuardedModel):
    """A file of appointments between its upload and its confirmation: seen by its sender, gone in a day."""

    appointment = models.ForeignKey(
        "people.Appointment", models.CASCADE, related_name="+", verbose_name=_("чей")
    )
    filename = models.CharField(_("имя файла"), max_length=200)
    content = models.BinaryField(_("содержимое"))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = guarded(AppointmentDraftQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("загруженный список назначений")
        verbose_name_plural = _("загруженные списки назначений")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename
