"""How people get in: codes and the lists they were taken in, sessions, known browsers, wrong guesses."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.organisations.models import Organisation
from oko.cabinet.people.models import Account, Appointment

LONGEST_AGENT = 255


class CodeBatchQuerySet(VisibleQuerySet["CodeBatch"]):
    def visible_to(self, acting: Acting) -> CodeBatchQuerySet:
        """Lists of codes are seen where they were issued, by those who hold the issuer's role there."""
        return self.filter(
            organisation_id=acting.organisation_id,
            assessment_id=acting.assessment_id,
            issued_by__role=acting.role,
        )


class CodeBatch(GuardedModel):
    """One list of people who get access. Its codes come into being when it is taken, and are never kept."""

    class Kind(models.TextChoices):
        LETTERS = "letters", _("письма в конвертах")
        LINKS = "links", _("ссылки и отдельно коды")

    issued_by = models.ForeignKey(Appointment, models.PROTECT, related_name="+", verbose_name=_("кто выдаёт"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("от какой организации")
    )
    assessment = models.ForeignKey("assessments.Assessment", models.PROTECT, related_name="+")
    kind = models.CharField(_("вид"), max_length=10, choices=Kind.choices)
    appointments = ArrayField(models.BigIntegerField(), verbose_name=_("кому: назначения"))
    prepared_at = models.DateTimeField(_("подготовлен"))
    taken_at = models.DateTimeField(_("получен"), null=True, blank=True)
    times_taken = models.PositiveSmallIntegerField(_("сколько раз получен"), default=0)
    reason = models.CharField(_("причина последней выдачи"), max_length=400, blank=True)

    objects = guarded(CodeBatchQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("список кодов активации")
        verbose_name_plural = _("списки кодов активации")
        ordering = ["-prepared_at", "-pk"]
        indexes = [models.Index(fields=["organisation", "assessment", "-prepared_at"])]

    def __str__(self) -> str:
        return _("Список № %(number)s: %(kind)s") % {"number": self.pk, "kind": self.get_kind_display()}


class ActivationCode(models.Model):
    """One code for one account, as its keyed hash. Used, void or expired, it never opens anything again.

    Not guarded: it is looked up by a stranger who holds it; pages reach it through people one sees.
    """

    class Purpose(models.TextChoices):
        FIRST = "first", _("первый вход")
        RESET = "reset", _("сброс доступа")

    account = models.ForeignKey(Account, models.PROTECT, related_name="activation_codes")
    batch = models.ForeignKey(CodeBatch, models.PROTECT, null=True, blank=True, related_name="codes")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("чей человек")
    )
    purpose = models.CharField(_("для чего"), max_length=10, choices=Purpose.choices)
    code_hash = models.BinaryField(max_length=32, unique=True)
    link_token = models.CharField(max_length=32, unique=True, null=True, blank=True)
    issued_at = models.DateTimeField(_("выдан"))
    expires_at = models.DateTimeField(_("действует до"))
    used_at = models.DateTimeField(_("использован"), null=True, blank=True)
    voided_at = models.DateTimeField(_("аннулирован"), null=True, blank=True)

    class Meta:
        verbose_name = _("код активации")
        verbose_name_plural = _("коды активации")
        ordering = ["-pk"]
        constraints = [
            # Two coordinators who issue at once: one standing code an account, whoever is first.
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(used_at=None, voided_at=None),
                name="one_standing_code_an_account",
            )
        ]
        indexes = [models.Index(fields=["account", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.account}"

    def stands_at(self, moment: datetime) -> bool:
        return self.used_at is None and self.voided_at is None and self.expires_at > moment


class CabinetSession(AbstractBaseSession):
    """One signed-in browser. The row is the session: without it the cookie opens nothing."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="sessions")
    started_at = models.DateTimeField(_("начат"))
    seen_at = models.DateTimeField(_("последняя работа"))
    address = models.GenericIPAddressField(_("откуда"), null=True, blank=True)
    came_from = models.GenericIPAddressField(_("откуда до того"), null=True, blank=True)
    agent = models.CharField(_("браузер"), max_length=LONGEST_AGENT, blank=True)
    # What a page may name a session by: the key itself is the secret.
    number = models.UUIDField(unique=True, editable=False)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [models.Index(fields=["account", "-seen_at"])]


class KnownBrowser(models.Model):
    """A browser in which somebody has signed in: strangers' guesses do not lock it, and it is remembered
    whence an account was last used.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="browsers")
    token_hash = models.BinaryField(max_length=32, unique=True)
    first_at = models.DateTimeField(_("первый вход"))
    last_at = models.DateTimeField(_("последняя работа"))
    address = models.GenericIPAddressField(_("откуда"), null=True, blank=True)
    agent = models.CharField(_("браузер"), max_length=LONGEST_AGENT, blank=True)

    class Meta:
        verbose_name = _("известный браузер")
        verbose_name_plural = _("известные браузеры")
        ordering = ["-last_at"]
        indexes = [models.Index(fields=["account", "-last_at"])]

    def __str__(self) -> str:
        return self.agent


class AccessRecord(models.Model):
    """What is remembered of an account's secrets, beside the secrets."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="access_record")
    password_set_at = models.DateTimeField(_("пароль задан"), null=True, blank=True)
    two_places_at = models.DateTimeField(_("замечен в двух местах сразу"), null=True, blank=True)
    two_places = models.CharField(_("в каких"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("сведения о доступе")
        verbose_name_plural = _("сведения о доступе")

    def __str__(self) -> str:
        return str(self.account)


class WrongGuesses(models.Model):
    """How often one source has been wrong about one login, since it began to be."""

    login = models.CharField(max_length=60)
    source = models.CharField(max_length=100)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("неверные попытки")
        verbose_name_plural = _("неверные попытки")
        constraints = [models.UniqueConstraint(fields=["login", "source"], name="counted_once")]

    def __str__(self) -> str:
        return f"{self.login} ← {self.source}: {self.count}"
