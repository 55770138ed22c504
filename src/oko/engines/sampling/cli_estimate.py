"""`oko estimate`: estimates from a sample with the errors of its design."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json
from oko.engines.sampling.estimation.options import Differences, Lonely
from oko.engines.sampling.estimation.replication import Method

app = console.group()


@app.command()
def estimate(
    data: Annotated[Path, typer.Argument(help="CSV: строка — участник.")],
    weight: Annotated[str, typer.Option("--weight", help="Столбец весов.")],
    strata: Annotated[str | None, typer.Option("--strata", help="Столбец страт.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Столбец кластеров; ступени отбора через запятую.")
    ] = None,
    fpc: Annotated[
        str | None,
        typer.Option("--fpc", help="Столбец размеров страт в совокупности (или долей отбора), на ступень."),
    ] = None,
    lonely: Annotated[
        Lonely,
        typer.Option("--lonely", help="Страта с одним кластером: ошибка, отклонение от общего, среднее, 0."),
    ] = Lonely.CERTAINTY,
    replicates: Annotated[
        Method | None, typer.Option("--replicates", help="Метод повторных выборок.")
    ] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Столбец зон (jk2, brr, fay).")] = None,
    half: Annotated[str | None, typer.Option("--half", help="Столбец половин зоны (jk2, brr, fay).")] = None,
    fay: Annotated[float, typer.Option("--fay", help="Коэффициент Фэя.")] = 0.5,
    hadamard: Annotated[Path | None, typer.Option("--hadamard", help="CSV с матрицей Адамара.")] = None,
    replicate_weights: Annotated[
        str, typer.Option("--replicate-weights", help="Столбцы весов повторных выборок или их общее начало.")
    ] = "",
    variable: Annotated[str | None, typer.Option("--variable", help="Столбец показателя.")] = None,
    plausible_values: Annotated[
        str | None, typer.Option("--plausible-values", help="Столбцы вероятных значений через запятую.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Столбец групп.")] = None,
    statistic: Annotated[
        str,
        typer.Option(
            "--statistic",
            help="Через запятую: mean, total, sd, percent, p25…, ratio:X, slope:X, regression:X1+X2.",
        ),
    ] = "mean",
    differences: Annotated[
        Differences | None, typer.Option("--differences", help="Разности групп: попарно или с целым.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Записать в .csv или .parquet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Оценки по выборке и их стандартные ошибки."""
    from oko.engines.columns import TableError, write_table
    from oko.engines.sampling.estimation.asked import Asked, AskedError, estimates
    from oko.engines.sampling.estimation.designs import DesignColumns

    design = DesignColumns(
        strata=strata,
        cluster=listed(cluster or ""),
        fpc=listed(fpc or ""),
        lonely=lonely,
        method=str(replicates) if replicates else None,
        zone=zone,
        half=half,
        fay=fay,
        hadamard=hadamard,
        replicate_weights=listed(replicate_weights),
    )
    asked = Asked(
        data=data,
        weight=weight,
        variables=_names(variable, plausible_values),
        by=by,
        statistics=listed(statistic),
        differences=differences,
        design=design,
    )
    try:
        found, notes = estimates(asked)
        rows = [asdict(one) for one in found]
        if out is not None:
            write_table(out, rows)
    except (AskedError, TableError) as error:
        fail(str(error))
    for note in notes:
        typer.echo(note, err=True)
    if as_json:
        print_json(rows)
        return
    wide = max(len("показатель"), *(len(one.statistic) for one in found)) + 2
    typer.echo(f"{'показатель':<{wide}}{'группа':<20}{'n':>8}{'оценка':>14}{'ошибка':>12}{'deff':>8}")
    for one in found:
        typer.echo(
            f"{one.statistic:<{wide}}{one.group:<20}{one.n:>8}"
            f"{one.estimate:>14.4f}{one.se:>12.4f}{one.deff:>8.2f}"
        )


def _names(variable: str | None, plausible_values: str | None) -> tuple[str, ...]:
    if (variable is None) == (plausible_values is None):
        fail("Укажите либо --variable, либо --plausible-values.")
    return listed(variable or plausible_values or "")
