"""`oko sample`: samples of organisations drawn, and the weights of a study."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, print_json

if TYPE_CHECKING:
    from oko.engines.sampling.drawing.drawing import StratumDraw
    from oko.engines.sampling.drawing.frame import Frame
    from oko.engines.sampling.drawing.plan import Plan

app = console.group("Выборки: отобрать организации, посчитать веса.")

DRAWN_COLUMNS = (
    *("id", "stratum", "status", "replaces", "measure", "probability", "weight", "frame_row"),
    *("second_stage", "second_stage_weight"),
)
AsJson = Annotated[bool, typer.Option("--json", help="Напечатать JSON.")]


@app.command()
def schema() -> None:
    """Напечатать JSON Schema плана выборки."""
    from oko.engines.sampling.drawing.plan import plan_schema

    print_json(plan_schema())


@app.command()
def draw(
    frame: Annotated[Path, typer.Argument(help="CSV: строка — организация.")],
    plan: Annotated[Path, typer.Argument(help="План выборки, JSON (oko sample schema).")],
    out: Annotated[Path, typer.Option("--out", help="Куда записать выборку, CSV.")],
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Зерно: с ним отбор повторяется в точности.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Отобрать организации по плану; весь отбор объясняется.

    План называет код организации (id), меру размера (measure), явные страты (stratify, strata с n и, если
    нужно, start), порядок внутри них (implicit, serpentine), замены (replacements) и исключения (exclusions).
    """
    from oko.engines.columns import TableError
    from oko.engines.sampling.drawing.drawing import draw as draw_sample
    from oko.engines.sampling.drawing.frame import read_frame
    from oko.engines.sampling.drawing.plan import PlanError, load_plan

    used = secrets.randbits(31) if seed is None else seed
    try:
        followed = load_plan(plan)
        units = read_frame(frame, followed)
        drawn = draw_sample(units, followed, used)
    except (PlanError, TableError) as error:
        fail(str(error))
    _write(out, DRAWN_COLUMNS, _rows(drawn))
    result = _explained(followed, units, drawn, used)
    if as_json:
        print_json(result)
    else:
        typer.echo(_in_words(result))


def _rows(drawn: Iterable[StratumDraw]) -> Iterable[tuple[Any, ...]]:
    for stratum in drawn:
        for one in stratum.units:
            second = " ".join(map(str, one.second))
            yield (
                *(one.id, one.stratum, one.status, one.replaces, f"{one.measure:g}", one.probability),
                *(one.weight, one.row, second, "" if one.second_weight is None else one.second_weight),
            )


def _explained(plan: Plan, frame: Frame, drawn: tuple[StratumDraw, ...], seed: int) -> dict[str, Any]:
    """The whole draw: whoever has the frame and this can repeat it by hand."""
    return {
        "title": plan.title,
        "method": plan.method,
        "seed": seed,
        "frame_size": len(frame.ids),
        "excluded": [{"reason": reason, "units": count} for reason, count in frame.excluded.items()],
        "implicit": list(plan.implicit),
        "serpentine": plan.serpentine,
        "strata": [_stratum(one) for one in drawn],
        "n": sum(one.n for one in drawn),
        "sum_of_weights": sum(unit.weight for one in drawn for unit in one.units if not unit.replaces),
    }


def _stratum(one: StratumDraw) -> dict[str, Any]:
    return {
        "stratum": one.stratum,
        "frame_size": one.frame_size,
        "measure": one.measure,
        "n": one.n,
        "start": one.start,
        "interval": one.interval,
        "n_certainty": sum(map(len, one.rounds)),
        "certainty_rounds": [list(ids) for ids in one.rounds],
        "selection_numbers": list(one.numbers),
        "without_replacement": one.without_replacement,
        "units": [{k: v for k, v in asdict(unit).items() if v is not None} for unit in one.units],
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"Отобрано {result['n']} из {result['frame_size']} организаций, зерно {result['seed']}."]
    for one in result["excluded"]:
        lines.append(f"Исключено {one['units']}: {one['reason']}")
    lines.append(f"{'страта':<24}{'в списке':>10}{'отобрано':>10}{'наверняка':>11}{'без замены':>12}")
    for one in result["strata"]:
        lines.append(
            f"{one['stratum'] or '—':<24}{one['frame_size']:>10}{one['n']:>10}{one['n_certainty']:>11}"
            f"{one['without_replacement']:>12}"
        )
    return "\n".join(lines)


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        fail(f"Файл «{path}» не записывается: {error.strerror}.")
