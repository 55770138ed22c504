"""Spikes straight from works in Parquet: seconds and peak memory, beside reading the same two columns alone.

    .venv/bin/python benchmarks/spikes_from_works.py FOLDER            # --works 3000000,10000000,34000000

Works of the simulated season (89 regions, schools of 90 pupils) are written under FOLDER, size after size;
each size is reckoned in a process of its own. The floor is DuckDB counting works by school and total from
the same files.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb

from oko.engines.integrity.spikes import spikes
from oko.engines.integrity.works import count_works
from oko.engines.papers import load_papers
from simulated_country import ASSESSMENT, write_country

PAPER = "rus4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("folder", type=Path)
    parser.add_argument("--works", default="3000000,10000000")
    given = parser.parse_args()
    paper = next(paper for paper in load_papers() if paper.code == PAPER)
    for works in map(int, given.works.split(",")):
        root = given.folder / f"works-{works}"
        write_country(root, [paper], works)
        for what in (reckoned, counted_by_duckdb):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                print(f"{works:11,} works: {pool.submit(what, root).result()}")
        shutil.rmtree(root)


def reckoned(root: Path) -> str:
    clock = Clock()
    works = count_works(root, ASSESSMENT, PAPER)
    read = str(clock)
    found = spikes(works.counts, works.names, works.cuts)
    size = f"{len(works.names):,} schools, {int(found.counts.sum()):,} totals"
    return f"{size}; counted in {read}, with spikes {clock}; peak {peak():.2f} GB"


def counted_by_duckdb(root: Path) -> str:
    clock = Clock()
    files = str(root / "**" / "works.parquet")
    query = f"SELECT count(*) FROM (SELECT school, total, count(*) FROM '{files}' GROUP BY 1, 2)"  # noqa: S608
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET enable_progress_bar = false")
    groups = connection.execute(query).fetchone()[0]  # type: ignore[index]  # an aggregate has a row
    return f"DuckDB alone, one thread: {groups:,} numbers in {clock}; peak {peak():.2f} GB"


class Clock:
    """Seconds of the wall and of the processor since it was made."""

    def __init__(self) -> None:
        self.wall, self.own = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        own = time.process_time() - self.own
        return f"{time.perf_counter() - self.wall:.2f} s ({own:.2f} s of the processor)"


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
