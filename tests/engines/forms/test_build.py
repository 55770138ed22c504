"""A protocol built for a paper: blank, filled by hand or from works, it always reads back as what was
meant.
"""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from oko.engines.forms import Expected, Work, read_protocol
from oko.engines.forms.build import HEADER_ROW, build_protocol
from oko.engines.papers import Item, Paper
from tests.engines.forms.conftest import LIBREOFFICE, SAMPLES, found, saved

FIRST = HEADER_ROW + 2  # the first participant's row, as a spreadsheet numbers it


def built(paper: Paper, participants: list[tuple[str, str, int]], works: list[Work] | None = None) -> bytes:
    return build_protocol(
        paper,
        organisation_code="edu641007",
        organisation_name="Школа № 7",
        participants=participants,
        assessment_title="Всероссийская проверочная работа",
        deadline_text="Сдать до 21.04.2026, 18:00 по Новосибирску",
        contact_text="Вопросы: 8 (383) 000-00-00",
        works=works or [],
    )


def test_blank_protocol_is_one_finding_and_names_layout_paper_and_school(papers, rus4: Paper) -> None:  # type: ignore[no-untyped-def]
    codes = [("40001", "4А", 1), ("40002", "4Б", 2)]
    reading = read_protocol(built(rus4, codes), papers)
    assert (reading.layout, reading.paper, reading.rows, reading.logins) == (
        "oko1",
        "rus4",
        2,
        ("edu641007",),
    )
    assert found(reading) == [("C6", "not filled in")]


def test_built_protocol_has_no_macros_and_is_locked_but_for_its_data(mat5: Paper) -> None:
    content = built(mat5, [("50001", "5А", 1)])
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "vba" in name.lower()]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Протокол"]
    assert book.sheetnames == ["Протокол", "Инструкция", "oko"]
    assert (book["oko"].sheet_state, sheet.protection.sheet, sheet.freeze_panes) == ("hidden", True, "C6")
    assert sheet["A6"].protection.locked
    assert sheet["A5"].protection.locked
    assert not sheet["C6"].protection.locked
    assert not sheet["D6"].protection.locked


def test_built_protocol_limits_what_can_be_entered(mat5: Paper) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(built(mat5, [("50001", "5А", 1)])))["Протокол"]
    limits = {str(limit.sqref): limit for limit in sheet.data_validations.dataValidation}
    assert limits["C6"].formula1 == '"1,2,3,4,отсутствовал"'
    assert "<=1" in limits["D6"].formula1
    assert "от 0 до 1" in limits["D6"].error
    assert limits["S6"].formula1 == '"м,ж"'
    assert set(limits) == {f"{column}6" for column in "CDEFGHIJKLMNOPQRST"}


def test_values_of_formulas_are_right_before_anybody_recalculates(papers, rus4: Paper) -> None:  # type: ignore[no-untyped-def]
    source = read_protocol(SAMPLES / "recent-rus4.xlsx", papers)
    content = built(rus4, [(work.participant, "4А", 1) for work in source.works], list(source.works))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Протокол").to_python()
    totals = [row[-1] for row in rows if str(row[0]).isdigit()]
    assert totals == [work.total if work.total is not None else "" for work in source.works]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_texts_never_become_formulas(mat5: Paper, text: str) -> None:
    content = build_protocol(
        mat5,
        organisation_code="edu641007",
        organisation_name=text,
        participants=[("50001", text, 1)],
        assessment_title=text,
        deadline_text=text,
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    formulas = [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas == ["U6"]  # the live total


def test_filling_by_hand_leaves_no_finding(papers, mat5: Paper) -> None:  # type: ignore[no-untyped-def]
    book = openpyxl.load_workbook(io.BytesIO(built(mat5, [("50001", "5А", 1), ("50002", "5А", 1)])))
    sheet = book["Протокол"]
    sheet["C6"], sheet["S6"], sheet["T6"] = 2, "м", 4
    for column in "DEFGHIJKLMNOPQR":
        sheet[f"{column}6"] = "Х" if column == "D" else 1
    sheet["C7"], sheet["S7"], sheet["T7"] = "отсутствовал", "ж", "-"
    expected = Expected(
        organisation="edu641007", codes={"50001": "5А", "50002": "5А"}, layouts=frozenset({"oko1"})
    )
    reading = read_protocol(saved(book), papers, paper="mat5", expected=expected)
    assert found(reading) == []
    assert (reading.rows, reading.present, reading.sum_of_totals, reading.not_attempted) == (2, 1, 14, 1)


def test_protocol_of_another_school_is_known_by_its_hidden_sheet(papers, mat5: Paper) -> None:  # type: ignore[no-untyped-def]
    content = built(mat5, [("50001", "5А", 1)])
    reading = read_protocol(content, papers, expected=Expected(organisation="edu641999"))
    assert ("", "another school") in found(reading)


def test_foreign_formula_in_a_built_protocol_is_a_finding(papers, mat5: Paper) -> None:  # type: ignore[no-untyped-def]
    book = openpyxl.load_workbook(io.BytesIO(built(mat5, [("50001", "5А", 1)])))
    book["Протокол"]["D6"] = "=1+0"
    assert ("D6", "formula in a cell") in found(read_protocol(saved(book), papers))


# ------------------------------------------------------------------------------------- the round trip


@st.composite
def small_papers(draw: st.DrawFn) -> Paper:
    count = draw(st.integers(1, 6))
    suffixes = draw(st.lists(st.sampled_from(["", ".1", ".2", "К1", "К3"]), min_size=count, max_size=count))
    maxima = draw(st.lists(st.integers(1, 12), min_size=count, max_size=count))
    items = tuple(
        Item(f"{n}{suffix}", top) for n, (suffix, top) in enumerate(zip(suffixes, maxima, strict=True), 1)
    )
    parts = draw(st.integers(1, 2))
    variants = tuple(sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=5))))
    return Paper("test7", "Биология", 7, items, (1, 3, 5), parts, variants)


@st.composite
def works_of(draw: st.DrawFn, paper: Paper, code: int) -> Work:
    status = draw(st.sampled_from(["present", "present", "absent"] + ["partial"] * (paper.parts > 1)))
    scores: dict[str, int | None] = dict.fromkeys((item.code for item in paper.items), None)
    if status == "present":
        scores = {item.code: draw(st.none() | st.integers(-1, item.maximum)) for item in paper.items}
    elif status == "partial":
        scores[paper.items[0].code] = draw(st.integers(0, paper.items[0].maximum))
    variant = draw(st.sampled_from(paper.variants))
    total = sum(max(score or 0, 0) for score in scores.values()) if status == "present" else None
    return Work(
        participant=str(code),
        class_label=draw(st.sampled_from(["7А", "7Б", "7"])),
        variant_1=None if status == "absent" else variant,
        variant_2=variant if status == "present" and paper.parts > 1 else None,
        sex=draw(st.sampled_from("мж")),
        prior_mark=draw(st.none() | st.integers(2, 5)),
        status=status,  # type: ignore[arg-type]
        scores=scores,
        total=total,
        mark=None if total is None else paper.mark(total),
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_works_written_into_a_protocol_read_back_the_same(data: st.DataObject) -> None:
    paper = data.draw(small_papers())
    codes = range(70_001, 70_001 + data.draw(st.integers(1, 5)))
    works = [data.draw(works_of(paper, code)) for code in codes]
    content = built(paper, [(work.participant, work.class_label, 1) for work in works], works)
    reading = read_protocol(content, [paper])
    assert found(reading) == []
    assert list(reading.works) == works
    assert reading.sum_of_totals == sum(work.total or 0 for work in works)


@pytest.mark.parametrize("extension", ["xlsx", "ods", "xls"])
def test_form_saved_again_by_libreoffice_reads_the_same(extension: str, papers: tuple[Paper, ...]) -> None:
    reading = read_protocol(LIBREOFFICE / f"oko1-rus4.{extension}", papers)
    assert found(reading) == []
    assert (reading.layout, reading.paper, reading.logins) == ("oko1", "rus4", ("edu641007",))
    assert (reading.rows, reading.present, reading.sum_of_totals, reading.not_attempted) == (6, 5, 58, 32)


def test_headers_break_between_words_and_read_as_they_are_titled(
    papers: tuple[Paper, ...], rus4: Paper
) -> None:
    content = built(rus4, [("40001", "4А", 1)])
    written = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content))["Протокол"][5]]
    assert {"1К1\n(4)", "Вариант\n(часть 2)"} <= set(written)
    assert [finding.kind.value for finding in read_protocol(content, papers).findings] == ["not filled in"]
