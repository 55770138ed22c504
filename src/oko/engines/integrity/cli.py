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
    scores: Annotated[
        Path,
        typer.Argument(help="CSV со столбцами school и score или папка работ (…/region=…/works.parquet)."),
    ],
    cuts: Annotated[
        str | None,
        typer.Option(
            "--cuts", help="Наименьший балл отметок «3», «4», «5»: 14,24,33; у работ — из их шкалы."
        ),
    ] = None,
    assessment: Annotated[
        str | None, typer.Option("--assessment", help="Процедура, если в папке их несколько.")
    ] = None,
    paper: Annotated[str | None, typer.Option("--paper", help="Работа, если в папке их несколько.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Таблица по школам: имя.csv или имя.parquet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Всплески у границ отметок: по всем школам и по каждой."""
    from oko.engines.columns import TableError
    from oko.engines.integrity.spikes import SpikesError
    from oko.engines.integrity.spikes import spikes as reckon

    try:
        counts, names, own_cuts, notes = _counted(scores, assessment, paper)
        boundaries = parsed_cuts(cuts) if cuts is not None else list(own_cuts)
        if not boundaries:
            fail("Границы отметок не заданы: добавьте --cuts, например --cuts 14,24,33.")
        found = reckon(counts, names, boundaries)
        if out is not None:
            _write_table(found.schools, out)
    except (TableError, SpikesError) as error:
        fail(str(error))
    if len(names) == 1:
        notes.append("Школа одна: ожидание построено по её же баллам, сравнивать её не с кем.")
    if not (found.schools.in_windows >= found.rule.least_pupils).any():
        notes.append(
            f"Ни в одной школе нет {found.rule.least_pupils} участников рядом с границами: "
            "о школах по отдельности ничего сказать нельзя."
        )
    for note in notes:
        typer.echo(note, err=True)
    if as_json:
        schools = _rows(found.schools)
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
    of = found.schools
    flagged = [index for index in of.p.argsort().tolist() if of.flagged[index]]
    typer.echo(f"Школ {len(names)}, с признаками {len(flagged)}. Признак — повод посмотреть, а не вывод.")
    for index in flagged:
        typer.echo(
            f"  {of.schools[index]}: z = {of.z[index]:.2f}, q = {of.q[index]:.4f}, участников {of.n[index]}"
        )


def _counted(scores: Path, assessment: str | None, paper: str | None) -> tuple[Any, Any, Any, list[str]]:
    """Counts, names of schools, the scale of marks where it is known, and what was left out."""
    if scores.is_dir():
        from oko.engines.integrity.works import count_works

        works = count_works(scores, assessment, paper)
        return works.counts, works.names, works.cuts, works.notes
    from oko.engines.integrity.reading import read_scores

    counts, names, notes = read_scores(scores)
    return counts, names, (), notes


def _columns(found: Any) -> dict[str, Any]:
    return {
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


def _rows(found: Any) -> list[dict[str, Any]]:
    columns = _columns(found)
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _write_table(found: Any, out: Path) -> None:
    from oko.engines.integrity.tables import table_of, write_table

    write_table(table_of(_columns(found)), out)


def parsed_cuts(text: str) -> list[int]:
    """Boundaries given through commas; refuses what is none."""
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        fail(f"Границы «{text}»: нужны целые баллы через запятую, например 14,24,33.")
    if len(set(found)) != len(found):
        fail(f"Границы «{text}»: одна и та же дважды.")
    return found
