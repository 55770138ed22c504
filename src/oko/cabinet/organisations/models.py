"""The supervision tree: federal organiser → regions → municipalities and centres → schools and colleges."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.acting import Acting, Scope
from oko.cabinet.foundation.guarded import GuardedModel, VisibleQuerySet, guarded
from oko.cabinet.foundation.russian import sort_key
from oko.cabinet.organisations.zones import DEFAULT_ZONE, validate_time_zone


class Kind(models.TextChoices):
    FEDERAL = "federal", _("Федеральный организатор")
    REGION = "region", _("Орган исполнительной власти региона")
    CENTRE = "centre", _("Региональный центр оценки качества")
    MUNICIPALITY = "municipality", _("Муниципальный орган управления образованием")
    SCHOOL = "school", _("Школа")
    COLLEGE = "college", _("Организация СПО")


#: The same in one word, where there is little room.
KIND_IN_SHORT: dict[str, Any] = {
    Kind.FEDERAL: _("Федерация"),
    Kind.REGION: _("Регион"),
    Kind.CENTRE: _("Региональный центр"),
    Kind.MUNICIPALITY: _("Муниципалитет"),
    Kind.SCHOOL: _("Школа"),
    Kind.COLLEGE: _("СПО"),
}


class Ownership(models.TextChoices):
    MUNICIPAL = "municipal", _("муниципальная")
    STATE = "state", _("государственная (региональная)")
    FEDERAL = "federal", _("федеральная")
    PRIVATE = "private", _("частная")


class Settlement(models.TextChoices):
    CITY = "city", _("город")
    TOWN = "town", _("посёлок городского типа")
    VILLAGE = "village", _("сельский населённый пункт")


class Level(models.TextChoices):
    PRIMARY = "noo", _("НОО")
    BASIC = "ooo", _("ООО")
    SECONDARY = "soo", _("СОО")
    VOCATIONAL = "spo", _("СПО")


#: Whom each kind of organisation answers to. A municipality's schools answer to it; state, federal, private
#: and vocational ones to the responsible coordinator at the regional centre (mission A1).
SUPERVISOR_KINDS: dict[str, frozenset[str]] = {
    Kind.FEDERAL: frozenset(),
    Kind.REGION: frozenset({Kind.FEDERAL}),
    Kind.CENTRE: frozenset({Kind.REGION}),
    Kind.MUNICIPALITY: frozenset({Kind.REGION}),
    Kind.SCHOOL: frozenset({Kind.MUNICIPALITY, Kind.CENTRE}),
    Kind.COLLEGE: frozenset({Kind.CENTRE}),
}

SCOPES: dict[str, Scope] = {
    Kind.FEDERAL: Scope.COUNTRY,
    Kind.REGION: Scope.REGION,
    Kind.CENTRE: Scope.SUPERVISED,
    Kind.MUNICIPALITY: Scope.SUPERVISED,
    Kind.SCHOOL: Scope.OWN,
    Kind.COLLEGE: Scope.OWN,
}

validate_code = RegexValidator(
    r"^[a-z]{2,10}\d{0,8}$", _("Код: латинские буквы и цифры, например edu640012.")
)


def within(acting: Acting, organisation: str = "") -> Q:
    """The condition «an organisation that this person may see»; `organisation` is the path of the key.

    What belongs to organisations is looked up by their keys, chosen first: with the tree's columns joined to
    a million rows the database would read them all.
    """
    own = Q(pk=acting.organisation_id)
    if acting.scope is Scope.COUNTRY:
        return Q()
    if acting.scope is Scope.REGION:
        seen = Q(region_id=acting.region_id) | own
    elif acting.scope is Scope.SUPERVISED:
        seen = Q(supervisor_id=acting.organisation_id) | own
    else:
        return Q(**{f"{organisation}_id": acting.organisation_id}) if organisation else own
    if not organisation:
        return seen
    return Q(**{f"{organisation}__in": Organisation.everything.filter(seen).order_by().values("pk")})


def stored_sort_key(short_name: str) -> str:
    return sort_key(short_name)[:250]


class OrganisationQuerySet(VisibleQuerySet["Organisation"]):
    def visible_to(self, acting: Acting) -> OrganisationQuerySet:
        return self.filter(within(acting))

    def schools(self) -> OrganisationQuerySet:
        return self.filter(kind__in=[Kind.SCHOOL, Kind.COLLEGE])


class Organisation(GuardedModel):
    """One node of the tree: `supervisor` is for boards, `municipality` (territory) for statistics."""

    code = models.CharField(_("код"), max_length=20, unique=True, validators=[validate_code])
    kind = models.CharField(_("вид"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("полное название"), max_length=400)
    short_name = models.CharField(_("краткое название"), max_length=200)
    sort_key = models.CharField(max_length=250, editable=False, db_index=True)
    supervisor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supervised",
        verbose_name=_("кому подчиняется"),
    )
    region = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="in_region", verbose_name=_("регион")
    )
    municipality = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="on_territory",
        verbose_name=_("территория"),
    )
    ownership = models.CharField(_("собственность"), max_length=20, choices=Ownership.choices, blank=True)
    settlement = models.CharField(
        _("населённый пункт"), max_length=20, choices=Settlement.choices, blank=True
    )
    levels = ArrayField(
        models.CharField(max_length=3, choices=Level.choices),
        verbose_name=_("уровни"),
        default=list,
        blank=True,
    )
    time_zone = models.CharField(
        _("часовой пояс"), max_length=40, default=DEFAULT_ZONE, validators=[validate_time_zone]
    )
    delivery_address = models.CharField(_("адрес доставки"), max_length=400, blank=True)
    active = models.BooleanField(_("действует"), default=True)

    objects = guarded(OrganisationQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("организация")
        verbose_name_plural = _("организации")
        ordering = ["sort_key", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.FEDERAL, supervisor__isnull=True)
                | ~Q(kind=Kind.FEDERAL) & Q(supervisor__isnull=False),
                name="only_the_federal_organiser_has_no_supervisor",
                violation_error_message=_("Укажите, кому подчиняется организация."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[Kind.FEDERAL, Kind.REGION]) | Q(region__isnull=False),
                name="below_a_region_has_its_region",
                violation_error_message=_("Не определён регион: проверьте, кому подчиняется организация."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[Kind.SCHOOL, Kind.COLLEGE]) | Q(municipality__isnull=False),
                name="a_school_stands_on_a_territory",
                violation_error_message=_("Укажите территорию: муниципалитет, где стоит организация."),
            ),
            models.CheckConstraint(
                condition=~Q(supervisor=F("id")),
                name="nobody_supervises_itself",
                violation_error_message=_("Организация не может подчиняться сама себе."),
            ),
        ]
        indexes = [models.Index(fields=["supervisor", "kind"]), models.Index(fields=["region", "kind"])]

    def __str__(self) -> str:
        return self.short_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = stored_sort_key(self.short_name)
        super().save(*args, **kwargs)

    @property
    def is_school(self) -> bool:
        return self.kind in (Kind.SCHOOL, Kind.COLLEGE)

    @property
    def scope(self) -> Scope:
        return SCOPES[self.kind]

    @property
    def region_code(self) -> str:
        """The two digits of the region in codes and in the partitions of works."""
        digits = "".join(character for character in self.code if character.isdigit())
        return digits[:2] or "00"


class ImportDraftQuerySet(VisibleQuerySet["ImportDraft"]):
    def visible_to(self, acting: Acting) -> ImportDraftQuerySet:
        return self.filter(account_id=acting.account_id, organisation_id=acting.organisation_id)


class ImportDraft(GuardedModel):
    """A file of organisations between its upload and its confirmation: seen by its sender, gone in a day."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("кто")
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="+", verbose_name=_("от какой организации")
    )
    filename = models.CharField(_("имя файла"), max_length=200)
    content = models.BinaryField(_("содержимое"))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = guarded(ImportDraftQuerySet)

    class Meta(GuardedModel.Meta):
        verbose_name = _("загруженный список организаций")
        verbose_name_plural = _("загруженные списки организаций")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename
