"""One spoiled cell gives one finding, at that cell, of the right kind; what people may write gives none."""

from __future__ import annotations

import datetime

import pytest

from tests.engines.forms.conftest import found, read_spoiled

# Row 8 of these samples (9 of Ф1) is a participant who wrote the work.
# `recent-mat5`: A code, B variant, C–Q items, R class number, S sex, T prior mark, U total.
# `f1-mat5`: D code, E class, F variant, G–U items, V total, W mark, X prior mark.
# `y2020-rus4`: B class, C code, F and G variants, H–AA items, AB textbook, AC total.
WRONG = [
    ("recent-mat5.xlsx", "U8", None, "total missing"),
    ("recent-mat5.xlsx", "U8", "двадцать", "total differs from the sum"),
    ("recent-mat5.xlsx", "U8", 99, "total differs from the sum"),
    ("recent-mat5.xlsx", "T8", 6, "unknown mark"),
    ("recent-mat5.xlsx", "T8", "пять", "unknown mark"),
    ("recent-mat5.xlsx", "S8", "x", "unknown sex"),
    ("recent-mat5.xlsx", "S8", None, "unknown sex"),
    ("recent-mat5.xlsx", "R8", "А", "class not recognised"),
    ("recent-mat5.xlsx", "B8", 0, "unknown variant"),
    ("recent-mat5.xlsx", "B8", "второй", "unknown variant"),
    ("recent-mat5.xlsx", "B8", 1.5, "unknown variant"),
    ("recent-mat5.xlsx", "B8", None, "variant missing"),
    ("recent-mat5.xlsx", "A8", "5O414", "not a participant code"),
    ("recent-mat5.xlsx", "A8", 5041, "not a participant code"),
    ("recent-mat5.xlsx", "A8", None, "code missing"),
    ("recent-mat5.xlsx", "A8", 90001, "code of another grade"),
    ("recent-mat5.xlsx", "A8", 50411, "code used twice"),
    ("recent-mat5.xlsx", "D8", None, "score missing"),
    ("recent-mat5.xlsx", "D8", 2, "score above maximum"),
    ("recent-mat5.xlsx", "D8", "−2", "score below zero"),
    ("recent-mat5.xlsx", "D8", "- 2", "score below zero"),
    ("recent-mat5.xlsx", "D8", -1e12, "score below zero"),
    ("recent-mat5.xlsx", "D8", 1e12, "score above maximum"),
    ("recent-mat5.xlsx", "D8", "12345678901", "score above maximum"),
    ("recent-mat5.xlsx", "D8", "отсутствовал", "not a score"),
    ("recent-mat5.xlsx", "D8", "1 балл", "not a score"),
    ("recent-mat5.xlsx", "D8", "1/2", "not a score"),
    ("recent-mat5.xlsx", "D8", -0.5, "not a whole number"),
    ("recent-mat5.xlsx", "D8", 1.5, "not a whole number"),
    ("recent-mat5.xlsx", "D8", " 1,5 ", "not a whole number"),
    ("recent-mat5.xlsx", "D8", datetime.date(2026, 1, 5), "not a score"),
    ("recent-mat5.xlsx", "D8", True, "not a score"),
    ("recent-mat5.xlsx", "D8", "#REF!", "not a score"),
    ("recent-mat5.xlsx", "D8", "О", "not a score"),
    ("recent-mat5.xlsx", "D8", "н", "not a score"),
    ("recent-mat5.xlsx", "D8", "=1+0", "formula in a cell"),
    ("recent-mat5.xlsx", "U8", "=SUM(C8:Q8)", "formula in a cell"),
    ("f1-mat5.xlsx", "W9", 3, "mark differs from the scale"),
    ("f1-mat5.xlsx", "W9", 1, "unknown mark"),
    ("f1-mat5.xlsx", "E9", "9А", "class of another grade"),
    ("f1-mat5.xlsx", "E9", "?", "class not recognised"),
    ("y2020-rus4.xlsx", "AB8", 2, "shifted columns"),
    ("y2020-rus4.xlsx", "AB8", "Х", "shifted columns"),
    ("y2020-rus4.xlsx", "A8", "edu777777", "another school"),
    ("working-mat5.xlsx", "C8", "6 класс", "class of another grade"),
    ("working-mat5.xlsx", "C8", 99, "class of another grade"),
    ("y2020-mat5.xlsx", "G8", 1, "variants differ"),
    ("y2020-mat5.xlsx", "F8", "отсутствовал", "variants differ"),
    ("y2022-mat5.xlsx", "D8", "отсутствовал", "absent, but has a score"),
]


@pytest.mark.parametrize(("sample", "cell", "value", "kind"), WRONG)
def test_wrong_value_gives_one_finding_at_its_cell(sample: str, cell: str, value: object, kind: str) -> None:
    reading = read_spoiled(sample, lambda sheet: sheet.__setitem__(cell, value))
    expected_cell = "E8" if kind == "absent, but has a score" else cell
    assert found(reading) == [(expected_cell, kind)]
    finding = reading.findings[0]
    assert finding.expected
    assert finding.message.endswith(".")
    assert finding.sheet == reading.sheet


FORGIVEN = [
    ("recent-mat5.xlsx", "T8", None),
    ("recent-mat5.xlsx", "T8", "НЕТ ОТМЕТКИ"),
    ("recent-mat5.xlsx", "T8", "нет отметки"),
    ("recent-mat5.xlsx", "T8", "-"),
    ("recent-mat5.xlsx", "T8", "–"),
    ("recent-mat5.xlsx", "T8", " — "),
    ("recent-mat5.xlsx", "S8", "М"),
    ("recent-mat5.xlsx", "S8", " Жен. "),
    ("recent-mat5.xlsx", "B8", "\u00a02 "),
    ("recent-mat5.xlsx", "B8", "２"),
    ("recent-mat5.xlsx", "A8", " 50414 "),
    ("recent-mat5.xlsx", "S8", "юноша"),
    ("f1-mat5.xlsx", "E9", '5 "a"'),
    ("f1-mat5.xlsx", "E9", "5/1"),
    ("f1-mat5.xlsx", "E9", "5 – 2"),
    ("f1-mat5.xlsx", "E9", 5.1),
    ("working-mat5.xlsx", "C8", "5 класс"),
    ("working-mat5.xlsx", "C8", "5А"),
    ("f1-mat5.xlsx", "E9", "5-А класс"),
    ("y2020-rus4.xlsx", "AB8", "Канакина В. П., Горецкий В. Г. Русский язык"),
    ("y2020-rus4.xlsx", "A8", "sch641137"),
]


@pytest.mark.parametrize(("sample", "cell", "value"), FORGIVEN)
def test_another_way_to_write_the_same_is_understood(sample: str, cell: str, value: object) -> None:
    assert found(read_spoiled(sample, lambda sheet: sheet.__setitem__(cell, value))) == []


@pytest.mark.parametrize(
    "word", ["отсутствовал", "ОТСУТСТВОВАЛА", "Не  присутствовал ", "отсутствует", "н/я"]
)
def test_absent_participant_is_recognised_in_any_form(word: str) -> None:
    def absent(sheet) -> None:  # type: ignore[no-untyped-def]
        for column in "CDEFGHIJKLMNOPQU":
            sheet[f"{column}8"] = None
        sheet["B8"] = word

    reading = read_spoiled("recent-mat5.xlsx", absent)
    assert found(reading) == []
    assert (reading.rows, reading.present) == (31, 29)
    assert reading.works[6].status == "absent"
    assert reading.works[6].total is None


def test_absent_participant_with_a_total_but_no_score() -> None:
    def absent(sheet) -> None:  # type: ignore[no-untyped-def]
        for column in "CDEFGHIJKLMNOPQ":
            sheet[f"{column}8"] = None
        sheet["B8"] = "отсутствовал"

    assert found(read_spoiled("recent-mat5.xlsx", absent)) == [("U8", "absent, but has a total")]


def test_absent_in_one_of_two_parts_earns_no_total_and_no_mark() -> None:
    def partial(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["C2"] = "не присутствовал"
        for column in "JKLMNOPQRSTUVW":
            sheet[f"{column}2"] = None
        sheet["AA2"] = None

    reading = read_spoiled("recent-rus4.xlsx", partial)
    assert found(reading) == []
    work = reading.works[0]
    assert (work.status, work.variant_1, work.variant_2) == ("partial", 2, None)
    assert (work.total, work.mark, work.scores["1К1"], work.scores["15.2"]) == (None, None, 4, None)
    assert reading.present == 50


def test_not_studied_leaves_the_sum_and_not_attempted_counts_nothing() -> None:
    def mixed(sheet) -> None:  # type: ignore[no-untyped-def]
        for column in "CDEFGHIJKLMNOPQ":
            sheet[f"{column}8"] = "х"
        sheet["C8"], sheet["D8"], sheet["U8"] = "N", 1, 1

    reading = read_spoiled("recent-mat5.xlsx", mixed)
    work = reading.works[6]
    assert found(reading) == []
    assert (work.scores["1"], work.scores["2"], work.scores["3"], work.total) == (None, 1, -1, 1)


def test_row_without_any_score_is_one_finding() -> None:
    def empty(sheet) -> None:  # type: ignore[no-untyped-def]
        for column in "CDEFGHIJKLMNOPQ":
            sheet[f"{column}8"] = None

    assert found(read_spoiled("recent-mat5.xlsx", empty)) == [("C8", "score missing")]


def test_repeated_code_is_named_where_it_breaks_the_order() -> None:
    later = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.__setitem__("A20", 50410))
    earlier = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.__setitem__("A5", 50430))
    neighbour = read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.__setitem__("A5", 50412))
    assert found(later) == [("A20", "code used twice")]
    assert found(earlier) == [("A5", "code used twice")]
    assert found(neighbour) == [("A5", "code used twice")]


@pytest.mark.parametrize(
    ("cell", "code"), [("A3", 50408), ("A2", 50409), ("A32", 50437), ("A31", 50438), ("A15", 50420)]
)
def test_code_of_the_row_beside_is_named_where_it_breaks_the_run(cell: str, code: int) -> None:
    assert found(read_spoiled("recent-mat5.xlsx", lambda sheet: sheet.__setitem__(cell, code))) == [
        (cell, "code used twice")
    ]


def test_code_written_three_times_is_named_twice() -> None:
    def thrice(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["A5"] = sheet["A25"] = sheet["A14"].value

    assert found(read_spoiled("recent-mat5.xlsx", thrice)) == [
        ("A5", "code used twice"),
        ("A25", "code used twice"),
    ]


def test_both_variants_wrong_are_two_cells() -> None:
    def both(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["F8"] = sheet["G8"] = 99

    for sample in ("y2020-mat5.xlsx", "y2020-rus4.xlsx"):
        assert found(read_spoiled(sample, both)) == [("F8", "unknown variant"), ("G8", "unknown variant")]


COLUMN = [f"E{row}" for row in range(2, 33) if row != 17]  # row 17 is absent


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("два", "not a score"),
        ("1,5", "not a whole number"),
        (7, "score above maximum"),
        (-1, "score below zero"),
    ],
)
def test_wrong_scores_are_named_one_by_one_however_many_they_are(value: object, kind: str) -> None:
    def column(sheet) -> None:  # type: ignore[no-untyped-def]
        for cell in COLUMN:
            sheet[cell] = value

    assert found(read_spoiled("recent-mat5.xlsx", column)) == [(cell, kind) for cell in COLUMN]


def test_hundreds_of_wrong_scores_in_a_column_end_with_a_count() -> None:
    def many(sheet) -> None:  # type: ignore[no-untyped-def]
        row = [cell.value for cell in sheet[8]]
        row[3] = "два"
        for number in range(250):
            sheet.append([50500 + number, *row[1:]])

    findings = read_spoiled("recent-mat5.xlsx", many).findings
    assert len(findings) == 100
    assert [finding.cell for finding in findings[-2:]] == ["D131", "D132"]
    assert "ещё в 150 строках" in findings[-1].message


def test_several_wrong_cells_in_one_row_are_each_named() -> None:
    def spoil(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet["B8"], sheet["C8"], sheet["D8"], sheet["E8"], sheet["Q8"] = 99, "отсутствовал", "1,5", -1, 9

    assert found(read_spoiled("recent-mat5.xlsx", spoil)) == [
        ("B8", "unknown variant"),
        ("C8", "not a score"),
        ("D8", "not a whole number"),
        ("E8", "score below zero"),
        ("Q8", "score above maximum"),
    ]


def test_row_pasted_twice_is_a_repeated_code() -> None:
    def twice(sheet) -> None:  # type: ignore[no-untyped-def]
        sheet.append([cell.value for cell in sheet[8]])

    assert found(read_spoiled("recent-mat5.xlsx", twice)) == [("A33", "code used twice")]
