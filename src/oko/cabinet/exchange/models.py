"""What was sent: every version, byte for byte, with who, when and its checksum (mission C7)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.assessments.models import Assessment, Paper
from oko.cabinet.foundation.guarded import GuardedModel, guarded
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, OfOrganisationQuerySet


class StoredFile(models.Model):
    """The bytes of a file, kept once under their checksum and never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("хранимый файл")
        verbose_name_plural = _("хранимые файлы")

    def __str__(self) -> str:
        return self.sha256


class Submission(GuardedModel):
    """One version of a results protocol of one organisation."""

    class State(models.TextChoices):
        RECEIVED = "received", _("проверяется")
        UNREADABLE = "unreadable", _("не прочитан")
        WITHHELD = "withheld", _("не сохранён: есть имена")
        HAS_FINDINGS = "has_findings", _("есть замечания")
        ACCEPTED = "accepted", _("принят")
        RETURNED = "returned", _("возвращён")

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="+", verbose_name=_("работа"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    version = models.PositiveIntegerField(_("версия"))
    sender = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кто отправил"))
    received_at = models.DateTimeField(_("получен"))
    late = models.BooleanField(_("с опозданием"), default=False)
    filename = models.CharField(_("имя файла"), max_length=255)
    size = models.PositiveIntegerField(_("размер"))
    sha256 = models.CharField(_("контрольная сумма"), max_length=64)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    #: Of a file that was not kept because of names: its copy without them, offered to the sender.
    cleaned = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("состояние"), max_length=16, choices=State.choices, default=State.RECEIVED)
    judged_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(_("почему не прочитан"), blank=True)
    findings = models.JSONField(_("замечания"), default=list)
    summary = models.JSONField(_("сводка"), default=dict)
    returned_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(_("комментарий координатора"), blank=True)
    return_undone_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    return_undone_at = models.DateTimeField(null=True, blank=True)

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("протокол результатов")
        verbose_name_plural = _("протоколы результатов")
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "organisation", "version"], name="versions_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["paper", "organisation", "sha256"], name="the_same_file_is_one_submission"
            ),
            models.CheckConstraint(
                condition=Q(state="withheld", file__isnull=True)
                | ~Q(state="withheld") & Q(file__isnull=False),
                name="only_a_file_with_names_is_not_kept",
            ),
            models.CheckConstraint(
                condition=Q(cleaned__isnull=True) | Q(state="withheld"),
                name="only_a_file_with_names_is_cleaned",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(returned_by__isnull=False) & ~Q(comment=""),
                name="a_return_says_who_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["assessment", "state"]),
            models.Index(fields=["organisation", "paper"]),
        ]

    def __str__(self) -> str:
        return f"{self.paper}, {self.organisation}, версия {self.version}"


class UnsortedFile(GuardedModel):
    """A file, sent among others, that is of no known paper: kept until somebody says of which.

    Of one with a column of names the bytes are not kept (law 3).
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("организация")
    )
    sender = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("кто отправил"))
    received_at = models.DateTimeField(_("получен"))
    filename = models.CharField(_("имя файла"), max_length=255)
    size = models.PositiveIntegerField(_("размер"))
    sha256 = models.CharField(_("контрольная сумма"), max_length=64)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    trouble = models.TextField(_("почему не разобран"))
    sorted_as = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="+")
    set_aside_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True, blank=True)

    objects = guarded(OfOrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("неразобранный файл")
        verbose_name_plural = _("неразобранные файлы")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "organisation", "sha256"], name="the_same_unsorted_file_is_one_row"
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True) | Q(set_aside_by__isnull=False),
                name="setting_aside_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filename}, {self.organisation}"
