"""Who is at the screen: one person in one role, for one organisation, in one assessment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.http import HttpRequest


class Scope(Enum):
    """How far an organisation sees: the whole country, its region, those it supervises, or itself."""

    COUNTRY = "country"
    REGION = "region"
    SUPERVISED = "supervised"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Acting:
    """The appointment in which a person acts now. Everything that is read is read through it (law 2)."""

    appointment_id: int
    account_id: int
    role: str
    organisation_id: int
    region_id: int | None
    scope: Scope
    assessment_id: int
    #: Where a technical specialist works in a coordinator's cabinet: the delegation that lets them.
    delegation_id: int | None = None

    @property
    def is_regional_or_above(self) -> bool:
        """Pause, extension and reopening belong to the regional and federal level (mission B5)."""
        return self.scope in (Scope.COUNTRY, Scope.REGION)

    @property
    def supervises(self) -> bool:
        return self.scope is not Scope.OWN


class ActingRequest(HttpRequest):
    """A request of a signed-in person: the middleware has put the acting appointment on it."""

    acting: Acting
