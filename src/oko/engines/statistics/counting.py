"""What is counted of works, school by school: one Ibis expression (DuckDB here, Spark on a cluster)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import ibis.expr.types as ir
import pyarrow as pa

from oko.engines.papers import Paper
from oko.engines.statistics.levels import KEYS


@dataclass(frozen=True, slots=True)
class Counting:
    """Whole-number measures of works that may be added up; one of them is `participants`.

    Args:
        name: of the file in which the sums are kept (see `stored`), so letters and hyphens.
        version: raised with every change of what is counted, so that kept sums are counted anew.
        measures: name → aggregate; null counts as 0.
        by: further columns of works that a row is for, for instance `("mark",)`; null where a work has none.
    """

    name: str
    version: int
    measures: Callable[[ir.Table, Paper], Mapping[str, ir.IntegerScalar]]
    by: tuple[str, ...] = ()


#: Works as `open_works` gives them, or what a `Counting` has already made of them (`school_sums`).
Counted: TypeAlias = ir.Table | pa.Table


def school_expression(works: ir.Table, paper: Paper, counting: Counting) -> ir.Table:
    """The expression itself, for whatever backend the works are on.

    Columns: `region, municipality, school`, those of `counting.by`, and the measures as int64. Every school
    has a row, even one of which no work is counted.
    """
    measures = {
        name: measure.fill_null(0).cast("int64") for name, measure in counting.measures(works, paper).items()
    }
    return works.group_by([*KEYS, *counting.by]).aggregate(**measures)


def school_sums(counted: Counted, paper: Paper, counting: Counting) -> pa.Table:
    """The measures of each school, in memory; sums that were counted before are taken as they are."""
    if isinstance(counted, pa.Table):
        return counted
    return school_expression(counted, paper, counting).to_pyarrow()
