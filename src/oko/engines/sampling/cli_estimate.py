"""`oko estimate`: estimates from a sample with the errors of its design."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json

app = console.group()


class Method(StrEnum):
    JK1 = "jk1"
    JKN = "jkn"
    JK2_HALF = "jk2-half"
    JK2_FULL = "jk2-full"
    FAY = "fay"


@app.command()
def estimate(
    data: Annotated[Path, typer.Argument(help="CSV: строка — участник.")],
    weight: Annotated[str, typer.Option("--weight", help="Столбец весов.")],
    strata: Annotated[str | None, typer.Option("--strata", help="Столбец страт.")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Столбец кластеров.")] = None,
    fpc: Annotated[
        str | None, typer.Option("--fpc", help="Столбец размеров страт в совокупности (или долей отбора).")
    ] = None,
    replicates: Annotated[
        Method | None, typer.Option("--replicates", help="Метод повторных выборок.")
    ] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Столбец зон (jk2, fay).")] = None,
    half: Annotated[str | None, typer.Option("--half", help="Столбец половин зоны (jk2, fay).")] = None,
    fay: Annotated[float, typer.Option("--fay", help="Коэффициент Фэя.")] = 0.5,
    hadamard: Annotated[Path | None, typer.Option("--hadamard", help="CSV с матрицей Адамара.")] = None,
    variable: Annotated[str | None, typer.Option("--variable", help="Столбец показателя.")] = None,
    plausible_values: Annotated[
        str | None, typer.Option("--plausible-values", help="Столбцы вероятных значений через запятую.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Столбец групп.")] = None,
    statistic: Annotated[
        str, typer.Option("--statistic", help="mean, total, sd, p25…, slope:СТОЛБЕЦ через запятую.")
    ] = "mean",
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Оценки по выборке и их стандартные ошибки."""
    from oko.engines.sampling.estimation.asked import Asked, AskedError, estimates

    asked = Asked(
        data=data,
        weight=weight,
        strata=strata,
        cluster=cluster,
        fpc=fpc,
        method=str(replicates) if replicates else None,
        zone=zone,
        half=half,
        fay=fay,
        hadamard=hadamard,
        variables=_names(variable, plausible_values),
        by=by,
        statistics=listed(statistic),
    )
    try:
        found, notes = estimates(asked)
    except AskedError as error:
        fail(str(error))
    for note in notes:
        typer.echo(note, err=True)
    rows = [asdict(one) for one in found]
    if as_json:
        print_json(rows)
        return
    typer.echo(f"{'показатель':<14}{'группа':<20}{'n':>8}{'оценка':>14}{'ошибка':>12}")
    for one in found:
        typer.echo(f"{one.statistic:<14}{one.group:<20}{one.n:>8}{one.estimate:>14.4f}{one.se:>12.4f}")


def _names(variable: str | None, plausible_values: str | None) -> tuple[str, ...]:
    if (variable is None) == (plausible_values is None):
        fail("Укажите либо --variable, либо --plausible-values.")
    return listed(variable or plausible_values or "")
