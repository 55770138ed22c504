"""Who may do what with an assessment."""

from __future__ import annotations

from typing import Any

import rules

from oko.cabinet.assessments.models import Assessment, RoadmapStep
from oko.cabinet.foundation.acting import Acting
from oko.cabinet.people.models import COORDINATORS, Role


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def is_federal_organiser(acting: Acting, subject: Any = None) -> bool:
    return acting.role == Role.FEDERAL_ORGANISER


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def alters_the_course(acting: Acting, subject: Any = None) -> bool:
    """Pause, extension, reopening: the regional and federal level only; coordinators below may not
    (mission B5).
    """
    return acting.is_regional_or_above and acting.role in (Role.FEDERAL_ORGANISER, Role.REGIONAL_COORDINATOR)


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def follows_others(acting: Acting, subject: Any = None) -> bool:
    return acting.supervises


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def calls_others(acting: Acting, subject: Any = None) -> bool:
    """Telephone numbers are for those whose duty it is to call."""
    return acting.supervises and acting.role in COORDINATORS


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def published_it(acting: Acting, subject: Any = None) -> bool:
    """The federal organiser mends everything that is published, a region what is its own."""
    return (
        subject is None or is_federal_organiser(acting) or subject.organisation_id == acting.organisation_id
    )


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def is_rehearsed(acting: Acting, subject: Any = None) -> bool:
    return isinstance(subject, Assessment) and subject.is_training


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def is_in_own_reach(acting: Acting, subject: Any = None) -> bool:
    """Asked with whether the organisation of the exception is among those that one sees."""
    return bool(subject)


@rules.predicate  # type: ignore[untyped-decorator]  # the library has no types
def reads_and_confirms(acting: Acting, subject: Any = None) -> bool:
    return (
        isinstance(subject, RoadmapStep)
        and subject.action == RoadmapStep.Action.READ
        and acting.role in subject.roles
    )


rules.add_rule("assessments.edit_papers", is_federal_organiser)
rules.add_rule("assessments.edit_roadmap", is_federal_organiser)
rules.add_rule("assessments.make_exception", alters_the_course)
rules.add_rule("assessments.end_exception", alters_the_course & is_in_own_reach)
rules.add_rule("assessments.follow", follows_others)
rules.add_rule("assessments.call", calls_others)
rules.add_rule("assessments.publish", alters_the_course & published_it)
rules.add_rule("assessments.set_clock", alters_the_course & is_rehearsed)
rules.add_rule("assessments.confirm_reading", reads_and_confirms)
