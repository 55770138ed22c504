"""`oko scale`: scales of abilities from responses."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json
from oko.engines.psychometrics.scaling.calibration import Model, Scale

app = console.group("Шкалирование: модели Раша, PCM, 2PL, GPCM.")


@app.callback()
def scale() -> None:
    """Шкалирование ответов."""


@app.command()
def fit(
    responses: Annotated[Path, typer.Argument(help="CSV или Parquet: строка — участник, столбец — задание.")],
    model: Annotated[Model, typer.Option("--model", help="Модель.")],
    groups: Annotated[str | None, typer.Option("--groups", help="Столбец групп.")] = None,
    weights: Annotated[str | None, typer.Option("--weights", help="Столбец весов.")] = None,
    ignore: Annotated[str, typer.Option("--ignore", help="Столбцы, которые не задания, через запятую.")] = "",
    anchors: Annotated[
        Path | None, typer.Option("--anchors", help="JSON с заданиями, параметры которых известны.")
    ] = None,
    scores: Annotated[Path | None, typer.Option("--scores", help="Куда записать оценки участников.")] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Согласие с моделью: infit, outfit, S-X², Q3, M2.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Оценить параметры заданий и, если нужно, участников."""
    from oko.engines.columns import TableError, is_parquet
    from oko.engines.psychometrics.counting import calibrate_parquet
    from oko.engines.psychometrics.scaling.calibration import CalibrationError

    columns: dict[str, Any] = {"groups": groups, "weights": weights, "ignore": listed(ignore)}
    only_items = anchors is None and scores is None and not fit
    try:
        if is_parquet(responses) and not model.has_slopes and only_items:
            result = _as_json(calibrate_parquet(responses, model, **columns))
        else:
            result = _of_persons(responses, model, columns, anchors, scores, fit)
    except (TableError, CalibrationError) as error:
        fail(str(error))
    for note in result["warnings"]:
        typer.echo(note, err=True)
    if as_json:
        print_json(result)
    else:
        typer.echo(_in_words(result))


def _of_persons(
    path: Path, model: Model, columns: Mapping[str, Any], anchors: Path | None, scores: Path | None, fit: bool
) -> dict[str, Any]:
    """The scale of persons that fit into memory, perhaps with their abilities and the fit."""
    from oko.engines.psychometrics.reading import read_study
    from oko.engines.psychometrics.scaling.anchors import read_anchors
    from oko.engines.psychometrics.scaling.calibration import calibrate
    from oko.engines.psychometrics.scaling.fit import fit_of
    from oko.engines.psychometrics.scaling.persons import abilities

    study = read_study(path, **columns)
    found = calibrate(study.responses, model, read_anchors(anchors) if anchors else None)
    result = _as_json(found, study.notes)
    if scores is None and not fit:
        return result
    persons = abilities(found.responses, found.estimate.items, found.estimate.population)
    if scores is not None:
        of_persons = (persons.eap, persons.eap_se, persons.wle, persons.wle_se)
        _write_scores(scores, zip(study.rows.tolist(), *(one.tolist() for one in of_persons), strict=True))
    if fit:
        agreement = fit_of(found, persons)
        result |= _fit_as_json(agreement)
        result["warnings"] += agreement.notes
    return result


def _fit_as_json(agreement: Any) -> dict[str, Any]:
    """Keys beside those of the scale: fit of items, of the model, pairs of items that hang together most."""
    names = [item.item for item in agreement.items]
    pairs = [(float(agreement.Q3[i, j]), names[i], names[j]) for j in range(len(names)) for i in range(j)]
    pairs.sort(key=lambda one: -abs(one[0]))
    return {
        "fit": [asdict(item) for item in agreement.items],
        "model_fit": None if agreement.model is None else asdict(agreement.model),
        "Q3": [[float(value) for value in row] for row in agreement.Q3.tolist()],
        "largest_Q3": [{"items": [one, other], "Q3": value} for value, one, other in pairs[:10]],
    }


def _as_json(found: Scale, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    estimate = found.estimate
    population = estimate.population
    return {
        "model": str(found.model),
        "n_persons": found.persons,
        "n_items": len(found.names),
        "log_likelihood": estimate.log_likelihood,
        "n_parameters": found.n_parameters,
        "converged": estimate.converged,
        "iterations": estimate.iterations,
        "population": [
            {"group": name, "mean": float(mean), "sd": float(sd)}
            for name, mean, sd in zip(found.groups, population.mean, population.sd, strict=True)
        ],
        "items": [{name: getattr(item, name) for name in item.__slots__} for item in found.items()],
        "warnings": [*notes, *found.notes],
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [
        f"Модель {result['model']}: участников {result['n_persons']}, заданий {result['n_items']}, "
        f"параметров {result['n_parameters']}",
        f"Логарифм правдоподобия {result['log_likelihood']:.4f}, шагов {result['iterations']}, "
        + ("сошлось" if result["converged"] else "НЕ СОШЛОСЬ"),
    ]
    for group in result["population"]:
        lines.append(f"Группа {group['group'] or '—'}: среднее {group['mean']:.3f}, σ {group['sd']:.3f}")
    lines.append(f"{'задание':<20} {'наклон':>16} шаги (ошибки)")
    for item in result["items"]:
        slope = f"{item['slope']:.3f}" + (f" ({item['slope_se']:.3f})" if item["slope_se"] else "")
        steps = "  ".join(
            f"{step:.3f}" + (f" ({error:.3f})" if error is not None else "")
            for step, error in zip(item["steps"], item["steps_se"], strict=True)
        )
        lines.append(f"{item['item']:<20} {slope:>16} {steps}")
    return "\n".join(lines)


def _write_scores(path: Path, rows: Iterable[tuple[float, ...]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("row", "eap", "eap_se", "wle", "wle_se"))
            writer.writerows(["" if value != value else value for value in row] for row in rows)
    except OSError as error:
        fail(f"Файл «{path}» не записывается: {error.strerror}.")
