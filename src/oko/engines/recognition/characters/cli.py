"""`oko blank train`: corrected characters collected, and the model trained anew."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from oko.engines import console
from oko.engines.console import fail

app = console.group("Модель знаков: собрать исправленные, обучить заново.")


@app.callback()
def characters() -> None:
    """Модель знаков."""


@app.command()
def train(
    collected: Annotated[
        Path | None,
        typer.Option("--collected", help="Архив собранных знаков (.npz): дополнить его и учить и на нём."),
    ] = None,
    corrected: Annotated[
        Path | None,
        typer.Option(
            "--corrected", help="Исправленное человеком, CSV: crop — файл вырезки, value — верный знак."
        ),
    ] = None,
    archives: Annotated[
        Path | None, typer.Option("--archives", help="Папка архивов рукописных знаков (.npz).")
    ] = None,
    fonts: Annotated[Path | None, typer.Option("--fonts", help="Папка рукописных шрифтов.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Папка для сетей (.onnx), их весов (.pt) и отчёта report.md.")
    ] = None,
    begin: Annotated[
        Path | None, typer.Option("--begin", help="Папка прежнего обучения: учить дальше, а не заново.")
    ] = None,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.01, max=600, help="Сколько минут учить.")
    ] = 105,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Сколько ядер занять.")] = 2,
) -> None:
    """Собрать исправленные знаки в архив и обучить модель заново.

    С --corrected знаки добавляются в архив --collected без всякой связи с участником. С --out модель учится
    на архивах --archives и на собранном. Для обучения нужен PyTorch: pip install «oko[training]».
    """
    from oko.engines.recognition.characters.collecting import CollectionError, collect, read_corrections

    if corrected is None and out is None:
        fail("Укажите, что сделать: --corrected с --collected — собрать, --out с --archives — обучить.")
    if corrected is not None:
        if collected is None:
            fail("Укажите архив --collected, в который собрать знаки.")
        try:
            total = collect(collected, read_corrections(corrected))
        except CollectionError as error:
            fail(str(error))
        except OSError as error:
            fail(f"Архив «{collected}» не записывается: {error.strerror}.")
        _say(f"В архиве «{collected}» знаков: {total}.")
    if out is not None:
        _train(archives, fonts, collected, out, begin, minutes, threads)


def _train(
    archives: Path | None,
    fonts: Path | None,
    collected: Path | None,
    out: Path,
    begin: Path | None,
    minutes: float,
    threads: int,
) -> None:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None:
        fail(
            "Для обучения нужны PyTorch и ONNX: установите дополнение «training» (requirements/training.txt)."
        )
    from oko.engines.recognition.characters.collecting import CollectionError
    from oko.engines.recognition.characters.training.running import Order, OrderError, train_model

    if archives is None:
        fail("Укажите папку --archives с архивами рукописных знаков (.npz: images, labels).")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"Папка «{out}» не создаётся: {error.strerror}.")
    try:
        train_model(Order(archives, fonts, collected, out, minutes, threads, begin), _say)
    except (OrderError, CollectionError) as error:
        fail(str(error))
    _say(f"Готово: «{out}», отчёт «{out / 'report.md'}».")


def _say(message: str) -> None:
    typer.echo(message, err=True)
