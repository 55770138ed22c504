"""A page in plain words: numbers counted with a pencil (`second_set`), and what it never says."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko.engines.statistics.levels import Group
from oko.engines.statistics.reading import SeasonTables, StatementKind, Summary, season_tables, summary
from oko.engines.statistics.reading_rules import reading_rules
from oko.engines.statistics.similar import MiddleHalf, SimilarShares
from tests.engines.statistics import second_set
from tests.engines.statistics.second_set import (
    COUNTRY,
    MUNICIPALITY,
    PAPER,
    REGION,
    SCHOOL_C,
    SCHOOL_D,
    SCHOOL_E,
    work,
)

Kind = StatementKind


def tables(works: ir.Table, place: Group, name: str = "ВПР 2026") -> SeasonTables:
    return season_tables(name, PAPER, place, marks=works, comparison=works, items=works)


def texts(read: Summary, kind: StatementKind) -> list[str]:
    return [statement.text.replace("\u00a0", " ") for statement in read.of_kind(kind)]


def test_school_is_read_beside_its_municipality_and_region(second: ir.Table) -> None:
    """C: 2, 12, 0 and 10 of 24; the region has 12, 12, 2 and 10 of 36, so the rest (D) has 10 of 12 «2».

    2/24 against 10/12: p = 1/3, error 100·√(2/9·(1/24 + 1/12)) = 16.67 points, difference −75: 4.5 errors.
    10/24 against 2/12: the same p and error, difference 25: 1.5 errors.
    """
    told = texts(summary(SCHOOL_C, tables(second, SCHOOL_C)), Kind.HEADLINE)
    assert told == [
        "Всю работу выполнили и получили отметку: 24 участника. "
        "«2» — 2 (8,3 %), «3» — 12 (50,0 %), «4» — 0 (0,0 %), «5» — 10 (41,7 %).",
        "Доля «2»: здесь 8,3 %, в муниципалитете — 33,3 %, в регионе — 33,3 %. Разница больше случайной.",
        "Доля «4» и «5»: здесь 41,7 %, в муниципалитете — 33,3 %, в регионе — 33,3 %. "
        "Разница может быть случайной: участников мало.",
    ]


def test_strong_is_above_threshold_and_above_the_rest_of_the_region(second: ir.Table) -> None:
    """Item 4 of C: 24 of 24, of the rest 2 of 12: p = 26/36, error 15.8 points, difference 83.3: 5.3 errors.

    Items 1 and 3 of C are at 66.7 %: 1 is 16.7 above the rest, 0.98 errors; of 3 the rest has 4 works.
    """
    read = summary(SCHOOL_C, tables(second, SCHOOL_C))
    assert texts(read, Kind.STRONG) == ["Задание 4 (толковать): выполнение 100,0 %, в регионе — 72,2 %."]


def test_systemic_deficit_takes_its_items_out_of_the_weak_ones(second: ir.Table) -> None:
    """D: item 1 at 50 %, item 2 at 0 %, both of «Состав слова» and red; item 4 at 16.7 %; 3 is not shown.

    The region: item 1 at 61.1 % is borderline, item 2 at 27.8 % red: one of two is not more than half.
    """
    read = summary(SCHOOL_D, tables(second, SCHOOL_D))
    assert texts(read, Kind.DEFICIT) == ["«Состав слова»: ниже порога 2 из 2 заданий (1 и 2)."]
    assert texts(read, Kind.WEAK) == [
        "Задание 4 (толковать): выполнение 16,7 %, в регионе — 72,2 %. Это ниже порога. "
        "Разница больше случайной."
    ]
    assert "От 10 до 19 участников" in texts(read, Kind.CAUTION)[0]


def test_gap_to_register_is_told_without_blame(second: ir.Table) -> None:
    """C: 23 with both marks, 18 confirmed, 3 lowered, 2 raised; by two and more 3 of 23, region 3 of 35."""
    read = summary(SCHOOL_C, tables(second, SCHOOL_C))
    first, gap = texts(read, Kind.CLASS_MARKS)
    assert first == (
        "Обе отметки есть у 23 участников: за работу такая же, как в журнале, — у 18, ниже — у 3, выше — у 2."
    )
    assert gap.startswith(
        "Расхождение на 2 отметки и более — у 3 из 23 участников (13,0 %), в регионе — 8,6 %."
    )
    assert "наруш" not in gap
    behind = read.of_kind(Kind.CLASS_MARKS)[1].behind
    assert behind is not None
    assert behind.change == "significant"


def test_no_gap_is_said_too(second: ir.Table) -> None:
    read = summary(SCHOOL_D, tables(second, SCHOOL_D))
    assert texts(read, Kind.CLASS_MARKS)[1] == "Расхождений на 2 отметки и более нет."


def test_nine_participants_have_neither_percent_nor_comparison(second: ir.Table) -> None:
    read = summary(SCHOOL_E, tables(second, SCHOOL_E))
    assert [statement.text.replace("\u00a0", " ") for statement in read.statements] == [
        "Всю работу выполнили и получили отметку: 9 участников.",
        "Это слишком мало, чтобы говорить о долях и сравнивать с другими. Посмотрите сами работы.",
    ]


def test_place_without_works_says_only_that(second: ir.Table) -> None:
    nobody = Group("77", "77-1", "Z")
    read = summary(nobody, tables(second, nobody))
    assert [statement.text for statement in read.statements] == ["Проверенных работ пока нет."]


def test_country_is_compared_with_nothing(second: ir.Table) -> None:
    """Nothing of the country's 45 works is sufficient but item 3: 45 of 70."""
    read = summary(COUNTRY, tables(second, COUNTRY), school_sizes=(24, 12, 9))
    assert len(read.of_kind(Kind.HEADLINE)) == 1
    assert texts(read, Kind.STRONG) == ["Задание 3 (делить на части): выполнение 64,3 %."]
    assert (
        "Из 3 организаций с работами слишком мало участников для долей — в 1; в общих числах они учтены."
        in (texts(read, Kind.CAUTION))
    )
    assert not read.of_kind(Kind.SIMILAR)


def test_rest_of_the_group_above_too_small_to_compare(second: ir.Table) -> None:
    """Beside the region's 36 the country has only the nine of E."""
    read = summary(REGION, tables(second, REGION))
    assert texts(read, Kind.HEADLINE)[1] == (
        "Доля «2»: здесь 33,3 %, по всей выборке — 26,7 %. "
        "Сравнивать не с чем: в остальных организациях слишком мало участников."
    )


def test_place_that_is_all_of_the_group_above_is_compared_with_nothing(second: ir.Table) -> None:
    read = summary(MUNICIPALITY, tables(second, MUNICIPALITY))
    assert len(read.of_kind(Kind.HEADLINE)) == 1
    assert not any("в регионе" in statement.text for statement in read.statements)


def test_item_below_its_threshold_may_be_better_than_in_the_region(second: ir.Table) -> None:
    """Item 2 of C: 10 of 24, of the rest none of 12: p = 10/36, error 15.8, difference 41.7: 2.6 errors."""
    assert texts(summary(SCHOOL_C, tables(second, SCHOOL_C)), Kind.WEAK) == [
        "Задание 2 (искать суффикс): выполнение 41,7 %, в регионе — 27,8 %. Это ниже порога. "
        "Это выше, чем в регионе."
    ]


def test_large_difference_of_few_may_be_chance(tmp_path: Path) -> None:
    """Item 2: 4 of 12 in C and 8 of 12 in D: p = 1/2, error 20.4 points, difference −33.3: 1.6 errors."""
    rows = [work(SCHOOL_C, n, (2, int(n < 4), 1, 1), 3) for n in range(12)]
    rows += [work(SCHOOL_D, n, (2, int(n < 28), 1, 1), 3) for n in range(20, 32)]
    with second_set.opened(tmp_path, rows) as works:
        assert texts(summary(SCHOOL_C, tables(works, SCHOOL_C)), Kind.WEAK) == [
            "Задание 2 (искать суффикс): выполнение 33,3 %, в регионе — 50,0 %. Это ниже порога. "
            "Разница с остальными может быть случайной."
        ]
        assert texts(summary(SCHOOL_D, tables(works, SCHOOL_D)), Kind.WEAK) == [
            "Заданий ниже порога и заметно слабее общего уровня нет."
        ]


def test_many_not_attempted_is_told(tmp_path: Path) -> None:
    """C: 6 of 12 with X, D: none of 12: p = 1/4, error 17.7 points, difference 50: 2.8 errors."""
    rows = [work(SCHOOL_C, n, (-1 if n < 6 else 2, 1, 1, 1), 3) for n in range(12)]
    rows += [work(SCHOOL_D, n, (2, 1, 1, 1), 3) for n in range(20, 32)]
    with second_set.opened(tmp_path, rows) as works:
        read = summary(SCHOOL_C, tables(works, SCHOOL_C))
        assert texts(read, Kind.NOT_ATTEMPTED) == [
            "Задание 1 (искать корень): не приступали 6 из 12 участников (50,0 %), в регионе — 25,0 %. "
            "Возможно, не хватило времени или тема не пройдена."
        ]
        assert read.of_kind(Kind.NOT_ATTEMPTED)[0].behind is not None
        assert not summary(SCHOOL_D, tables(works, SCHOOL_D)).of_kind(Kind.NOT_ATTEMPTED)


def test_similar_schools_are_a_span_and_never_a_rank(second: ir.Table) -> None:
    step = reading_rules().similar_steps[-1]
    similar = SimilarShares(step, twos=MiddleHalf(14, 10.0, 20.0), good=MiddleHalf(14, 40.0, 61.5))
    told = texts(summary(SCHOOL_C, tables(second, SCHOOL_C), similar=similar), Kind.SIMILAR)
    assert told[0].endswith("от 40,0 % до 61,5 %. В этих пределах.")
    assert told[1].endswith("от 10,0 % до 20,0 %. Ниже этих пределов.")
    assert told[2].startswith("Похожих организаций региона: 14. Условия: ")


def test_too_few_similar_schools_is_said(second: ir.Table) -> None:
    told = texts(summary(SCHOOL_C, tables(second, SCHOOL_C)), Kind.SIMILAR)
    assert told == ["Сравнения нет: в регионе меньше 10 похожих организаций с работами."]


def test_growth_of_twos_since_last_year(tmp_path: Path, second: ir.Table) -> None:
    """D: 10 of 12 now; a year before none of 12, and 36 of 36 points of «Состав слова» instead of 12."""
    rows = [work(SCHOOL_D, n, (2, 1, 1, 0), 3) for n in range(12)]
    with second_set.opened(tmp_path / "before", rows) as before:
        earlier = tables(before, SCHOOL_D, "2025")
        told = texts(summary(SCHOOL_D, tables(second, SCHOOL_D), earlier=earlier), Kind.CHANGE)
    assert told == [
        "Доля «2»: 83,3 %, 2025 — 0,0 %. Рост на 83,3 п. п.; от 10 п. п. — отрицательная динамика. "
        "Разница больше случайной.",
        "«Состав слова»: выполнение 33,3 %, 2025 — 100,0 %: ниже на 66,7 п. п. Задания были другие.",
    ]


scores = st.tuples(
    st.sampled_from([None, -1, 0, 1, 2]),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from([0, 1]),
)
pupils = st.lists(st.tuples(scores, st.sampled_from([None, 2, 3, 4, 5])), max_size=40)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({SCHOOL_C: pupils, SCHOOL_D: pupils, SCHOOL_E: pupils}))
def test_never_a_percent_of_few_nor_a_contradiction(schools: dict[Group, Any]) -> None:
    rows = [
        work(school, number, scored, prior)
        for school, wrote in schools.items()
        for number, (scored, prior) in enumerate(wrote)
    ]
    with tempfile.TemporaryDirectory() as folder, second_set.opened(Path(folder), rows) as works:
        if not rows:
            return
        for place in (SCHOOL_C, SCHOOL_D, MUNICIPALITY, REGION, COUNTRY):
            of_place = tables(works, place)
            read = summary(place, of_place, earlier=of_place)
            participants = of_place.marks.row(place).participants
            if participants < 10:
                assert not any("%" in statement.text for statement in read.statements)
            strong, weak = (
                {statement.about for statement in read.of_kind(kind) if statement.about}
                for kind in (Kind.STRONG, Kind.WEAK)
            )
            assert not strong & weak
            for statement in read.statements:
                assert not re.search(r"рейтинг(?!и и требовать)|учител[ья]\b|наруш|4А", statement.text)
            order = [list(Kind).index(statement.kind) for statement in read.statements]
            assert order == sorted(order)


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind.value in reading_rules().most], ids=lambda kind: kind.value
)
def test_every_limit_is_of_a_kind_that_exists(kind: StatementKind) -> None:
    assert reading_rules().most[kind.value] > 0
    assert set(reading_rules().most) <= {known.value for known in Kind}
