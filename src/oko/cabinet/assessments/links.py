"""Where a step is done. Later apps say it here, so that the roadmap and the home page can lead there."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from oko.cabinet.assessments.models import RoadmapStep
from oko.cabinet.foundation.acting import Acting

StepLink = Callable[[RoadmapStep, Acting], str | None]
ActionLink = Callable[[Acting], str | None]

_links: dict[str, StepLink] = {}
_together: dict[str, ActionLink] = {}


def register_step_link(action: str, link: StepLink, *, together: ActionLink | None = None) -> None:
    """Say where steps of an action are done; None is answered where this person cannot do them.

    `together` leads to the place where many steps of the action are done at once.
    """
    _links[action] = link
    if together:
        _together[action] = together


def step_link(step: RoadmapStep, acting: Acting) -> str | None:
    link = _links.get(step.action)
    return link(step, acting) if link else None


def action_link(action: str, acting: Acting) -> str:
    """Where many steps of an action are done: its own place, or the roadmap."""
    together = _together.get(action)
    return (together(acting) if together else None) or reverse("roadmap")


def documents_link(step: RoadmapStep, acting: Acting) -> str:
    """Materials are read where they are published."""
    return reverse("publications")
