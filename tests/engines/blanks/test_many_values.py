"""Options that take several values after one name."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from oko.engines.blanks.many_values import ManyValues

app = typer.Typer()


@app.callback()
def group() -> None:
    """A group, so that `read` keeps its name."""


@app.command(cls=ManyValues)
def read(
    definitions: list[str],
    scans: Annotated[list[str], typer.Option("--scans")],
    out: Annotated[str, typer.Option("--out")] = "",
) -> None:
    typer.echo(f"{definitions} {scans} {out}")


@pytest.mark.parametrize(
    "line",
    ["A B --scans x y --out f", "A B --scans x --scans y --out f", "A B --out f --scans x y"],
)
def test_values_may_follow_one_name_or_stand_after_a_name_each(line: str) -> None:
    assert CliRunner().invoke(app, ["read", *line.split()]).output == "['A', 'B'] ['x', 'y'] f\n"


def test_an_option_without_any_value_is_told() -> None:
    result = CliRunner().invoke(app, ["read", "A", "--scans"])
    assert result.exit_code == 2
    assert "--scans" in result.output
