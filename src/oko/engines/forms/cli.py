"""`oko protocol`: read and check a results protocol, build a blank one, mark the bad cells of a full one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from oko.engines import console
from oko.engines.console import print_json
from oko.engines.forms.protocol import ProtocolReading, read_protocol
from oko.engines.forms.unreadable import UnreadableProtocol
from oko.engines.papers import Paper, PapersError, load_papers

CLEAN, WITH_FINDINGS = 0, 1

app = console.group("Электронный протокол: прочитать и проверить, построить пустой, отметить ошибки в файле.")

File = Annotated[Path, typer.Argument(help="Файл протокола: XLSX, ODS или XLS.", show_default=False)]
PapersFile = Annotated[
    Path | None, typer.Option("--papers", help="JSON с описанием работ; без него — работы из поставки.")
]
PaperCode = Annotated[
    str | None, typer.Option("--paper", help="Код работы, которой должен быть протокол, например rus4.")
]
Out = Annotated[Path, typer.Option("-o", "--output", help="Куда записать файл.")]


@app.command()
def read(
    file: File,
    papers: PapersFile = None,
    paper: PaperCode = None,
    as_json: Annotated[bool, typer.Option("--json", help="Вывести один объект JSON.")] = False,
) -> None:
    """Прочитать и проверить протокол. Код выхода: 0 — замечаний нет, 1 — есть, 2 — файл не читается."""
    reading = _read(file, papers, paper)
    if as_json:
        print_json(reading.to_json())
    else:
        _print_table(reading)
    raise typer.Exit(WITH_FINDINGS if reading.findings else CLEAN)


@app.command()
def build(
    paper: Annotated[str, typer.Argument(help="Код работы, например rus4.", show_default=False)],
    codes: Annotated[
        Path, typer.Option("--codes", help="Текст: в каждой строке «код;класс», например 40001;4А.")
    ],
    output: Out,
    papers: PapersFile = None,
    organisation: Annotated[str, typer.Option(help="Код организации, например edu641007.")] = "",
    organisation_name: Annotated[str, typer.Option(help="Название организации.")] = "",
    title: Annotated[str, typer.Option(help="Название проверочной работы.")] = "Проверочная работа",
    deadline: Annotated[str, typer.Option(help="Срок сдачи протокола, словами.")] = "",
) -> None:
    """Построить пустой протокол работы для списка кодов участников."""
    from oko.engines.forms.build import build_protocol  # XlsxWriter is needed by this command only

    content = build_protocol(
        _paper(paper, papers),
        organisation_code=organisation,
        organisation_name=organisation_name,
        participants=_participants(codes),
        assessment_title=title,
        deadline_text=deadline,
    )
    _write(output, content)


@app.command()
def mark(file: File, output: Out, papers: PapersFile = None, paper: PaperCode = None) -> None:
    """Записать копию протокола, в которой ошибочные ячейки выделены и подписаны."""
    from oko.engines.forms.copies import marked_copy  # openpyxl is needed by this command only

    reading = _read(file, papers, paper)
    _write(output, marked_copy(file.read_bytes(), reading))
    raise typer.Exit(WITH_FINDINGS if reading.findings else CLEAN)


def _read(file: Path, papers: Path | None, paper: str | None) -> ProtocolReading:
    try:
        with _quiet_parser():
            return read_protocol(file, load_papers(papers), paper=paper)
    except UnreadableProtocol as error:
        _fail(f"{file.name or file}: {error.message}")
    except PapersError as error:
        _fail(str(error))


def _paper(code: str, papers: Path | None) -> Paper:
    try:
        known = load_papers(papers)
    except PapersError as error:
        _fail(str(error))
    found = next((paper for paper in known if paper.code == code), None)
    if found is None:
        _fail(f"Работы «{code}» нет среди известных: {', '.join(paper.code for paper in known)}.")
    return found


def _participants(codes: Path) -> list[tuple[str, str, int]]:
    """Codes and classes from a text file; classes are numbered in the order in which they come."""
    try:
        lines = codes.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        _fail(f"Не удалось прочитать список кодов «{codes.name}»: {error}.")
    numbers: dict[str, int] = {}
    participants = []
    for line in filter(str.strip, lines):
        code, _, label = (part.strip() for part in line.replace(",", ";").partition(";"))
        participants.append((code, label, numbers.setdefault(label, len(numbers) + 1)))
    return participants


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        _fail(f"Не удалось записать «{output}»: {error.strerror}.")


def _fail(message: str) -> NoReturn:
    """One line on standard error, whatever was in the message."""
    console.fail(" ".join(message.split()))


@contextmanager
def _quiet_parser() -> Iterator[None]:
    """A panic in the parser's Rust code writes to descriptor 2 before it can be caught: not for a user's
    eyes.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _print_table(reading: ProtocolReading) -> None:
    facts = [
        ("Форма", reading.layout),
        ("Работа", reading.paper or "не распознана"),
        ("Лист", reading.sheet),
        ("Участников", reading.rows),
        ("Писали работу", reading.present),
        ("Сумма баллов", reading.sum_of_totals),
        ("Не приступали к заданиям (X)", reading.not_attempted),
        ("Столбец с именами", "есть" if reading.names_column else "нет"),
        ("Замечаний", len(reading.findings)),
    ]
    for name, value in facts:
        typer.echo(f"{name + ':':<30} {value}")
    for found in reading.findings:
        typer.echo(f"  {found.cell or '—':<6} {found.message}")
