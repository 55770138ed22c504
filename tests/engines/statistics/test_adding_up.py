"""What holds whatever the works: levels add up, order means nothing, X counts and N leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.engines.statistics.comparison import comparison_table
from oko.engines.statistics.counting import Counting, school_sums
from oko.engines.statistics.directions import BY_SLUG, DIRECTIONS
from oko.engines.statistics.distribution import distribution_table
from oko.engines.statistics.grid import Kind
from oko.engines.statistics.individual import works_behind
from oko.engines.statistics.levels import EVERYTHING, KEYS, Level, Scope, add_up
from oko.engines.statistics.solving import item_table
from oko.engines.statistics.stored import stored_sums
from tests.engines.statistics.second_set import (
    ASSESSMENT,
    COUNTRY,
    MUNICIPALITY,
    PAPER,
    SCHOOL_C,
    SCHOOL_D,
    SCHOOL_E,
    opened,
    second_works,
    work,
    write_second,
)

COUNTINGS = {direction.counting.name: direction.counting for direction in DIRECTIONS}.values()


def scores_of(maximum: int) -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.integers(-1, maximum))


PUPIL = st.tuples(
    st.sampled_from([SCHOOL_C, SCHOOL_D, SCHOOL_E]),
    st.tuples(*(scores_of(item.maximum) for item in PAPER.items)),
    st.sampled_from([None, 2, 3, 4, 5]),
    st.sampled_from(["present", "present", "partial"]),
)
#: Few distinct works, each many times: groups of ten and more come up, not only tiny ones.
PUPILS = st.lists(st.tuples(PUPIL, st.integers(1, 15)), min_size=1, max_size=8)


def works_of(pupils: Sequence[tuple[tuple[Any, ...], int]]) -> list[dict[str, Any]]:
    each = [pupil for pupil, times in pupils for _ in range(times)]
    return [work(school, number, *rest) for number, (school, *rest) in enumerate(each)]


def sums_of(works: ir.Table, counting: Counting) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = add_up(
        school_sums(works, PAPER, counting), EVERYTHING, by=counting.by
    ).to_pylist()
    return rows


@settings(max_examples=15, deadline=None)
@given(pupils=PUPILS)
def test_schools_add_up_to_municipalities_regions_and_the_country(
    pupils: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with opened(tmp_path_factory.mktemp("levels"), works_of(pupils)) as works:
        for counting in COUNTINGS:
            rows = sums_of(works, counting)
            names = rows[0].keys() - {"level", "schools", *KEYS, *counting.by}
            whole = {level: Counter[Any]() for level in Level}
            for row in rows:
                of_what = tuple(row[key] for key in counting.by)
                whole[Level(row["level"])].update({(name, of_what): row[name] for name in names})
            assert whole[Level.SCHOOL] == whole[Level.MUNICIPALITY] == whole[Level.REGION]
            assert whole[Level.REGION] == whole[Level.COUNTRY]


@settings(max_examples=15, deadline=None)
@given(pupils=PUPILS)
def test_percents_of_a_group_add_up_to_a_hundred(
    pupils: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with opened(tmp_path_factory.mktemp("hundred"), works_of(pupils)) as works:
        distribution, comparison = distribution_table(works, PAPER), comparison_table(works, PAPER)
    for row in distribution.rows:
        assert sum(row.counts) == row.participants
        assert (row.percents is None) == (row.participants < 10)
        assert row.percents is None or sum(row.percents) == pytest.approx(100)
    for compared in comparison.rows:
        assert sum(compared.counts) == compared.participants
        assert compared.significant <= compared.counts[0] + compared.counts[2]
        assert (compared.percents is None) == (compared.participants < 10)
        assert compared.percents is None or sum(compared.percents) == pytest.approx(100)


@settings(max_examples=10, deadline=None)
@given(pupils=PUPILS, order=st.randoms(use_true_random=False))
def test_works_in_any_order_give_the_same_report(
    pupils: list[Any], order: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    rows = works_of(pupils)
    with opened(folder, rows) as works:
        before = [direction.report(works, PAPER) for direction in DIRECTIONS]
    order.shuffle(rows)
    with opened(folder, rows) as works:
        assert [direction.report(works, PAPER) for direction in DIRECTIONS] == before


@settings(max_examples=15, deadline=None)
@given(pupils=PUPILS, position=st.integers(0, len(PAPER.items) - 1))
def test_x_is_worth_nothing_and_its_participant_counts_while_n_leaves(
    pupils: list[Any], position: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = works_of(pupils)

    def solved(score: int | None) -> Any:
        scores = [score if at == position else None for at in range(len(PAPER.items))]
        folder = tmp_path_factory.mktemp("one-more")
        with opened(folder, [*rows, work(SCHOOL_C, len(rows), scores, None, "partial")]) as works:
            return item_table(works, PAPER).row(COUNTRY).cells[position]

    with_n, with_x, with_nothing = solved(None), solved(-1), solved(0)
    assert with_x.counted == with_nothing.counted == with_n.counted + 1
    assert with_x.scores == with_nothing.scores == with_n.scores
    assert with_x.not_attempted == with_n.not_attempted + 1
    assert with_nothing.not_attempted == with_n.not_attempted


def test_sums_that_were_kept_give_the_same_reports(tmp_path: Path) -> None:
    with opened(tmp_path, second_works()) as works:
        counted = [direction.report(works, PAPER) for direction in DIRECTIONS]
    for _ in ("counted and kept", "read"):
        kept = [
            direction.report(stored_sums(tmp_path, ASSESSMENT, PAPER, direction.counting), PAPER)
            for direction in DIRECTIONS
        ]
        assert kept == counted


def test_reports_before_the_first_work_are_whole(tmp_path: Path) -> None:
    write_second(tmp_path, [])
    with opened(tmp_path, []) as works:
        for direction in DIRECTIONS:
            grid = direction.report(works, PAPER)
            assert {row.group for row in grid.rows} == {COUNTRY}
            assert all(len(row.cells) == len(grid.columns) for row in grid.rows)
            assert {row.participants for row in grid.rows} == {0}


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.slug)
def test_every_number_of_a_grid_says_which_works_are_behind_it(second: ir.Table, direction: Any) -> None:
    grid = direction.report(second, PAPER)
    unexplained = {"group", "schools", "mark", "item", "area", "skill", "level", "maximum"}
    names = [column.name for column in grid.columns]
    assert len(set(names)) == len(names)
    for row in grid.rows:
        behind = {name for name, cell in zip(names, row.cells, strict=True) if cell.behind is not None}
        assert behind == set(names) - unexplained
    assert len({(row.group, row.key) for row in grid.rows}) == len(grid.rows)


@settings(max_examples=8, deadline=None)
@given(pupils=PUPILS)
def test_as_many_works_are_behind_a_count_as_it_says(
    pupils: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with opened(tmp_path_factory.mktemp("behind"), works_of(pupils)) as works:
        for direction in DIRECTIONS:
            grid = direction.report(works, PAPER, Scope(MUNICIPALITY, down_to=Level.SCHOOL))
            counts = [
                (cell.behind, cell.value)
                for row in grid.rows
                for column, cell in zip(grid.columns, row.cells, strict=True)
                if column.kind is Kind.COUNT and cell.behind is not None
            ]
            assert {row.group for row in grid.rows} <= {behind.group for behind, _ in counts}
            for behind, count in dict(counts).items():
                assert works_behind(works, behind).count().to_pyarrow().as_py() == count


def test_as_many_works_are_behind_a_percent_of_totals_as_have_that_total(second: ir.Table) -> None:
    grid = BY_SLUG["distribution"].report(second, PAPER, Scope(SCHOOL_C))
    row = grid.row(SCHOOL_C)
    for cell in row.cells[3:]:
        assert cell.behind is not None
        found = works_behind(second, cell.behind).count().to_pyarrow().as_py()
        assert cell.value == pytest.approx(100 * found / row.participants)
