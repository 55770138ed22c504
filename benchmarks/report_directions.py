"""The six aggregate directions at all levels, beside a bare DuckDB scan of the columns that each one reads.

Timed of a direction: works opened, counted by school (`school_sums`), added up to municipalities, regions and
the country (`add_up`): a frame with a row for every group, 3,800 of a region and 40,000 of the country. The
floor opens the same files in a new DuckDB and sums every column that the direction reads (of texts, the
lengths), with as many threads. They take turns; the shortest of each counts, since a busy machine only ever
adds. Exit 1 above the bound.

    python benchmarks/report_directions.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis.expr.operations as ops

from oko.engines.papers import Paper, load_papers
from oko.engines.statistics.counting import Counting, school_expression
from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.works import open_works
from simulated_country import ASSESSMENT, REGIONS, count_all_levels, distinct_countings, write_country

BOUND = 10.0
THREADS = 2
TURNS, QUICK_TURNS = 7, 3
PAPER = load_papers()[0]  # of 20 items


@dataclass(frozen=True, slots=True)
class Size:
    title: str
    works: int
    regions: int


SIZES = (Size("a region", 340_000, 1), Size("the country", 3_400_000, REGIONS))
QUICK_SIZES = (Size("a region", 34_000, 1), Size("ten regions", 340_000, 10))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the works, no bound")
    quick = options.parse_args().quick
    ratios = []
    for size in QUICK_SIZES if quick else SIZES:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            write_country(Path(folder), [PAPER], size.works, size.regions)
            made = time.perf_counter() - started
            print(f"\n{size.works:,} works of {size.title}, {len(PAPER.items)} items; made in {made:.0f} s")
            ratios += measure(Path(folder), QUICK_TURNS if quick else TURNS)
    return int(max(ratios) > BOUND and not quick)


def measure(root: Path, turns: int) -> list[float]:
    print(f"{'':<16}{'floor, ms':>10}{'Oko, ms':>10}{'ratio':>8}")
    ratios, floors = [], 0.0
    for direction in DIRECTIONS:
        columns = columns_read(root, PAPER, direction.counting)
        floor, ours = by_turns(
            turns,
            lambda columns=columns: scan(root, columns),  # type: ignore[misc]
            lambda counting=direction.counting: count_all_levels(root, PAPER, [counting]),  # type: ignore[misc]
        )
        ratios.append(ours / floor)
        floors += floor
        print(
            f"{direction.slug:<16}{floor * 1000:>10.0f}{ours * 1000:>10.0f}{ours / floor:>8.2f}", flush=True
        )
    (together,) = by_turns(turns, lambda: count_all_levels(root, PAPER, distinct_countings()))
    print(f"{'all six':<16}{floors * 1000:>10.0f}{together * 1000:>10.0f}{together / floors:>8.2f}")
    return [*ratios, together / floors]


def columns_read(root: Path, paper: Paper, counting: Counting) -> list[str]:
    with open_works(root, ASSESSMENT, paper) as works:
        fields = school_expression(works, paper, counting).op().find(ops.Field)
        return sorted({field.name for field in fields if field.rel == works.op()})


def scan(root: Path, columns: list[str]) -> list[tuple[int, ...]]:
    """The floor."""
    connection = duckdb.connect(config={"threads": THREADS})
    files = f"{root}/assessment={ASSESSMENT}/paper={PAPER.code}/*/works.parquet"
    texts = ("region", "municipality", "school")
    sums = ", ".join(f'sum(length("{name}"))' if name in texts else f'sum("{name}")' for name in columns)
    try:
        return connection.execute(
            f"SELECT {sums} FROM read_parquet('{files}', hive_partitioning=true, hive_types_autocast=false)"  # noqa: S608
        ).fetchall()
    finally:
        connection.close()


def by_turns(turns: int, *works: Callable[[], object]) -> list[float]:
    """The shortest time of each."""
    shortest = [float("inf")] * len(works)
    for _turn in range(turns):
        for position, work in enumerate(works):
            started = time.perf_counter()
            work()
            shortest[position] = min(shortest[position], time.perf_counter() - started)
    return shortest


if __name__ == "__main__":
    sys.exit(main())
