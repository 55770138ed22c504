"""Pictures of the reports: they can be put into a page safely, read aloud, and read without colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import ibis.expr.types as ir
import pytest

from oko.engines.papers import Item, Paper
from oko.engines.statistics.by_mark import ByMarkRow, ByMarkTable, MarkGroupCell, by_mark_table
from oko.engines.statistics.charts import (
    by_mark_chart,
    comparison_chart,
    distribution_chart,
    draw,
    items_chart,
    marks_chart,
    planned_chart,
)
from oko.engines.statistics.comparison import comparison_table
from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.distribution import DistributionRow, DistributionTable, distribution_table
from oko.engines.statistics.levels import Group, Scope
from oko.engines.statistics.marks import MarkTable, mark_table
from oko.engines.statistics.planned import planned_table
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.solving import ItemCell, ItemRow, ItemTable, item_table
from tests.engines.statistics.conftest import PAPER

SVG = "{http://www.w3.org/2000/svg}"
SCHOOL_A = Group("54", "54-1", "A")
SCHOOL_B = Group("54", "54-1", "B")
REGION = Group("54")
WIDTHS = (350, 960)


def hostile_label(group: Group) -> str:
    return f"<script>alert('{group.code}')</script> & «Школа»"


def pictures(works: ir.Table, width: int) -> list[str]:
    marks = mark_table(works, PAPER, labels=hostile_label)
    items = item_table(works, PAPER, labels=hostile_label)
    distribution = distribution_table(works, PAPER, labels=hostile_label)
    planned = planned_table(works, PAPER, labels=hostile_label)
    return [
        marks_chart(marks, width=width),
        items_chart(items, SCHOOL_A, against=REGION, width=width),
        items_chart(items, SCHOOL_B, width=width),
        comparison_chart(comparison_table(works, PAPER, labels=hostile_label), width=width),
        distribution_chart(distribution, SCHOOL_A, against=REGION, width=width),
        distribution_chart(distribution, SCHOOL_B, width=width),
        planned_chart(planned, SCHOOL_A, against=REGION, width=width),
        planned_chart(planned, SCHOOL_B, width=width),
        by_mark_chart(by_mark_table(works, PAPER, labels=hostile_label), REGION, width=width),
        by_mark_chart(two_marks(), SCHOOL_A, width=width),
    ]


def two_marks() -> ByMarkTable:
    """Those with «4» solved both items; too few have «3», and at one item too few have «5»."""
    first, second = PAPER.items

    def row(mark: int, participants: int, *percents: float | None) -> ByMarkRow:
        cells = [
            MarkGroupCell(item, participants, 0, percent)
            for item, percent in zip((first, second), percents, strict=True)
        ]
        return ByMarkRow(SCHOOL_A, hostile_label(SCHOOL_A), mark, participants, tuple(cells))

    rows = (row(2, 0, None, None), row(3, 5, None, None), row(4, 50, 64.25, 20.0), row(5, 12, 95.0, None))
    return ByMarkTable(PAPER, rows)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_is_one_safe_element_of_the_width_asked_for(works: ir.Table, width: int) -> None:
    for svg in pictures(works, width):
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own picture
        assert root.tag == f"{SVG}svg"
        assert float(root.attrib["width"]) == pytest.approx(width, abs=1)
        assert not root.findall(f".//{SVG}script")
        assert not re.search(r"(?:href|on\w+|style)=", svg)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_is_smaller_than_eleven_pixels(works: ir.Table, width: int) -> None:
    for svg in pictures(works, width):
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
        assert sizes
        assert min(sizes) >= 11


def test_a_picture_has_a_name_and_a_description(works: ir.Table) -> None:
    for svg in pictures(works, 960):
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own picture
        named = {
            child.attrib["id"]: child.text or ""
            for child in root
            if child.tag in (f"{SVG}title", f"{SVG}desc")
        }
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"].split() == list(named)
        assert "Проба, 4 класс" in next(iter(named.values()))
        inner = [element for element in root.iter() if element is not root]
        assert not [
            name for element in inner for name in element.attrib if name.startswith(("aria-", "role"))
        ]


def test_pictures_of_one_page_share_no_ids(works: ir.Table) -> None:
    found = [re.findall(r' id="([^"]+)"', svg) for width in WIDTHS for svg in pictures(works, width)]
    together = [name for names in found for name in names]
    assert len(together) == len(set(together))


def test_every_reference_in_a_picture_is_to_its_own_ids(works: ir.Table) -> None:
    for svg in pictures(works, 960):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r' id="([^"]+)"', svg))


def test_the_same_table_gives_the_same_picture(works: ir.Table) -> None:
    assert pictures(works, 350) == pictures(works, 350)


def test_the_description_says_the_numbers_in_russian(works: ir.Table) -> None:
    marks = marks_chart(mark_table(works, PAPER, Scope(SCHOOL_A)))
    assert "ОО A: «2» 10,0 %, «3» 10,0 %, «4» 0,0 %, «5» 80,0 %." in marks
    items = items_chart(item_table(works, PAPER), SCHOOL_B)
    assert f"Задание 1: 60,0 %, {Zone.BORDERLINE.label}." in items
    assert "Задание 2: менее 10 участников." in items


def test_a_zone_has_its_sign_in_the_picture(works: ir.Table) -> None:
    svg = items_chart(item_table(works, PAPER), SCHOOL_B)
    assert f"60,0 {Zone.BORDERLINE.sign}" in svg


def test_a_small_group_gets_words_instead_of_a_bar(works: ir.Table) -> None:
    nobody = Group("54", "54-1", "nobody")
    svg = marks_chart(mark_table(works, PAPER, Scope(nobody)))
    assert "нет работ с отметкой" in svg


@pytest.mark.parametrize("width", WIDTHS)
def test_few_and_none_are_told_apart_at_an_item(works: ir.Table, width: int) -> None:
    nobody = Group("54", "54-1", "nobody")
    table = item_table(works, PAPER, Scope(nobody))
    assert ">нет<" in items_chart(table, nobody, width=width)
    few_at_the_second = items_chart(item_table(works, PAPER), SCHOOL_B, width=width)
    assert ">мало<" in few_at_the_second
    assert ">нет<" not in few_at_the_second


def test_a_table_without_rows_is_a_picture_still(works: ir.Table) -> None:
    svg = marks_chart(MarkTable(PAPER, ()))
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"  # noqa: S314  # our own picture


def test_a_chart_of_a_group_that_is_not_there_is_an_error(works: ir.Table) -> None:
    table = item_table(works, PAPER)
    with pytest.raises(KeyError):
        items_chart(table, Group("99"))
    with pytest.raises(KeyError):
        items_chart(table, SCHOOL_A, against=Group("99"))


def test_every_direction_has_its_picture(works: ir.Table) -> None:
    for direction in DIRECTIONS:
        table = direction.table(works, PAPER, Scope(SCHOOL_A), hostile_label)
        svg = draw(direction.slug, table, SCHOOL_A, against=REGION, width=350)
        heading = ElementTree.fromstring(svg)[0].text or ""  # noqa: S314  # our own picture
        assert heading.startswith(f"{direction.title}: Проба, 4 класс")


def test_a_picture_shows_a_group_and_those_it_lies_in_and_nobody_else(works: ir.Table) -> None:
    svg = draw("marks", mark_table(works, PAPER), SCHOOL_A)
    assert "ОО A: " in svg
    assert "Регион 54: " in svg
    assert "ОО B: " not in svg


def test_there_is_no_picture_of_an_unknown_direction_or_group(works: ir.Table) -> None:
    with pytest.raises(KeyError):
        draw("nonsense", mark_table(works, PAPER), SCHOOL_A)
    for direction in DIRECTIONS:
        table = direction.table(works, PAPER, Scope(SCHOOL_A), hostile_label)
        with pytest.raises(KeyError):
            draw(direction.slug, table, Group("99"))


def test_changes_have_signs_beside_their_colours(works: ir.Table) -> None:
    svg = comparison_chart(comparison_table(works, PAPER, Scope(SCHOOL_A)))
    assert "ОО A: понизили 20,0 %, подтвердили 0,0 %, повысили 80,0 %." in svg
    for shown in ("↓ Понизили", "= Подтвердили", "↑ Повысили", "↓ 20,0", "↑ 80,0"):
        assert f">{shown}<" in svg


def test_phones_see_the_names_of_all_changes(works: ir.Table) -> None:
    svg = comparison_chart(comparison_table(works, PAPER, Scope(SCHOOL_A)), width=350)
    for name in ("↓ Понизили", "= Подтвердили", "↑ Повысили"):
        assert f">{name}<" in svg


def test_a_distribution_shows_where_marks_begin_and_how_far_it_may_be_trusted(works: ir.Table) -> None:
    table = distribution_table(works, PAPER)
    svg = distribution_chart(table, REGION)
    for mark in (3, 4, 5):
        assert f">«{mark}»<" in svg
    assert "От 20 до 49 участников" in svg
    assert "Регион 54: участников 20, чаще всего первичный балл 3 (40,0 %)." in svg
    assert "Отметка «4» — от 2 баллов." in svg


def test_columns_of_a_distribution_are_those_totals_that_somebody_has(works: ir.Table) -> None:
    of_a = distribution_chart(distribution_table(works, PAPER), SCHOOL_A)
    assert of_a.count("#7fb2d3") == 3  # totals 0, 1 and 3
    assert "#7fb2d3" not in distribution_chart(DistributionTable(PAPER, (few(SCHOOL_A),)), SCHOOL_A)


def test_a_distribution_of_few_is_not_drawn_and_says_so() -> None:
    table = DistributionTable(PAPER, (few(REGION), few(SCHOOL_A)))
    svg = distribution_chart(table, SCHOOL_A, against=REGION)
    assert "Школа: менее 10 участников" in svg
    assert "чаще всего" not in svg


def few(group: Group) -> DistributionRow:
    return DistributionRow(group, "Школа", 1, 4, (1, 1, 1, 1), None)


def test_boundaries_that_stand_close_are_labelled_one_under_another() -> None:
    paper = Paper("long", "Проба", 4, (Item("1", 60),), scale=(20, 21, 50))
    row = DistributionRow(SCHOOL_A, "Школа", 1, 61, (1,) * 61, tuple([100 / 61] * 61))
    svg = distribution_chart(DistributionTable(paper, (row,)), SCHOOL_A, width=350)
    found = re.findall(r'translate\([\d.]+,([\d.]+)\)"[^>]*>«(\d)»<', svg)
    heights = {int(mark): float(height) for height, mark in found}
    assert heights[4] - heights[3] >= 12
    assert heights[5] == heights[3]


def test_planned_results_stand_with_their_items_and_zones(works: ir.Table) -> None:
    svg = planned_chart(planned_table(works, PAPER), SCHOOL_B)
    assert "считать: 60,0 %, у порога." in svg
    assert "рассуждать: менее 10 участников." in svg
    assert ">задание 1<" in svg
    assert f">60,0 {Zone.BORDERLINE.sign}<" in svg


def test_a_paper_without_planned_results_says_so(works: ir.Table) -> None:
    bare = Paper("try4", "Проба", 4, (Item("1", 2), Item("2", 1)), scale=(1, 2, 3))
    assert "не описаны" in planned_chart(planned_table(works, bare), SCHOOL_A)


def test_a_planned_result_of_two_levels_has_no_zone(works: ir.Table) -> None:
    mixed = Paper(
        "try4", "Проба", 4, (Item("1", 2, "Б", area="счёт"), Item("2", 1, "П", area="счёт")), scale=(1, 2, 3)
    )
    svg = planned_chart(planned_table(works, mixed), SCHOOL_A)
    assert "порога нет: уровни разные" in svg
    for school in (SCHOOL_A, SCHOOL_B):  # at B too few have the second item
        assert "порога нет" not in planned_chart(planned_table(works, PAPER), school)


def test_every_point_of_a_line_is_its_mark_and_few_are_left_out() -> None:
    svg = by_mark_chart(two_marks(), SCHOOL_A)
    assert svg.count(">4<") == 2
    assert svg.count(">5<") == 1
    assert ">3<" not in svg
    assert "Не показаны «2», «3»: менее 10 участников." in svg
    assert "Отметка «4»: от 20,0 % (задание 2) до 64,3 % (задание 1)." in svg


@pytest.mark.parametrize(("count", "lines"), [(12, 1), (24, 2)])
def test_numbers_over_narrow_columns_do_not_run_into_each_other(count: int, lines: int) -> None:
    items = tuple(Item(str(number), 1) for number in range(count))
    paper = Paper("wide", "Проба", 4, items, scale=(1, 2, 3))
    cells = tuple(ItemCell(item, 50, 0, 20, 40.0, Zone.INSUFFICIENT) for item in items)
    table = ItemTable(paper, (ItemRow(SCHOOL_A, "Школа", 1, 50, cells),))
    svg = items_chart(table, SCHOOL_A)
    assert svg.count(">40,0 ▼<") == (count if lines == 1 else 0)
    assert svg.count(">▼<") == (count if lines == 2 else 0)
