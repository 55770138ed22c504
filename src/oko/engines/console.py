"""How commands of the engines speak: one kind of group, one way to refuse, one way to print JSON."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import typer

#: Exit code of a command that could not do what was asked.
UNUSABLE = 2


def group(title: str | None = None) -> typer.Typer:
    """A Typer application in the house's style; with a title it is a group that explains itself."""
    return typer.Typer(
        help=title,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=title is not None,
    )


def fail(message: str) -> NoReturn:
    """The reason on standard error, and out with UNUSABLE."""
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)


def listed(text: str) -> tuple[str, ...]:
    """Names given through commas: «a, b» → ("a", "b")."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def print_json(value: Any) -> None:
    """One JSON value on standard output; numbers that JSON has no word for (nan, ∞) become null."""
    typer.echo(json.dumps(_plain(value), ensure_ascii=False, indent=1))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
