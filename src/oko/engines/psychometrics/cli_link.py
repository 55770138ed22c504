"""`oko scale link`: the scale of a new form brought onto an old one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from oko.engines import console
from oko.engines.console import fail, print_json
from oko.engines.psychometrics.linking.scales import Method

app = console.group("Связать шкалы.")


@app.callback()
def scale() -> None:
    """Связать шкалы."""


@app.command()
def link(
    old: Annotated[Path, typer.Argument(help="Задания старой шкалы: вывод oko scale fit --json.")],
    new: Annotated[Path, typer.Argument(help="Задания новой шкалы.")],
    method: Annotated[Method, typer.Option("--method", help="Метод.")] = Method.STOCKING_LORD,
    symmetric: Annotated[
        bool, typer.Option("--symmetric", help="Сравнивать кривые на обеих шкалах, а не только на старой.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Куда записать новые задания на старой шкале, JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Напечатать JSON.")] = False,
) -> None:
    """Связать новую шкалу со старой через общие задания: θ_старая = A·θ_новая + B."""
    from oko.engines.psychometrics.linking.scales import LinkingError
    from oko.engines.psychometrics.linking.scales import link as linked
    from oko.engines.psychometrics.scaling.anchors import read_anchors
    from oko.engines.psychometrics.scaling.calibration import CalibrationError

    try:
        of_old, of_new = read_anchors(old), read_anchors(new)
        found = linked(of_old, of_new, method, symmetric=symmetric)
    except (CalibrationError, LinkingError) as error:
        fail(str(error))
    if out is not None:
        _write(out, of_new, found.A, found.B)
    for note in found.notes:
        typer.echo(note, err=True)
    if as_json:
        told = asdict(found)
        told["warnings"] = told.pop("notes")
        told["n_common"] = len(found.common)
        print_json(told)
        return
    typer.echo(
        f"θ старой шкалы = {found.A:.4f} (±{found.A_se:.4f}) · θ новой + {found.B:.4f} (±{found.B_se:.4f}); "
        f"общих заданий {len(found.common)}, метод {found.method}"
    )


def _write(path: Path, scale: dict[str, Any], slope: float, shift: float) -> None:
    """Items of the new scale on the old one, as `--anchors` takes them."""
    items = []
    for name, item in scale.items():
        moved = item.slope / slope
        intercepts = [d - k * moved * shift for k, d in enumerate(item.intercepts, start=1)]
        steps = [-(d - before) / moved for before, d in zip([0.0, *intercepts[:-1]], intercepts, strict=True)]
        items.append({"item": name, "slope": moved, "steps": steps, "intercepts": intercepts})
    try:
        path.write_text(json.dumps({"items": items}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"Файл «{path}» не записывается: {error.strerror}.")
