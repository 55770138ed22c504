"""`oko integrity profile | prediction | homogeneity | evidence`: signs that need the answers of pupils."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json

if TYPE_CHECKING:
    from oko.engines.integrity.answers import Answers
    from oko.engines.integrity.judging import Judged, Sign

app = console.group("Признаки необъективности по ответам учеников.")

Responses = Annotated[
    Path,
    typer.Argument(
        help="CSV: строка — ученик, столбец school — школа, остальные столбцы — целые баллы за задания; "
        "X или −1 — не приступал, N или пусто — задания не было. Или папка работ (…/region=…/works.parquet)."
    ),
]
School = Annotated[str, typer.Option("--school", help="Столбец школы.")]
Class = Annotated[str | None, typer.Option("--class", help="Столбец класса; сам берётся class, если есть.")]
Observed = Annotated[
    str | None,
    typer.Option(
        "--observed",
        help="Столбец школ, где были внешние наблюдатели (1/0): по ним строится норма; "
        "сам берётся observed, если есть. Или файл.csv, где в столбце school список этих школ.",
    ),
]
Ignore = Annotated[str, typer.Option("--ignore", help="Столбцы, которые не задания: a,b.")]
By = Annotated[
    str,
    typer.Option("--by", help="Предикторы среднего балла школы — прежние результаты, условия: a,b."),
]
Assessment = Annotated[str | None, typer.Option("--assessment", help="Процедура, если в папке их несколько.")]
Paper = Annotated[str | None, typer.Option("--paper", help="Работа, если в папке их несколько.")]
Out = Annotated[Path | None, typer.Option("--out", help="Таблица по школам: имя.csv или имя.parquet.")]
Json = Annotated[bool, typer.Option("--json", help="Напечатать JSON.")]


@app.command()
def profile(
    responses: Responses,
    school: School = "school",
    class_column: Class = None,
    observed: Observed = None,
    ignore: Ignore = "",
    assessment: Assessment = None,
    paper: Paper = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Лёгкие задания не решены, а трудные решены: профиль школы против учеников с тем же баллом."""
    from oko.engines.integrity.profile import profile as reckon

    _one_sign(
        _read(responses, school, class_column, observed, ignore, "", (assessment, paper)),
        reckon,
        out,
        as_json,
    )


@app.command()
def prediction(
    responses: Responses,
    by: By = "",
    school: School = "school",
    class_column: Class = None,
    observed: Observed = None,
    ignore: Ignore = "",
    assessment: Assessment = None,
    paper: Paper = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Средний балл школы против предсказанного по прежним результатам и условиям, с интервалом."""
    from oko.engines.integrity.prediction import prediction as reckon

    _one_sign(
        _read(responses, school, class_column, observed, ignore, by, (assessment, paper)),
        reckon,
        out,
        as_json,
    )


@app.command()
def homogeneity(
    responses: Responses,
    school: School = "school",
    class_column: Class = None,
    observed: Observed = None,
    ignore: Ignore = "",
    assessment: Assessment = None,
    paper: Paper = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Разброс баллов и однородность ответов в классах: меньше, чем у классов с таким же средним."""
    from oko.engines.integrity.homogeneity import homogeneity as reckon

    _one_sign(
        _read(responses, school, class_column, observed, ignore, "", (assessment, paper)),
        reckon,
        out,
        as_json,
    )


@app.command()
def evidence(
    responses: Responses,
    cuts: Annotated[
        str | None,
        typer.Option(
            "--cuts", help="Наименьший балл отметок «3», «4», «5»: 14,24,33; у работ — из их шкалы."
        ),
    ] = None,
    by: By = "",
    school: School = "school",
    class_column: Class = None,
    observed: Observed = None,
    ignore: Ignore = "",
    assessment: Assessment = None,
    paper: Paper = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Все признаки вместе и свидетельство о каждой школе: числа, картинки, другие объяснения."""
    from oko.engines.integrity.cli import parsed_cuts
    from oko.engines.integrity.evidence import described, records
    from oko.engines.integrity.evidence import evidence as reckon
    from oko.engines.integrity.explanations import TITLES
    from oko.engines.integrity.judging import IntegrityError
    from oko.engines.integrity.tables import signs_table
    from oko.engines.integrity.works import scale_of_works

    answers = _read(responses, school, class_column, observed, ignore, by, (assessment, paper))
    boundaries = parsed_cuts(cuts) if cuts else None
    if boundaries is None and responses.is_dir():
        boundaries = list(scale_of_works(responses, assessment, paper))
    try:
        found = reckon(answers, boundaries)
    except IntegrityError as error:
        fail(_with_notes(str(error), answers))
    warnings = _warnings([*answers.notes, *found.notes], found.signs)
    _write(out, signs_table(answers, found.signs, found.judged))
    if as_json:
        names = [sign.name for sign in found.signs]
        print_json(
            {
                "rule": asdict(found.rule),
                "n_schools": len(answers.schools),
                "n_pupils": len(answers.school_of),
                "items": list(answers.items),
                "signs": [described(sign) for sign in found.signs],
                "skipped": found.skipped,
                "correlations": {"signs": names, "matrix": found.correlations.tolist()},
                "schools": records(answers, found),
                "warnings": warnings,
            }
        )
        return
    _tell(warnings, answers, found.judged)
    alone = ", ".join(f"{TITLES[sign.name]} — {int(sign.judged.flagged.sum())}" for sign in found.signs)
    typer.echo(f"По каждому признаку отдельно, школ: {alone}.")


def _read(
    path: Path,
    school: str,
    class_column: str | None,
    observed: str | None,
    ignore: str,
    by: str,
    of: tuple[str | None, str | None],
) -> Answers:
    from oko.engines.columns import TableError
    from oko.engines.integrity.answers import read_answers

    try:
        return read_answers(
            path,
            school=school,
            class_column=class_column,
            observed=observed,
            ignore=listed(ignore),
            covariates=listed(by),
            assessment=of[0],
            paper=of[1],
        )
    except TableError as error:
        fail(str(error))


def _one_sign(answers: Answers, reckon: Callable[[Answers], Sign], out: Path | None, as_json: bool) -> None:
    from oko.engines.integrity.evidence import described, judged_rows, number_rows
    from oko.engines.integrity.explanations import EXPLANATIONS
    from oko.engines.integrity.judging import IntegrityError
    from oko.engines.integrity.tables import signs_table

    try:
        sign = reckon(answers)
    except IntegrityError as error:
        fail(_with_notes(str(error), answers))
    warnings = _warnings(list(answers.notes), [sign])
    _write(out, signs_table(answers, [sign]))
    if as_json:
        schools = zip(
            answers.schools, number_rows(sign), judged_rows(sign.judged), sign.pictures, strict=True
        )
        print_json(
            {
                **described(sign),
                "n_schools": len(answers.schools),
                "n_pupils": len(answers.school_of),
                "items": list(answers.items),
                "explanations": list(EXPLANATIONS[sign.name]),
                "schools": [
                    {"school": name, **numbers, **judged, "picture": picture}
                    for name, numbers, judged, picture in schools
                ],
                "warnings": warnings,
            }
        )
        return
    _tell(warnings, answers, sign.judged)


def _write(out: Path | None, table: Any) -> None:
    from oko.engines.columns import TableError
    from oko.engines.integrity.tables import write_table

    if out is None:
        return
    try:
        write_table(table, out)
    except TableError as error:
        fail(str(error))


def _warnings(notes: list[str], signs: Any) -> list[str]:
    """What was left out, and that there is no norm where there is none; each once."""
    without = [sign.norm.note for sign in signs if sign.norm is not None and not sign.norm.is_norm]
    return list(dict.fromkeys([*notes, *without, *(note for sign in signs for note in sign.notes)]))


def _with_notes(message: str, answers: Answers) -> str:
    return "\n".join([message, *answers.notes])


def _tell(warnings: list[str], answers: Answers, judged: Judged) -> None:
    from oko.engines.integrity.explanations import CAUTION

    for warning in warnings:
        typer.echo(warning, err=True)
    flagged = [index for index in judged.p.argsort().tolist() if judged.flagged[index]]
    typer.echo(f"Школ {len(answers.schools)}, с признаками {len(flagged)}. {CAUTION}")
    for index in flagged:
        typer.echo(
            f"  {answers.schools[index]}: z = {judged.z[index]:.2f}, q = {judged.q[index]:.4f}, "
            f"участников {int(answers.size[index])}"
        )
