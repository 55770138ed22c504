"""What a check says, and the closed list of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One unsafe setting; `check` is put in by whoever runs the check."""

    found: str
    expected: str
    mend: str
    check: str = ""
    #: Worth doing, but not a reason to refuse.
    advice: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Look = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    title: str
    look: Look
    deploy: bool  # matters only where others reach the installation
    database: bool


CHECKS: dict[str, Check] = {}


def check(name: str, title: str, *, deploy: bool = False, database: bool = False) -> Callable[[Look], Look]:
    """Put a function that yields findings on the list."""

    def put(look: Look) -> Look:
        if name in CHECKS:
            raise LookupError(f"Two checks are called {name!r}")
        CHECKS[name] = Check(name, title, look, deploy, database)
        return look

    return put
