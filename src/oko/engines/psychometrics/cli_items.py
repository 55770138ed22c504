"""`oko items`: how items worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, listed, print_json

app = console.group("Задания: трудность, различающая способность, надёжность, DIF.")

Source = Annotated[Path, typer.Argument(help="CSV: строка — участник, столбец — задание.")]
Ignore = Annotated[str, typer.Option("--ignore", help="Столбцы, которые не задания, через запятую.")]
Out = Annotated[Path | None, typer.Option("--out", help="Записать строки о заданиях в .csv или .parquet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Напечатать JSON.")]


@app.command()
def classical(responses: Source, ignore: Ignore = "", out: Out = None, as_json: AsJson = False) -> None:
    """Классический анализ заданий."""
    from oko.engines.psychometrics.classical import classical as analyse
    from oko.engines.psychometrics.reading import read_study

    try:
        study = read_study(responses, ignore=listed(ignore))
        found = analyse(study.responses)
    except ValueError as error:
        fail(str(error))
    notes = [*study.notes, *found.notes]
    _tell(notes)
    result = asdict(found)
    del result["notes"]
    low, high = result.pop("feldt_alpha_CI95")
    result["feldt_alpha_CI95"] = {"LCL": low, "ALPHA": found.alpha_raw, "UCL": high}
    result["raw_score_distribution"] = [{"score": s, "n": n} for s, n in found.raw_score_distribution]
    result["warnings"] = notes
    _write(out, [{k: v for k, v in item.items() if k != "categories"} for item in result["items"]])
    if as_json:
        print_json(result)
        return
    typer.echo(
        f"Участников {found.n}. α = {found.alpha_raw:.3f} ({low:.3f}…{high:.3f}), "
        f"ω = {found.omega_total:.3f}, "
        f"SEM = {found.SEM:.2f}, средний балл {found.total_mean:.2f} (σ {found.total_sd:.2f})"
    )
    typer.echo(f"{'задание':<20}{'N':>8}{'макс.':>7}{'p':>8}{'r с суммой':>12}{'r с остатком':>14}{'D27':>8}")
    for item in found.items:
        typer.echo(
            f"{item.item:<20}{item.n:>8}{item.max:>7}{item.p:>8.3f}{item.r_item_total:>12.3f}"
            f"{item.r_item_rest:>14.3f}{item.D27:>8.3f}"
        )


@app.command()
def dif(
    responses: Source,
    group: Annotated[str, typer.Option("--group", help="Столбец групп.")],
    focal: Annotated[str, typer.Option("--focal", help="Значение изучаемой группы.")],
    purify: Annotated[bool, typer.Option("--purify", help="Убрать задания с DIF из суммы.")] = False,
    ignore: Ignore = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """DIF: одинаково ли трудны задания двум группам одной силы."""
    from oko.engines.psychometrics.dif import differential_functioning
    from oko.engines.psychometrics.reading import read_study

    try:
        study = read_study(responses, groups=group, ignore=listed(ignore))
        names = study.responses.groups
        if focal not in names:
            there = ", ".join(f"«{name}»" for name in names[:20])
            fail(f"В столбце «{group}» нет значения «{focal}». Есть: {there}.")
        mask = study.responses.group == names.index(focal)
        found = differential_functioning(study.responses, mask, purify=purify)
    except ValueError as error:
        fail(str(error))
    notes = list(study.notes)
    if found.left_out:
        notes.append("Не 0/1, не сравниваются: " + ", ".join(found.left_out))
    _tell(notes)
    rows = [_dif_row(item) for item in found.items]
    _write(out, rows)
    if as_json:
        print_json(
            {
                "focal": focal,
                "n_focal": int(mask.sum()),
                "n_reference": int((~mask).sum()),
                "items": rows,
                "DIF_items": list(found.flagged),
                "purification_iterations": found.purifications,
                "warnings": notes,
            }
        )
        return
    typer.echo(f"{'задание':<20}{'χ² MH':>9}{'p':>8}{'α MH':>8}{'Δ':>8}  класс{'LR (2 ст. св.)':>16}")
    for row in rows:
        typer.echo(
            f"{row['item']:<20}{row['MH_chisq_cc']:>9.3f}{row['MH_p_cc']:>8.4f}{row['alpha_MH']:>8.3f}"
            f"{row['delta_MH']:>8.3f}  {row['ETS']:<5}{row['LR_both_2df']:>16.3f}"
        )


@app.command()
def distractors(
    choices: Annotated[
        Path, typer.Argument(help="CSV: строка — участник, столбец — задание, выбранный ответ.")
    ],
    key: Annotated[Path, typer.Option("--key", help="CSV со столбцами item,key; верных несколько: A|C.")],
    ignore: Ignore = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Какие ответы выбирают и кто: слабые, средние, сильные."""
    from oko.engines.psychometrics.distractors import distractors as analyse
    from oko.engines.psychometrics.distractors import doubtful, read_choices

    try:
        read, notes = read_choices(choices, key, listed(ignore))
    except ValueError as error:
        fail(str(error))
    items = analyse(read)
    warnings = [*notes, *doubtful(items)]
    _tell(warnings)
    found = [asdict(item) for item in items]
    _write(out, [{"item": item["item"], **option} for item in found for option in item["options"]])
    if as_json:
        print_json({"items": found, "warnings": warnings})
        return
    typer.echo(f"{'задание':<20}{'ответ':<12}{'N':>8}{'%':>8}{'r с остатком':>14}{'слабые':>9}{'сильные':>9}")
    for item in items:
        for one in item.options:
            mark = "✓" if one.correct else " "
            typer.echo(
                f"{item.item:<20}{mark}{one.option:<11}{one.n:>8}{one.percent:>8.1f}{one.r_rest:>14.3f}"
                f"{one.lower:>9.1f}{one.upper:>9.1f}"
            )


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        typer.echo(note, err=True)


def _write(out: Path | None, rows: Sequence[Mapping[str, Any]]) -> None:
    from oko.engines.columns import TableError, write_table

    if out is None:
        return
    try:
        write_table(out, rows)
    except TableError as error:
        fail(str(error))


def _dif_row(item: Any) -> dict[str, Any]:
    row = {"item": item.item, **asdict(item.mantel_haenszel), **asdict(item.logistic)}
    if item.purified is not None:
        row |= {f"{name}_purified": value for name, value in asdict(item.purified).items()}
    return row
