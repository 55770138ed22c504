"""For the walk of every address: results protocols of the second region's school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from oko.cabinet.exchange.models import StoredFile, Submission
from tests.cabinet.conftest import World


def foreign_submission(world: World) -> int:
    file, _made = StoredFile.objects.get_or_create(sha256="0" * 64, defaults={"size": 1, "content": b"x"})
    submission, _made = Submission.everything.get_or_create(
        paper=world.papers["rus4"],
        organisation=world["school5"],
        version=1,
        defaults={
            "assessment": world.assessment,
            "sender": world.appointments["regional2"].person,
            "received_at": timezone.now(),
            "filename": "протокол.xlsx",
            "size": 1,
            "sha256": file.sha256,
            "file": file,
            "state": Submission.State.ACCEPTED,
        },
    )
    return int(submission.pk)


PROTOCOL: dict[str, Callable[[World], Any]] = {
    "paper": lambda world: "rus4",
    "organisation": lambda world: world["school5"].code,
}
SUBMISSION: dict[str, Callable[[World], Any]] = {"pk": foreign_submission}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {
    "protocol": PROTOCOL,
    "protocol-form": PROTOCOL,
    "protocol-upload": PROTOCOL,
    "submission": SUBMISSION,
    "submission-state": SUBMISSION,
    "submission-original": SUBMISSION,
    "submission-marked": SUBMISSION,
    "submission-cleaned": SUBMISSION,
    "submission-send-cleaned": SUBMISSION,
    "submission-return": SUBMISSION,
    "submission-undo-return": SUBMISSION,
}
