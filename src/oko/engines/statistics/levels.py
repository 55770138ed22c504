"""One report at every level: what is counted in a school is added up to municipality, region and country.

Every direction of the seven is a set of whole-number measures of works (how many, the sum of scores); such
measures add. Works are therefore scanned once, into schools (`counting`); the levels above are sums of those
few rows, made in memory: a query of all levels takes several times longer to compile than to run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from oko.engines.statistics.numbering import Numbers, number_schools

#: The columns of works that name a school and where it stands.
KEYS = ("region", "municipality", "school")
_NUMBER = "group number"  # a column of our own while sums are added up


class Level(StrEnum):
    """Where a group of works stands by territory (not by supervision), from the whole down to one school."""

    COUNTRY = "country"
    REGION = "region"
    MUNICIPALITY = "municipality"
    SCHOOL = "school"

    @property
    def depth(self) -> int:
        return list(Level).index(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of works that name a group of this level."""
        return KEYS[: self.depth]

    @property
    def label(self) -> str:
        return _TITLES[self]


_TITLES = {
    Level.COUNTRY: "Вся выборка",
    Level.REGION: "Регион",
    Level.MUNICIPALITY: "Муниципалитет",
    Level.SCHOOL: "ОО",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of participants (группа участников): all, or those of one region, municipality or school."""

    region: str | None = None
    municipality: str | None = None
    school: str | None = None

    @property
    def level(self) -> Level:
        return list(Level)[sum(code is not None for code in (self.region, self.municipality, self.school))]

    @property
    def code(self) -> str:
        """The code of the school, municipality or region; empty for the whole."""
        return self.school or self.municipality or self.region or ""

    @property
    def sort_key(self) -> tuple[int, str, str, str]:
        return (self.level.depth, self.region or "", self.municipality or "", self.school or "")


Labels = Callable[[Group], str]


def plain_label(group: Group) -> str:
    """The label of a group where nobody knows its name: «Регион 54», «ОО edu540012»."""
    return f"{group.level.label} {group.code}".strip()


@dataclass(frozen=True, slots=True)
class Scope:
    """The groups that a page needs: the way from the country to `place`, then all below it down to `down_to`.

    A school's page is `Scope(Group(region, municipality, school))`: four groups. A municipality's page with
    its schools is `Scope(Group(region, municipality), down_to=Level.SCHOOL)`. All groups there are:
    `EVERYTHING`.
    """

    place: Group = Group()
    down_to: Level | None = None

    @property
    def levels(self) -> tuple[Level, ...]:
        deepest = max(self.place.level.depth, self.down_to.depth if self.down_to else 0)
        return tuple(level for level in Level if level.depth <= deepest)

    @property
    def path(self) -> tuple[Group, ...]:
        """The groups that stand on the page even when nobody in them has been counted yet."""
        codes = {key: getattr(self.place, key) for key in self.place.level.keys}
        return tuple(
            Group(**{key: codes[key] for key in level.keys})
            for level in Level
            if level.depth <= self.place.level.depth
        )

    def narrow(self, schools: pa.Table, level: Level) -> pa.Table:
        """The schools that belong to the groups of this level."""
        for key in level.keys:
            code = getattr(self.place, key)
            if code is not None:
                schools = schools.filter(pc.equal(schools[key], code))
        return schools


EVERYTHING = Scope(down_to=Level.SCHOOL)


def add_up(schools: pa.Table, scope: Scope, by: Sequence[str] = ()) -> pa.Table:
    """Sum what was counted in schools for every group of the scope.

    Args:
        schools: `region, municipality, school`, the columns of `by`, and whole-number measures, one of them
            `participants` (see `counting.school_sums`).
        scope: the groups wanted.
        by: further keys of a row, for instance `("mark",)`: a group then has a row for each of their values.

    Returns:
        Columns `level, region, municipality, school` (null above the group's level), `schools` (how many of
        the whole group have participants), those of `by`, and the measures as int64. Groups without a single
        work have no row.
    """
    numbering, numbers = number_schools(schools, KEYS)
    numbered = schools.append_column(_NUMBER, pa.array(numbers))
    taking_part = pc.unique(numbered.filter(pc.greater(schools["participants"], 0))[_NUMBER]).to_numpy()
    finer, depth = scope.narrow(numbered, Level.SCHOOL), Level.SCHOOL.depth
    levels = []
    for level in reversed(scope.levels):
        if level.depth < scope.place.level.depth:  # wider than the place: not the place's schools alone
            finer, depth = scope.narrow(numbered, level), Level.SCHOOL.depth
        codes = {key: finer[key] for key in KEYS} if level is Level.SCHOOL else None
        finer = _sums(finer, numbering.above(finer[_NUMBER].to_numpy(), level.depth, depth), level, by)
        depth = level.depth
        groups = finer[_NUMBER].to_numpy()
        of_group = {
            "level": pa.repeat(level.value, len(finer)),
            **(codes or numbering.texts(groups, depth)),
            "schools": _how_many(numbering.above(taking_part, depth), groups),
        }
        others = {name: finer[name] for name in finer.column_names if name != _NUMBER}
        levels.append(pa.table(of_group | others))
    return pa.concat_tables(reversed(levels))


def _sums(rows: pa.Table, groups: Numbers, level: Level, by: Sequence[str]) -> pa.Table:
    """The group's number, the columns of `by` and the sums, of rows for schools or for finer groups."""
    rows = rows.drop_columns([name for name in (*KEYS, _NUMBER) if name in rows.column_names])
    rows = rows.append_column(_NUMBER, pa.array(groups))
    if level is Level.SCHOOL:
        return rows  # they are their own sums
    keys = [_NUMBER, *by]
    measures = [name for name in rows.column_names if name not in keys]
    nothing_is_zero = pc.ScalarAggregateOptions(min_count=0)
    sums = rows.group_by(keys).aggregate([(name, "sum", nothing_is_zero) for name in measures])
    return sums.select([*keys, *(f"{name}_sum" for name in measures)]).rename_columns([*keys, *measures])


def _how_many(schools: Numbers, groups: Numbers) -> pa.Array:
    """How many of the schools, told by the numbers of their groups, are in each of the groups."""
    found, counts = np.unique(schools, return_counts=True)
    places = pc.index_in(pa.array(groups), value_set=pa.array(found))
    return pc.fill_null(pa.array(counts, pa.int64()).take(places), 0)


def percents(part: pa.ChunkedArray, whole: pa.ChunkedArray) -> pa.ChunkedArray:
    """100·part/whole of two columns of whole numbers, as float64; null where the whole is 0.

    One division of whole numbers: a percent that lies on a threshold comes out exactly on it.
    """
    hundredfold = pc.multiply(part, 100).cast(pa.float64())
    divisor = pc.if_else(pc.equal(whole, 0), None, whole).cast(pa.float64())
    return pc.divide(hundredfold, divisor)


def rows_by_group(frame: pa.Table, scope: Scope) -> dict[Group, list[dict[str, Any]]]:
    """The rows of a report's frame by group, in order; the groups of the scope's path are always there."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {
        (group.region, group.municipality, group.school): [] for group in scope.path
    }
    names = frame.column_names
    codes = zip(*(frame[key].to_pylist() for key in KEYS), strict=True)
    values = zip(*(column.to_pylist() for column in frame.columns), strict=True)
    for code, row in zip(codes, values, strict=True):
        found.setdefault(code, []).append(dict(zip(names, row, strict=True)))
    by_group = ((Group(*code), rows) for code, rows in found.items())
    return dict(sorted(by_group, key=lambda entry: entry[0].sort_key))


def find_group(works: ir.Table, level: Level, code: str) -> Group | None:
    """The group of a level with its territory, as its works say, or None where it has no works."""
    keys = level.keys
    rows = works.filter(works[keys[-1]] == code).select(*keys).distinct().order_by(*keys).limit(1)
    found = rows.to_pyarrow().to_pylist()
    return Group(**found[0]) if found else None
