"""For the walk of every address: results protocols of the second region's school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from oko.cabinet.exchange.models import StoredFile, Submission, UnsortedFile
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


def foreign_unsorted(world: World) -> int:
    file, _made = StoredFile.objects.get_or_create(sha256="0" * 64, defaults={"size": 1, "content": b"x"})
    unsorted, _made = UnsortedFile.everything.get_or_create(
        assessment=world.assessment,
        organisation=world["school5"],
        sha256=file.sha256,
        defaults={
            "sender": world.appointments["regional2"].person,
            "received_at": timezone.now(),
            "filename": "файл.xlsx",
            "size": 1,
            "file": file,
            "trouble": "Не удалось понять, какой работы этот протокол.",
        },
    )
    return int(unsorted.pk)


PROTOCOL: dict[str, Callable[[World], Any]] = {
    "paper": lambda world: "rus4",
    "organisation": lambda world: world["school5"].code,
}
SUBMISSION: dict[str, Callable[[World], Any]] = {"pk": foreign_submission}
UNSORTED: dict[str, Callable[[World], Any]] = {"pk": foreign_unsorted}

#: address name → parameter → how to find the foreign value
ADDRESSES: dict[str, dict[str, Callable[[World], Any]]] = {
    "protocol": PROTOCOL,
    "protocol-form": PROTOCOL,
    "protocol-upload": PROTOCOL,
    "unsorted-original": UNSORTED,
    "unsorted-sort": UNSORTED,
    "unsorted-set-aside": UNSORTED,
    "submission": SUBMISSION,
    "submission-state": SUBMISSION,
    "submission-original": SUBMISSION,
    "submission-marked": SUBMISSION,
    "submission-cleaned": SUBMISSION,
    "submission-send-cleaned": SUBMISSION,
    "submission-return": SUBMISSION,
    "submission-undo-return": SUBMISSION,
}
