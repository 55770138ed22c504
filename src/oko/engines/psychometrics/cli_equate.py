"""`oko scale equate` and `oko scale carry`: scores of forms made comparable, marks carried over."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json
from oko.engines.psychometrics.linking.equating import Method

if TYPE_CHECKING:
    from oko.engines.psychometrics.linking.equating import Equated, Whole

app = console.group("Уравнять баллы, перенести границы отметок.")

FormX = Annotated[Path, typer.Argument(help="CSV новой формы: столбцы заданий или --score.")]
FormY = Annotated[Path, typer.Argument(help="CSV старой формы: на её шкалу переводятся баллы.")]
Score = Annotated[str | None, typer.Option("--score", help="Столбец балла; без него — сумма всех заданий.")]
Ignore = Annotated[str, typer.Option("--ignore", help="Столбцы, которые не задания, через запятую.")]
Smooth = Annotated[
    int | None,
    typer.Option("--smooth", min=1, max=20, help="Сгладить лог-линейно: столько моментов сохранить."),
]
MaxX = Annotated[int | None, typer.Option("--max-x", min=1, help="Наибольший балл новой формы.")]
MaxY = Annotated[int | None, typer.Option("--max-y", min=1, help="Наибольший балл старой формы.")]
AsJson = Annotated[bool, typer.Option("--json", help="Напечатать JSON.")]


@app.callback()
def scale() -> None:
    """Уравнять баллы."""


@app.command()
def equate(
    form_x: FormX,
    form_y: FormY,
    method: Annotated[Method, typer.Option("--method", help="Метод.")] = Method.EQUIPERCENTILE,
    score: Score = None,
    anchor: Annotated[
        str | None,
        typer.Option("--anchor", help="Общие задания через запятую: группы разной силы, метод цепной."),
    ] = None,
    smooth: Smooth = None,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, max=100_000, help="Ошибки по стольким повторным выборкам.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Зерно повторных выборок.")] = 1,
    max_x: MaxX = None,
    max_y: MaxY = None,
    ignore: Ignore = "",
    as_json: AsJson = False,
) -> None:
    """Перевести баллы новой формы X на шкалу старой Y; ошибка каждого балла (SEE) рядом."""
    from oko.engines.columns import TableError
    from oko.engines.psychometrics.linking.equating import EquatingError
    from oko.engines.psychometrics.linking.resampling import Design, equated

    common = listed(anchor or "")
    if common and method is not Method.EQUIPERCENTILE:
        fail("С --anchor уравнивание только equipercentile (цепное).")
    try:
        x, y = _taken(form_x, score, common, ignore), _taken(form_y, score, common, ignore)
        design = Design(method, smooth, max_x, max_y)
        found = equated(design, x, y, bootstrap, seed)
    except (TableError, EquatingError) as error:
        fail(str(error))
    how = "bootstrap" if bootstrap else "none" if common else "delta method"
    if as_json:
        print_json(
            {
                "method": ("chained " if common else "") + method,
                "n_x": len(x[0]),
                "n_y": len(y[0]),
                "smooth": smooth,
                "se_by": how,
                "anchor": list(common),
                "conversion": _table(found),
            }
        )
        return
    typer.echo(f"{'балл X':>8}{'балл Y':>12}{'SEE':>10}")
    for row in _table(found):
        typer.echo(f"{row['score']:>8}{row['equivalent']:>12.4f}{row['se']:>10.4f}")


@app.command()
def carry(
    old: Annotated[Path, typer.Argument(help="CSV старой формы, на которой границы заданы.")],
    new: Annotated[Path, typer.Argument(help="CSV новой формы.")],
    cuts: Annotated[str, typer.Option("--cuts", help="Наименьший балл отметок «3», «4», «5»: 14,24,33.")],
    method: Annotated[Method, typer.Option("--method", help="Метод уравнивания.")] = Method.EQUIPERCENTILE,
    old_items: Annotated[
        Path | None,
        typer.Option(
            "--old-items", help="Параметры заданий старой формы (JSON): перенос по истинным баллам."
        ),
    ] = None,
    new_items: Annotated[
        Path | None, typer.Option("--new-items", help="Параметры заданий новой формы на той же шкале.")
    ] = None,
    score: Score = None,
    smooth: Smooth = None,
    max_old: Annotated[
        int | None, typer.Option("--max-old", min=1, help="Наибольший балл старой формы.")
    ] = None,
    max_new: Annotated[
        int | None, typer.Option("--max-new", min=1, help="Наибольший балл новой формы.")
    ] = None,
    ignore: Ignore = "",
    as_json: AsJson = False,
) -> None:
    """Перенести границы отметок на новую форму: прежняя требовательность, другая работа."""
    from oko.engines.columns import TableError
    from oko.engines.psychometrics.linking.equating import EquatingError, form_of, smoothed
    from oko.engines.psychometrics.linking.marks import carry as carried
    from oko.engines.psychometrics.linking.marks import carry_by_items
    from oko.engines.psychometrics.scaling.anchors import read_anchors
    from oko.engines.psychometrics.scaling.calibration import CalibrationError

    if (old_items is None) != (new_items is None):
        fail("Укажите параметры заданий обеих форм: --old-items и --new-items.")
    try:
        borders = [int(one) for one in listed(cuts)]
    except ValueError:
        fail(f"Границы «{cuts}»: нужны целые баллы через запятую, например 14,24,33.")
    try:
        of_old = form_of(_taken(old, score, (), ignore)[0], max_old)
        of_new = form_of(_taken(new, score, (), ignore)[0], max_new)
        if old_items is not None and new_items is not None:
            found = carry_by_items(read_anchors(old_items), read_anchors(new_items), of_old, of_new, borders)
        else:
            if smooth is not None:
                of_old, of_new = smoothed(of_old, smooth), smoothed(of_new, smooth)
            found = carried(of_old, of_new, borders, method)
    except (TableError, EquatingError, CalibrationError) as error:
        fail(str(error))
    by = "irt true score" if old_items is not None else str(method)
    if as_json:
        print_json(
            {"method": by, "n_old": of_old.n, "n_new": of_new.n, "cuts": [asdict(one) for one in found]}
        )
        return
    typer.echo(f"{'было':>6}{'точно':>10}{'ошибка':>9}{'стало':>7}{'не ниже, было':>16}{'стало':>9}")
    for one in found:
        typer.echo(
            f"{one.cut:>6}{one.exact:>10.3f}{one.se:>9.3f}{one.carried:>7}{one.above_old:>16.1%}"
            f"{one.above_new:>9.1%}"
        )


def _taken(path: Path, score: str | None, anchor: tuple[str, ...], ignore: str) -> tuple[Whole, Whole]:
    """Total scores of those who took a form, and their scores on the anchor (zeros without one)."""
    from oko.engines.psychometrics.linking.reading import read_scores

    return read_scores(path, score, anchor, listed(ignore))


def _table(found: Equated) -> list[dict[str, Any]]:
    rows = zip(found.score.tolist(), found.equivalent.tolist(), found.se.tolist(), strict=True)
    return [{"score": int(score), "equivalent": equivalent, "se": se} for score, equivalent, se in rows]
