"""The PDF of reports: what stands on its pages, whatever people have written, and how tables are cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from oko.engines.papers import Item, Paper, load_papers
from oko.engines.psychometrics.simulation import simulate_school
from oko.engines.statistics.charts import draw
from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS
from oko.engines.statistics.grid import Cell, Column, Grid, Kind, Row, beside_earlier
from oko.engines.statistics.levels import EVERYTHING, Group, Level, Scope, plain_label
from oko.engines.statistics.pdf import PICTURE_WIDTH, report_pdf
from oko.engines.statistics.pdf_layout import LYING, UPRIGHT, laid_out
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.statements import Statement, StatementKind, Summary
from oko.engines.statistics.works import open_works, work_row, write_works
from tests.engines.statistics.conftest import PAPER
from tests.engines.statistics.pdf_text import landscape_pages, pages_text, plain

SCHOOL_A = Group("54", "54-1", "A")
TITLE, PLACE = "ВПР 2026. Проба, 4 класс", "Школа А"
HOSTILE = "#set page(fill: red) [Школа] $x^2$ *жирно* _так_ @ссылка <метка> `код` \\ // ~ \"й\" 'ц' = + /"
MISSING = "Не хватает 3 протоколов из 24."


def made(grids: Sequence[Grid], **others: Any) -> bytes:
    return report_pdf(grids, **({"pictures": {}, "title": TITLE, "subtitle": PLACE} | others))


def grids_of(works: ir.Table, scope: Scope = EVERYTHING) -> list[Grid]:
    return [direction.report(works, PAPER, scope) for direction in DIRECTIONS]


def wide_grid(columns: int, rows: int, *, zone: Zone | None = None) -> Grid:
    """Schools and so many columns of percents, each of which names its place: 1,0 … in the first row."""
    heads = (
        Column("group", "Группа участников", Kind.TEXT),
        *(Column(f"c{number}", f"№{number}", Kind.PERCENT, "Баллы") for number in range(columns)),
    )
    lines = tuple(
        Row(
            Group("54", "54-1", f"s{row}"),
            f"Школа {row}",
            100,
            (Cell(f"Школа {row}"), *(Cell(float(number), zone=zone) for number in range(columns))),
        )
        for row in range(rows)
    )
    return Grid("wide", "Широкая таблица", PAPER, heads, lines)


def columns_drawn(layout: Mapping[str, Any]) -> list[list[str]]:
    return [[column["title"] for column in block["columns"]] for block in layout["blocks"]]


def test_every_page_says_what_and_whose_it_is_its_number_and_what_is_amiss(works: ir.Table) -> None:
    unsettled = "Не разобраны замечания: 2."
    pages = pages_text(made([*grids_of(works), wide_grid(30, 60)], warnings=[MISSING, unsettled]))
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        for words in (TITLE, PLACE, MISSING, unsettled, f"стр. {number} из {len(pages)}"):
            assert plain(words) in page


def test_many_warnings_leave_room_for_the_report_and_are_all_on_the_first_page(works: ir.Table) -> None:
    warnings = [f"Не пришёл протокол класса {number} — напишите координатору." for number in range(40)]
    first, *others = pages_text(made([*grids_of(works), wide_grid(30, 60)], warnings=warnings))
    assert all(plain(warning) in first for warning in warnings)
    for page in others:
        assert plain(warnings[0]) in page
        assert plain("Показано предупреждений: 5 из 40. Все — на первой странице.") in page


def test_a_warning_as_long_as_a_page_is_shortened_on_the_others(works: ir.Table) -> None:
    first, *others = pages_text(
        made([*grids_of(works), wide_grid(30, 60)], warnings=["очень " * 800 + "долго"])
    )
    assert "долго" in first
    assert all("долго" not in page and plain("очень очень") in page for page in others)


def test_numbers_of_all_directions_stand_in_it(works: ir.Table) -> None:
    text = "".join(pages_text(made(grids_of(works, Scope(SCHOOL_A)))))
    for direction in DIRECTIONS:
        assert plain(direction.title) in text
    for label in ("Вся выборка", "Регион 54", "Муниципалитет 54-1", "ОО A"):
        assert plain(label) in text
    assert plain("ОО A очень мало участников 1 10 1 1 0 8 10,0 10,0 0,0 80,0") in text  # marks of school A
    assert "77,3" in text  # its first item: 100·17/22


def test_hidden_numbers_are_a_dash_and_zones_have_their_signs(works: ir.Table) -> None:
    grid = BY_SLUG["items"].report(works, PAPER, EVERYTHING, plain_label)
    text = "".join(pages_text(made([grid])))
    assert plain("ОО B мало участников").removeprefix("ООB") in text
    assert plain("1 10 60,0≈ —") in text  # school B: the second item has six participants
    assert plain("≈ у порога") in text


def test_earlier_seasons_stand_beside_this_one(works: ir.Table) -> None:
    grid = BY_SLUG["marks"].report(works, PAPER, Scope(SCHOOL_A), plain_label)
    text = "".join(pages_text(made([beside_earlier(grid, [("2025 год", grid)])])))
    assert plain("Сезон") in text
    assert plain("Вся выборка текущий 2 20") in text.replace(plain("мало участников"), "")
    assert plain("Вся выборка 2025 год 2 20") in text.replace(plain("мало участников"), "")


def test_what_people_wrote_is_shown_as_they_wrote_it(works: ir.Table) -> None:
    paper = Paper("try4", HOSTILE, 4, (Item("1", 2, "Б", HOSTILE), Item("2", 1, "П")), scale=(1, 2, 3))
    grid = BY_SLUG["marks"].report(works, paper, EVERYTHING, lambda group: f"{HOSTILE} {group.code}")
    pages = pages_text(
        made(
            [grid],
            title=HOSTILE,
            subtitle=HOSTILE,
            warnings=[HOSTILE],
            notes=[HOSTILE],
            summary=summary_of((StatementKind.STRONG, HOSTILE)),
        )
    )
    hostile = plain(HOSTILE)
    assert all(page.count(hostile) >= 3 for page in pages)  # title, place, warning
    everything = "".join(pages)
    for group in ("A", "B", "54-1"):
        assert hostile + plain(group) in everything
    assert everything.count(hostile) >= 3 * len(pages) + 5 + 4


@pytest.mark.parametrize(
    "odd", ["ноль\0здесь", "назад\u202eздесь", "смех 😀", "漢字", "по\udcffловина", "а" * 400]
)
def test_no_letter_spoils_the_document(odd: str, works: ir.Table) -> None:
    grid = BY_SLUG["marks"].report(works, PAPER, EVERYTHING, lambda group: f"{group.code} {odd}")
    pages = pages_text(made([grid], title=odd, warnings=[odd]))
    assert all(plain(f"стр. {number} из {len(pages)}") in page for number, page in enumerate(pages, start=1))


def test_a_long_name_is_whole_on_the_first_page_and_short_on_top_of_the_others(works: ir.Table) -> None:
    long = "Муниципальное бюджетное общеобразовательное учреждение " * 6 + "имени Последнего Слова"
    first, *others = pages_text(made([*grids_of(works), wide_grid(30, 60)], subtitle=long))
    assert plain(long) in first
    assert all(plain("имени Последнего Слова") not in page for page in others)
    assert all(plain(long[:100]) in page for page in others)


def test_pictures_stand_in_their_sections_with_words_for_those_who_do_not_see(works: ir.Table) -> None:
    grids = grids_of(works, Scope(SCHOOL_A))
    tables = {
        direction.slug: direction.table(works, PAPER, Scope(SCHOOL_A), plain_label)
        for direction in DIRECTIONS
    }
    pictures = {
        slug: draw(slug, table, SCHOOL_A, against=Group("54"), width=PICTURE_WIDTH)
        for slug, table in tables.items()
    }
    pdf = made(grids, pictures=pictures)
    text = "".join(pages_text(pdf))
    assert plain("↓ Понизили") in text
    assert plain("Светлая черта — порог; чёрная черта — Регион 54") in text
    assert pdf.count(b"/Alt(") + pdf.count(b"/Alt<") == len(DIRECTIONS)
    assert b"pdfuaid" in pdf


def test_a_summary_comes_first_in_plain_words(works: ir.Table) -> None:
    strong, weak = StatementKind.STRONG, StatementKind.WEAK
    summary = summary_of((strong, "Хорошо считают."), (weak, "Не рассуждают."), (strong, "И пишут."))
    first, *_ = pages_text(made(grids_of(works), summary=summary))
    told = f"{strong.label} • Хорошо считают. • И пишут. {weak.label} • Не рассуждают."
    assert plain(f"Коротко о главном {told}") in first


def test_notes_close_it_and_speak_of_what_is_shown(works: ir.Table) -> None:
    grid = BY_SLUG["marks"].report(works, PAPER, EVERYTHING, plain_label)
    text = "".join(pages_text(made([grid], notes=["Данные на 1 июня."])))
    assert plain("Как получены числа • Данные на 1 июня.") in text
    assert plain("«Статистика по отметкам»: участники") in text
    assert plain("«Распределение первичных баллов»") not in text
    assert plain("2 1 П рассуждать") in text  # the items of the paper


def test_without_works_it_is_a_document_still() -> None:
    assert len(pages_text(made([]))) == 1
    assert plain("Работ пока нет.") in "".join(pages_text(made([wide_grid(3, 0)])))


def test_the_same_reports_give_the_same_bytes(works: ir.Table) -> None:
    assert made(grids_of(works)) == made(grids_of(works))


def test_a_school_reads_its_report_without_turning_it(tmp_path: Path) -> None:
    paper = next(paper for paper in load_papers() if paper.code == "rus4")  # 20 items, 38 points
    pupils = [(f"4{number:04}", "4А") for number in range(25)]
    rows = [
        work_row(work, school="A", municipality="54-1", supervisor="54-1")
        for work in simulate_school(paper, pupils, school_effect=0.0, seed=1)
    ]
    write_works(tmp_path, "vpr", paper, "54", rows)
    with open_works(tmp_path, "vpr", paper) as works:
        grids = [direction.report(works, paper, Scope(SCHOOL_A)) for direction in DIRECTIONS]
    pdf = made(grids)
    assert not any(landscape_pages(pdf))
    assert len(pages_text(pdf)) <= 7


def test_names_of_groups_keep_their_room_beside_many_columns() -> None:
    grid = wide_grid(39, 60)
    named = "Муниципальное образование «Город на широкой реке»"
    rows = tuple(replace(row, cells=(Cell(named), *row.cells[1:])) for row in grid.rows)
    for block in laid_out(replace(grid, rows=rows))["blocks"]:
        assert block["widths"][0] >= 40


def test_a_long_wide_table_lies_and_repeats_its_header() -> None:
    pdf = made([wide_grid(30, 90)])
    pages = pages_text(pdf)
    lying = [page for page, lies in zip(pages, landscape_pages(pdf), strict=True) if lies]
    assert len(lying) > 2
    assert all(plain("Группа участников") in page and plain("№0 №1 №2") in page for page in lying)
    rows = "".join(lying)
    assert all(plain(f"Школа {number}") + "0,0" in rows for number in range(90))


def test_a_short_wide_table_is_cut_into_blocks_that_begin_with_the_group() -> None:
    layout = laid_out(wide_grid(39, 4))
    assert not layout["lying"]
    blocks = columns_drawn(layout)
    assert len(blocks) > 1
    assert all(titles[0] == "Группа участников" for titles in blocks)
    assert [title for _, *own in blocks for title in own] == [f"№{number}" for number in range(39)]
    assert max(map(len, blocks)) - min(map(len, blocks)) <= 2


@pytest.mark.parametrize("rows", [4, 60])
@pytest.mark.parametrize("columns", [1, 11, 20, 39, 200])
def test_a_table_never_leaves_the_paper(columns: int, rows: int) -> None:
    layout = laid_out(wide_grid(columns, rows, zone=Zone.BORDERLINE))
    room = LYING if layout["lying"] else UPRIGHT
    assert all(sum(block["widths"]) <= room + 0.1 for block in layout["blocks"])


def test_columns_under_one_header_are_not_parted(works: ir.Table) -> None:
    grid = BY_SLUG["comparison"].report(works, PAPER, EVERYTHING, plain_label)
    (block,) = laid_out(grid)["blocks"]
    assert [(over["title"], over["span"]) for over in block["over"]][:3] == [
        ("", 3),
        ("Понизили", 2),
        ("Подтвердили", 2),
    ]


def test_rows_of_one_group_are_told_apart_in_every_block() -> None:
    items = tuple(Item(f"{number}", 1) for number in range(1, 31))
    columns = (
        Column("group", "Группа участников", Kind.TEXT),
        Column("mark", "Отметка", Kind.COUNT),
        *(Column(item.code, item.code, Kind.PERCENT) for item in items),
    )
    rows = tuple(
        Row(SCHOOL_A, "Школа", 50, (Cell("Школа"), Cell(mark), *(Cell(50.0) for _ in items)), key=str(mark))
        for mark in (2, 3, 4, 5)
    )
    blocks = columns_drawn(laid_out(Grid("by", "По отметкам", PAPER, columns, rows)))
    assert len(blocks) > 1
    assert all(titles[:2] == ["Группа участников", "Отметка"] for titles in blocks)


def test_groups_above_schools_are_bold_and_earlier_seasons_pale(works: ir.Table) -> None:
    grid = BY_SLUG["marks"].report(works, PAPER, Scope(SCHOOL_A), plain_label)
    (block,) = laid_out(beside_earlier(grid, [("2025", grid)]))["blocks"]
    levels = [row.group.level for row in grid.rows for _ in range(2)]
    assert [row["bold"] for row in block["rows"]] == [level is not Level.SCHOOL for level in levels]
    assert [row["earlier"] for row in block["rows"]] == [False, True] * len(grid.rows)


def summary_of(*statements: tuple[StatementKind, str]) -> Summary:
    return Summary("Коротко о главном", tuple(Statement(kind, text) for kind, text in statements))
