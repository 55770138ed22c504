"""The `oko` command: one thin group per engine, and the product's own commands.

A group's module is imported when its command is called and not before, so that `oko protocol` starts without
Django. Each module offers `app`, a Typer application: a whole group, or the single command of that name in
it.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2


class Place(NamedTuple):
    """Where a command lives, its line in `oko --help` (told without importing the module), and further
    modules of which the commands belong to the same group.
    """

    module: str
    help: str
    more: tuple[str, ...] = ()


COMMANDS = {
    "protocol": Place("oko.engines.forms.cli", "Электронный протокол: прочитать, проверить, построить."),
    "report": Place("oko.engines.statistics.cli", "Отчёты по работам: на экране и в файлах."),
    "blank": Place(
        "oko.engines.blanks.cli",
        "Бланки: описание, печать, чтение сканов.",
        (
            "oko.engines.recognition.cli",
            "oko.engines.recognition.matching.cli",
            "oko.engines.recognition.characters.cli",
        ),
    ),
    "scale": Place(
        "oko.engines.psychometrics.cli_scale",
        "Шкалы: Раш, PCM, 2PL, GPCM; связать, уравнять.",
        ("oko.engines.psychometrics.cli_link", "oko.engines.psychometrics.cli_equate"),
    ),
    "items": Place("oko.engines.psychometrics.cli_items", "Задания: классический анализ, DIF."),
    "sample": Place(
        "oko.engines.sampling.cli",
        "Выборки: отобрать организации, посчитать веса.",
        ("oko.engines.sampling.cli_weights",),
    ),
    "estimate": Place("oko.engines.sampling.cli_estimate", "Оценки по выборке с ошибками её плана."),
    "integrity": Place(
        "oko.engines.integrity.cli",
        "Признаки необъективности: всплески, профиль, предсказание, однородность.",
    ),
    "serve": Place("oko.cabinet.site.cli", "Запустить Око."),
    "audit": Place("oko.cabinet.audit.cli", "Журнал событий: проверить, выгрузить."),
    "check": Place("oko.cabinet.site.checks.cli", "Проверить, что установка безопасна и исправна."),
    "backup": Place("oko.cabinet.site.backup.cli", "Сохранить базу данных и файлы в один файл."),
    "restore": Place("oko.cabinet.site.backup.cli", "Восстановить копию в пустое место."),
    "invite": Place("oko.cabinet.access.cli", "Пригласить федерального организатора: код на экран."),
    "demo": Place("oko.cabinet.site.cli", "Запустить Око с «Демонстрационной областью»."),
}


class LazyCommands(TyperGroup):
    """Finds a command's module by name, at the moment the command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name]
        loaded: Any = typer.main.get_command(import_module(place.module).app)
        for module in place.more:
            loaded.commands.update(typer.main.get_command(import_module(module).app).commands)  # type: ignore[attr-defined]
        return getattr(loaded, "commands", {}).get(cmd_name, loaded)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Команды"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


app = typer.Typer(
    cls=LazyCommands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def oko() -> None:
    """Око — оценка качества образования."""


def main() -> None:
    """The entry point; whatever the locale, the output is UTF-8."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    app(prog_name="oko")


def _open_closed_streams() -> None:
    """A scheduler may start the command with standard streams closed: then what is written goes nowhere."""
    while (spare := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
        pass
    os.close(spare)
    sys.stdout = sys.stdout or os.fdopen(STANDARD_OUTPUT, "w")
    sys.stderr = sys.stderr or os.fdopen(STANDARD_ERROR, "w")
