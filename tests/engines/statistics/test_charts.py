"""Pictures of the reports: they can be put into a page safely, read aloud, and read without colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import ibis.expr.types as ir
import pytest

from oko.engines.statistics.charts import items_chart, marks_chart
from oko.engines.statistics.levels import Group, Scope
from oko.engines.statistics.marks import MarkTable, mark_table
from oko.engines.statistics.rules import Zone
from oko.engines.statistics.solving import item_table
from tests.engines.statistics.conftest import PAPER

SVG = "{http://www.w3.org/2000/svg}"
SCHOOL_A = Group("54", "54-1", "A")
SCHOOL_B = Group("54", "54-1", "B")
WIDTHS = (350, 960)


def hostile_label(group: Group) -> str:
    return f"<script>alert('{group.code}')</script> & «Школа»"


def pictures(works: ir.Table, width: int) -> list[str]:
    marks = mark_table(works, PAPER, labels=hostile_label)
    items = item_table(works, PAPER, labels=hostile_label)
    return [
        marks_chart(marks, width=width),
        items_chart(items, SCHOOL_A, against=Group("54"), width=width),
        items_chart(items, SCHOOL_B, width=width),
    ]


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
