"""What happened: append-only events, each with its message authentication code."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from oko.cabinet.audit.verbs import RECORDED
from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded


def _said(key: str) -> Any:
    """A value of the event's body, as the database reads it."""
    return KeyTextTransform(key, Cast("body", models.JSONField()))


def _number(key: str) -> models.GeneratedField:
    return models.GeneratedField(
        expression=Cast(_said(key), models.BigIntegerField()),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )


def _word(key: str, length: int) -> models.GeneratedField:
    return models.GeneratedField(
        expression=Cast(_said(key), models.CharField(max_length=length)),
        output_field=models.CharField(max_length=length, null=True),
        db_persist=True,
    )


ONLY_ADDED_TO = "RAISE EXCEPTION 'The journal is only added to';"


class EventQuerySet(VisibleQuerySet["Event"]):
    def visible_to(self, acting: Acting) -> EventQuerySet:
        """The country sees all; a region what was done in it or with its data; others what was done with
        theirs.
        """
        if acting.scope is Scope.COUNTRY:
            return self
        if acting.scope is Scope.REGION:
            return self.filter(Q(region=acting.region_id) | Q(actor_region=acting.region_id))
        return self.filter(organisation=acting.organisation_id)


class Event(GuardedModel):
    """One thing that somebody did. `body` is the event; every other column is generated from it by the
    database, so that none can say anything else.
    """

    id = models.BigAutoField(primary_key=True)
    body = models.TextField(_("событие"))
    mac = models.BinaryField(_("код подлинности"), max_length=32)

    at = models.GeneratedField(
        expression=models.Func(
            Cast(_said("at"), models.FloatField()),
            function="to_timestamp",
            output_field=models.DateTimeField(),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    verb = _word("verb", 60)
    account = _number("account")
    role = _word("role", 40)
    actor_organisation = _number("actor_organisation")
    actor_region = _number("actor_region")
    organisation = _number("organisation")
    region = _number("region")
    assessment = _number("assessment")

    objects = guarded(EventQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("событие журнала")
        verbose_name_plural = _("журнал")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["account", "-id"]),
            models.Index(fields=["organisation", "-id"]),
            models.Index(fields=["region", "-id"]),
            models.Index(fields=["actor_region", "-id"]),
            models.Index(fields=["verb", "-id"]),
        ]
        triggers = [
            pgtrigger.Protect(name="no_change", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_emptying",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=ONLY_ADDED_TO,
            ),
            pgtrigger.Trigger(
                name="to_be_sealed",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="INSERT INTO audit_waitingevent (event, refused) VALUES (NEW.id, FALSE); RETURN NULL;",
            ),
        ]

    @property
    def title(self) -> Any:
        """What happened, in words; an event of a verb that no longer exists keeps its name."""
        known = RECORDED.get(self.verb)
        return known.title if known else self.verb


class WaitingEvent(models.Model):
    """A committed event that is not sealed yet: a line that its own insertion leaves for the sealer.

    So the sealer needs no guess about numbers whose transactions have not ended, and a line without its event
    tells that somebody took the event away.
    """

    event = models.BigIntegerField(primary_key=True)
    refused = models.BooleanField(default=False)  # was not written by this product: never sealed

    class Meta:
        verbose_name = _("событие, которое ждёт печати")
        verbose_name_plural = _("события, которые ждут печати")

    def __str__(self) -> str:
        return str(self.event)


class Seal(models.Model):
    """One link of the chain: a batch of events, their digests, the link over all before it, and a signature.

    What each column means to the arithmetic is said in `chain`.
    """

    seq = models.BigIntegerField(_("звено"), primary_key=True)
    sealed_at = models.DateTimeField(_("запечатано"))
    first_event = models.BigIntegerField(db_index=True)
    events = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    total = models.BigIntegerField()
    link = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)

    class Meta:
        verbose_name = _("звено цепи")
        verbose_name_plural = _("цепь журнала")
        ordering = ["seq"]
        triggers = [
            pgtrigger.Protect(name="no_change", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_emptying",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=ONLY_ADDED_TO,
            ),
        ]

    def __str__(self) -> str:
        return str(self.seq)
