"""Which schools are similar to one, and where their middle half stands."""

from __future__ import annotations

import pyarrow as pa
import pytest

from oko.engines.statistics.similar import School, middle_half, similar_schools, similar_shares

OWN = School("own", "54", "school", "village", "municipal", frozenset({"noo", "ooo"}), 20)


def school(code: str, **other: object) -> School:
    known = {
        "region": "54",
        "kind": "school",
        "settlement": "village",
        "ownership": "municipal",
        "levels": frozenset({"noo", "ooo"}),
        "participants": 20,
    }
    return School(code, **{**known, **other})  # type: ignore[arg-type]  # attributes by name


def many(number: int, prefix: str = "s", **other: object) -> list[School]:
    return [school(f"{prefix}{n:02}", **other) for n in range(number)]


def test_ten_alike_are_enough_and_the_school_itself_is_none_of_them() -> None:
    found = similar_schools(OWN, [OWN, *many(10), *many(5, "town", settlement="town")])
    assert found is not None
    assert found.codes == tuple(f"s{n:02}" for n in range(10))
    assert found.step.same == ("kind", "settlement", "ownership", "levels")


def test_nine_alike_widen_the_rule_by_a_step() -> None:
    others = [*many(9), school("other-levels", levels=frozenset({"noo"}))]
    found = similar_schools(OWN, others)
    assert found is not None
    assert found.step.same == ("kind", "settlement", "ownership")
    assert "other-levels" in found.codes


@pytest.mark.parametrize(("participants", "is_similar"), [(10, True), (40, True), (41, False)])
def test_at_most_twice_as_large_or_small(participants: int, is_similar: bool) -> None:
    found = similar_schools(OWN, [*many(10), school("asked", participants=participants)])
    assert found is not None
    assert ("asked" in found.codes) is is_similar


def test_too_small_schools_and_other_regions_are_never_taken() -> None:
    small = School("own", "54", "school", "village", "municipal", frozenset({"noo"}), 12)
    others = [*many(9, participants=12), *many(20, "small", participants=9), *many(20, "far", region="55")]
    assert similar_schools(small, others) is None


def test_what_is_unknown_is_not_called_alike() -> None:
    unknown = School("own", "54", "school", "", "", frozenset(), 20)
    found = similar_schools(unknown, many(12, settlement="", ownership="", levels=frozenset()))
    assert found is not None
    assert found.step.same == ("kind",)


def test_quartiles_with_a_pencil() -> None:
    """Of 0, 10 … 100 the quarter is at 25 and the three quarters at 75."""
    middle = middle_half([float(value) for value in range(0, 101, 10)])
    assert (middle.schools, middle.lowest, middle.highest) == (11, 25.0, 75.0)


def test_shares_of_the_similar_alone() -> None:
    """Ten schools of 10 participants with 0 … 9 «2» and the rest «4»: quartiles 22.5 and 67.5 percent."""
    found = similar_schools(OWN, many(10))
    assert found is not None
    codes = [*found.codes, "own"]
    twos = [*range(10), 10]
    sums = pa.table(
        {
            "school": codes,
            "participants": [10] * 11,
            "mark_2": twos,
            "mark_3": [0] * 11,
            "mark_4": [10 - number for number in twos],
            "mark_5": [0] * 11,
        }
    )
    shares = similar_shares(found, sums)
    assert (shares.twos.lowest, shares.twos.highest) == (22.5, 67.5)
    assert (shares.good.lowest, shares.good.highest) == (32.5, 77.5)
