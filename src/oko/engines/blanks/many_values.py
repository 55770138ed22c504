"""Options that take several values at once: `--scans a.pdf b.pdf --out fields.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperCommand, TyperOption


class ManyValues(TyperCommand):
    """A command whose options that may stand several times also take several values after one name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        repeated = {
            name
            for param in self.get_params(ctx)
            if isinstance(param, TyperOption) and param.multiple
            for name in param.opts
        }
        return super().parse_args(ctx, list(_spread(args, repeated)))


def _spread(args: list[str], repeated: set[str]) -> Iterator[str]:
    """`--scans a b` becomes `--scans a --scans b`."""
    current = None
    for arg in args:
        if arg.startswith("-") and arg != "-":
            current = arg if arg in repeated else None
            if current is None:
                yield arg
        elif current is None:
            yield arg
        else:
            yield from (current, arg)
