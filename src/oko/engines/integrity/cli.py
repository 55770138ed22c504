"""`oko integrity`: signs that results of schools deserve a closer look."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, print_json
from oko.engines.integrity import cli_signs

app = console.group("Признаки необъективности: на что посмотреть внимательнее.")
app.add_typer(cli_signs.app)


@app.callback()
def integrity() -> None:
    """Признаки необъективности."""


@app.command()
def spikes(
    scores: Annotated[Path, typer.Argument(help="CSV со столбцами school и score.")],
    cuts: Annotated[str, typer.Option("--cuts", help="Наименьший балл отметок «3», «4», «5»: 14,24,33.")],
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Всплески у границ отметок: по всем школам и по каждой."""
    from oko.engines.columns import TableError
    from oko.engines.integrity.reading import read_scores
    from oko.engines.integrity.spikes import SpikesError
    from oko.engines.integrity.spikes import spikes as reckon

    try:
        counts, names, notes = read_scores(scores)
        found = reckon(counts, names, parsed_cuts(cuts))
    except (TableError, SpikesError) as error:
        fail(str(error))
    for note in notes:
        typer.echo(note, err=True)
    schools = _schools(found.schools)
    if as_json:
        print_json(
            {
                "rule": asdict(found.rule),
                "n_schools": len(schools),
                "n_scores": int(found.counts.sum()),
                "cuts": [asdict(one) for one in found.boundaries],
                "schools": schools,
                "warnings": notes,
            }
        )
        return
    for cut in found.boundaries:
        typer.echo(
            f"Граница {cut.cut}: у границы и выше {cut.observed_up}, ожидалось {cut.cf_up:.0f}; "
            f"ниже границы не хватает {cut.missing_down:.0f} ({100 * cut.share_of_down_moved:.1f} %)"
        )
    flagged = sorted((one for one in schools if one["flagged"]), key=lambda one: one["p"])
    typer.echo(f"Школ {len(schools)}, с признаками {len(flagged)}. Признак — повод посмотреть, а не вывод.")
    for one in flagged:
        typer.echo(f"  {one['school']}: z = {one['z']:.2f}, q = {one['q']:.4f}, участников {one['n']}")


def _schools(found: Any) -> list[dict[str, Any]]:
    columns = {
        "school": found.schools,
        "n": found.n,
        "in_windows": found.in_windows,
        "observed_up": found.observed_up,
        "expected_up": found.expected_up,
        "z": found.z,
        "p": found.p,
        "q": found.q,
        "flagged": found.flagged,
        "power": found.power,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def parsed_cuts(text: str) -> list[int]:
    """Boundaries given through commas; refuses what is none."""
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        fail(f"Границы «{text}»: нужны целые баллы через запятую, например 14,24,33.")
    if len(set(found)) != len(found):
        fail(f"Границы «{text}»: одна и та же дважды.")
    return found
