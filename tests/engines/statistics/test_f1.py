"""Ф1 is what real programs read: its cells are those of the federal form, and reading it gives the works."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import openpyxl
import pyarrow as pa
import pytest

from oko.engines.forms.protocol import ProtocolReading, read_protocol
from oko.engines.papers import Item, Paper, load_papers
from oko.engines.statistics import f1
from oko.engines.statistics.f1 import F1Error, write_f1
from oko.engines.statistics.levels import Group, Level
from oko.engines.statistics.works import work_row, works_schema
from tests.engines.statistics.conftest import PAPER, pencil_works, work

SAMPLES = Path(__file__).parents[2] / "data" / "protocols"
PLACE = "Муниципальное общеобразовательное учреждение «Средняя школа № 7» (edu641007)"
MUNICIPALITY, SCHOOL = "Приреченский муниципальный район", "Средняя школа № 7"


def names(group: Group) -> str:
    return SCHOOL if group.level is Level.SCHOOL else MUNICIPALITY


def shipped(code: str) -> Paper:
    return next(paper for paper in load_papers() if paper.code == code)


def read(content: bytes | Path, paper: Paper) -> ProtocolReading:
    return read_protocol(content, [paper])


def table_of(reading: ProtocolReading, paper: Paper, school: str = "edu641007") -> pa.Table:
    rows = [
        work_row(work._asdict(), school=school, municipality="641000", supervisor="641000")
        for work in reading.works
    ]
    table = pa.Table.from_pylist(rows, schema=works_schema(paper))
    return table.append_column("region", pa.repeat("64", len(table)))


def written(works: ir.Table | pa.Table, paper: Paper, **words: Any) -> bytes:
    file = io.BytesIO()
    head: dict[str, Any] = {"year": 2026, "day": date(2026, 4, 21), "place_title": PLACE, "names": names}
    write_f1(works, paper, file=file, **(head | words))
    return file.getvalue()


def cells(content: bytes | Path) -> dict[str, tuple[object, str, str]]:
    """Every filled cell with its type and format."""
    book = openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)
    assert book.sheetnames == ["Ф1 Индивидуальные результаты"]
    filled = (cell for row in book.active.iter_rows() for cell in row if cell.value is not None)
    return {cell.coordinate: (cell.value, cell.data_type, cell.number_format) for cell in filled}


def with_levels_of(sample: Path, paper: Paper) -> Paper:
    """The paper with the levels that stand in row 6 of a sample: those of the samples are made up."""
    sheet = openpyxl.load_workbook(sample).active
    levels = [cell.value for cell in sheet[6] if cell.value]
    items = (replace(item, level=level) for item, level in zip(paper.items, levels, strict=True))
    return replace(paper, items=tuple(items))


@pytest.mark.parametrize("code", ["rus4", "mat4", "mat5"])
def test_a_federal_file_written_again_from_its_works_is_the_same_cell_by_cell(code: str) -> None:
    sample = SAMPLES / f"f1-{code}.xlsx"
    paper = with_levels_of(sample, shipped(code))
    works = table_of(read(sample, paper), paper)
    assert cells(written(works.take(list(reversed(range(len(works))))), paper)) == cells(sample)


@pytest.mark.parametrize("code", ["rus4", "mat4", "mat5"])
def test_our_reader_reads_back_the_same_works_without_findings(code: str) -> None:
    paper = shipped(code)
    first = read(SAMPLES / f"f1-{code}.xlsx", paper)
    again = read(written(table_of(first, paper), paper), paper)
    assert (again.layout, again.paper, again.findings) == ("f1", code, ())
    assert again.works == first.works
    assert again.logins == ("edu641007",)


def test_a_protocol_becomes_a_form_of_those_who_wrote_the_whole_paper() -> None:
    paper = shipped("rus4")
    protocol = read(SAMPLES / "y2021-rus4.xlsx", paper)
    assert Counter(work.status for work in protocol.works) == {"present": 48, "absent": 4}
    reading = read(written(table_of(protocol, paper), paper), paper)
    assert (reading.rows, reading.present, reading.findings) == (48, 48, ())
    assert reading.sum_of_totals == protocol.sum_of_totals
    assert reading.not_attempted == protocol.not_attempted


def test_levels_are_those_of_the_paper(works: ir.Table) -> None:
    filled = cells(written(works, PAPER))
    assert [filled[cell][0] for cell in ("G6", "H6", "G7", "H7")] == ["Б", "П", "1 (2б)", "2 (1б)"]


def test_a_municipality_lists_the_works_of_its_schools_in_order(works: ir.Table) -> None:
    filled = cells(
        written(works, PAPER, place_title="Приреченский район (54-1)", names=lambda g: f"«{g.code}»")
    )
    assert filled["A5"][0] == "Приреченский район (54-1) | Кол-во участников: 20"
    rows = [[filled[f"{column}{line}"][0] for column in "ABCDEF"] for line in (8, 17, 18, 27)]
    assert rows == [
        ["A", "«54-1»", "«A»", "40000", "4А", 1],
        ["A", "«54-1»", "«A»", "40009", "4А", 1],
        ["B", "«54-1»", "«B»", "41000", "4А", 1],
        ["B", "«54-1»", "«B»", "41009", "4А", 1],
    ]
    assert "A28" not in filled, "one was absent and one missed a part: neither has a row"


def test_not_attempted_not_studied_and_no_mark_are_said_in_the_words_of_the_form(works: ir.Table) -> None:
    rows = [row | {"region": "54"} for row in pencil_works()]
    rows[0] |= {"prior_mark": None}
    filled = cells(written(pa.Table.from_pylist(rows), PAPER))
    assert filled["K8"] == ("НЕТ ОТМЕТКИ", "s", "General")
    assert [filled[cell] for cell in ("G17", "H17")] == [("X", "s", "General"), (0, "n", "General")]
    not_studied = [cell for cell, content in filled.items() if content[0] == "N"]
    assert len(not_studied) == 4
    of_one_school = [row for row in rows if row["school"] == "A"]
    reading = read(written(pa.Table.from_pylist(of_one_school), PAPER), PAPER)
    assert (reading.findings, reading.rows) == ((), 10)
    assert reading.works[0].prior_mark is None


def test_what_is_in_doubt_is_left_empty(works: ir.Table) -> None:
    doubtful = work("A", "40000", 2, None) | {"region": "54", "total": None, "mark": None, "class": None}
    filled = cells(written(pa.Table.from_pylist([doubtful, {**doubtful, "variant_1": None}]), PAPER))
    assert {cell for cell in filled if cell.endswith(("8", "9"))} == {
        *("A8", "B8", "C8", "D8", "F8", "G8", "K8"),
        *("A9", "B9", "C9", "D9", "G9", "K9"),
    }


def test_names_never_become_formulas(works: ir.Table) -> None:
    filled = cells(written(works, PAPER, place_title="=1+1", names=lambda group: "=HYPERLINK(1)"))
    assert filled["B8"] == ("=HYPERLINK(1)", "s", "General")
    assert filled["A5"][1] == "s"
    assert {kind for _, kind, _ in filled.values()} == {"s", "n"}


def test_a_name_is_asked_for_once_a_school(works: ir.Table) -> None:
    asked: list[Group] = []
    written(works, PAPER, names=lambda group: asked.append(group) or "имя")  # type: ignore[func-returns-value]
    assert Counter(group.code for group in asked) == {"54-1": 2, "A": 1, "B": 1}


def test_nobody_gives_a_form_without_rows(works: ir.Table) -> None:
    file = io.BytesIO()
    none = works.filter(works.school == "C")
    assert write_f1(none, PAPER, year=2026, day="20–21 апреля", place_title="C", file=file) == 0
    filled = cells(file.getvalue())
    assert filled["A5"][0] == "C | Кол-во участников: 0"
    assert filled["B3"][0] == "20–21 апреля"
    assert not any(cell.endswith("8") for cell in filled)


def test_more_participants_than_a_sheet_has_rows_is_refused_in_words(
    works: ir.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f1, "MOST_ROWS", 19)
    with pytest.raises(F1Error, match=r"Участников 20, а на листе XLSX помещается 19.*по муниципалитетам"):
        written(works, PAPER)


def test_a_code_of_an_item_stays_as_published() -> None:
    paper = replace(PAPER, items=(Item("1К1", 2, "В"), Item("5.1", 1)), parts=1)
    row = work("A", "40000", None, None) | {"region": "54", "1К1": 1, "5.1": 1, "total": 2, "mark": 3}
    filled = cells(written(pa.Table.from_pylist([row]), paper))
    assert [filled[cell][0] for cell in ("G6", "G7", "H7")] == ["В", "1К1 (2б)", "5.1 (1б)"]
