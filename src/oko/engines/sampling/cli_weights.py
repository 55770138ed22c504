"""`oko sample weights`: the weights of a study, how many took part, replicates, files for SPSS and R."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from oko.engines import console
from oko.engines.console import fail, print_json

if TYPE_CHECKING:
    from oko.engines.sampling.weighting.files import Variable
    from oko.engines.sampling.weighting.study import Study
    from oko.engines.sampling.weighting.weights import Weights

app = console.group("Веса исследования.")

_LABELS = {
    "bw_school": "Базовый вес школы: сумма меры размера страты / (отобрано школ × мера размера школы)",
    "adj_school": "Поправка на неучаствовавшие школы",
    "w_class": "Вес класса: классов всего / отобрано",
    "adj_student": "Поправка на неучаствовавших учеников",
    "w_final": "Итоговый вес ученика",
    "TOTWGT": "Total student weight (= w_final)",
    "JKZONE": "Jackknife zone",
    "JKREP": "Jackknife replicate code",
}
_RATES_RU = {
    "school_unweighted_before": "школы, до замен",
    "school_unweighted_after": "школы, с заменами",
    "school_weighted_before": "школы с весами, до замен",
    "school_weighted_after": "школы с весами, с заменами",
    "student_unweighted": "ученики",
    "student_weighted": "ученики с весами",
    "overall_unweighted_after": "вместе, с заменами",
    "overall_weighted_after": "вместе с весами, с заменами",
}


@app.callback()
def sample() -> None:
    """Веса исследования."""


@app.command()
def weights(
    study: Annotated[Path, typer.Argument(help="CSV: строка — отобранная школа.")],
    out: Annotated[Path, typer.Option("--out", help="Куда записать веса: .csv, .parquet или .sav.")],
    cells: Annotated[
        str | None, typer.Option("--cells", help="Столбец ячеек поправки на неучастие; без него — страты.")
    ] = None,
    trim: Annotated[
        float | None, typer.Option("--trim", min=1, help="Наибольший вес, в медианах своей страты.")
    ] = None,
    margins: Annotated[
        Path | None, typer.Option("--margins", help="CSV известных итогов: column, value, total.")
    ] = None,
    replicates: Annotated[
        str | None,
        typer.Option("--replicates", help="Повторные веса: jk1, jkn, jk2, jk2-half, brr, fay."),
    ] = None,
    fay: Annotated[float, typer.Option("--fay", min=0, max=0.99, help="Коэффициент Фэя.")] = 0.5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Зерно: какая школа пары первая.")] = 0,
    codebook: Annotated[
        Path | None, typer.Option("--codebook", help="Куда записать книгу кодов, CSV.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Веса учеников по шагам и доли участия.

    Столбцы: stratum, school, status (original, replacement1, replacement2, nonresponse, ineligible), mos,
    stratum_mos, n_sampled, classes_total, classes_sampled, students_eligible, students_tested; может
    быть enrol_actual.
    """
    from oko.engines.columns import TableError
    from oko.engines.sampling.estimation.replication import DesignError
    from oko.engines.sampling.weighting.files import FileError, write, write_codebook
    from oko.engines.sampling.weighting.study import read_study
    from oko.engines.sampling.weighting.weights import kish_effect, rates, trimmed, verdicts, weigh

    try:
        schools = read_study(study)
        found = weigh(schools, _cells(schools, cells))
        students = schools.numbers["students_tested"]
        final, notes = found.w_final, list(found.notes)
        steps: dict[str, Any] = {}
        if trim is not None:
            final, steps["trimmed"] = trimmed(final, schools.stratum, np.nan_to_num(students), trim)
        if margins is not None:
            final, steps["margins"] = _raked(schools, final, margins, notes)
        variables = _variables(schools, found, final)
        if replicates is not None:
            variables += _replicated(schools, final, replicates, fay, seed)
        write(out, variables, title="Oko: weights")
        if codebook is not None:
            write_codebook(codebook, variables)
    except (TableError, DesignError, FileError) as error:
        fail(str(error))
    for note in notes:
        typer.echo(note, err=True)
    taking_part = rates(schools, found)
    result = {
        "n_schools": len(schools.status),
        "n_participating": int(schools.participating.sum()),
        "n_students": int(np.nansum(np.where(np.isfinite(final), students, 0))),
        "rates": taking_part,
        "standards": verdicts(taking_part),
        "estimated_population": _population(schools, final),
        "kish_deff": kish_effect(final, students),
        **steps,
        "schools": _rows(schools, found, final),
        "warnings": notes,
    }
    if as_json:
        print_json(result)
    else:
        typer.echo(_in_words(result))


def _cells(schools: Study, name: str | None) -> NDArray[np.str_] | None:
    if name is None:
        return None
    schools.table.require(name)
    return np.array(schools.table.columns[name])


def _raked(
    schools: Study, final: NDArray[np.float64], path: Path, notes: list[str]
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    from oko.engines.sampling.weighting.margins import rake, read_margins

    known = read_margins(path)
    schools.table.require(*known)
    values = {column: np.array(schools.table.columns[column]) for column in known}
    raked = rake(final * schools.numbers["students_tested"], values, known)
    if not raked.converged:
        notes.append(
            f"Итоги не сошлись за {raked.rounds} шагов (расхождение до {raked.off:.2%}): они противоречат "
            "друг другу."
        )
    told = {"converged": raked.converged, "rounds": raked.rounds, "off": raked.off}
    return final * raked.factor, told


def _variables(schools: Study, found: Weights, final: NDArray[np.float64]) -> list[Variable]:
    from oko.engines.sampling.drawing.frame import numbers_of
    from oko.engines.sampling.weighting.files import Variable
    from oko.engines.sampling.weighting.study import NUMBERS

    written = [
        Variable(name, name, numbers_of(column) if name in NUMBERS else column)
        for name, column in schools.table.columns.items()
    ]
    steps = {
        "bw_school": found.bw_school,
        "adj_school": found.adj_school,
        "w_class": found.w_class,
        "adj_student": found.adj_student,
        "w_final": final,
        "TOTWGT": final,
    }
    return written + [Variable(name, _LABELS[name], values) for name, values in steps.items()]


def _replicated(
    schools: Study, final: NDArray[np.float64], method: str, fay: float, seed: int
) -> list[Variable]:
    """Zones, halves and weights of the replicates; nothing of schools that did not take part."""
    from oko.engines.sampling.estimation.replication import Method
    from oko.engines.sampling.weighting.files import Variable
    from oko.engines.sampling.weighting.replicates import replicates as made
    from oko.engines.sampling.weighting.replicates import zones

    if method not in tuple(Method):
        fail(f"--replicates «{method}»: бывает {', '.join(Method)}.")
    there = np.isfinite(final)
    zone, half = zones(schools.stratum, there, seed)
    factors = made(Method(method), schools.stratum[there], zone[there], half[there], fay)
    prefix = "W_FSTURWT" if method in (Method.BRR, Method.FAY) else "RWGT"
    columns = [
        Variable("JKZONE", _LABELS["JKZONE"], _where(there, (zone[there] + 1).astype(np.float64))),
        Variable("JKREP", _LABELS["JKREP"], _where(there, half[there].astype(np.float64))),
    ]
    return columns + [
        Variable(f"{prefix}{number}", f"Replicate weight {number} ({method})", _where(there, weight))
        for number, weight in enumerate(factors.weights(final[there]), start=1)
    ]


def _where(there: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full(len(there), np.nan)
    found[there] = values
    return found


def _population(schools: Study, final: NDArray[np.float64]) -> dict[str, float]:
    students = final * schools.numbers["students_tested"]
    return {
        str(name): float(np.nansum(students[schools.stratum == name]))
        for name in dict.fromkeys(schools.stratum.tolist())
    }


def _rows(schools: Study, found: Weights, final: NDArray[np.float64]) -> list[dict[str, Any]]:
    columns = (found.bw_school, found.adj_school, found.w_class, found.adj_student, final)
    names = ("bw_school", "adj_school", "w_class", "adj_student", "w_final")
    codes = zip(
        schools.table.columns["stratum"], schools.table.columns["school"], schools.status, strict=True
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        {"stratum": stratum, "school": school, "status": str(status), **dict(zip(names, row, strict=True))}
        for (stratum, school, status), row in zip(codes, rows, strict=True)
    ]


def _in_words(result: dict[str, Any]) -> str:
    lines = [
        f"Школ {result['n_schools']}, участвовало {result['n_participating']}, "
        f"учеников {result['n_students']}.",
        f"Эффект неравных весов (Киш): {result['kish_deff']:.3f}",
    ]
    lines += [f"{said:<32}{result['rates'][name]:>8.1%}" for name, said in _RATES_RU.items()]
    lines.append(f"Стандарт TIMSS: {result['standards']['timss']}. PISA: {result['standards']['pisa']}.")
    return "\n".join(lines)
