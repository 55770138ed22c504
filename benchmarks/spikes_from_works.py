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
    begun = time.perf_counter()
    works = count_works(root, ASSESSMENT, PAPER)
    read = time.perf_counter() - begun
    found = spikes(works.counts, works.names, works.cuts)
    whole = time.perf_counter() - begun
    return (
        f"{len(works.names):,} schools, {int(found.counts.sum()):,} totals; counted in {read:.2f} s, "
        f"with spikes {whole:.2f} s; peak {peak():.2f} GB"
    )


def counted_by_duckdb(root: Path) -> str:
    begun = time.perf_counter()
    files = str(root / "**" / "works.parquet")
    query = f"SELECT count(*) FROM (SELECT school, total, count(*) FROM '{files}' GROUP BY 1, 2)"  # noqa: S608
    groups = duckdb.connect(config={"threads": 1}).execute(query).fetchone()[0]  # type: ignore[index]  # an aggregate has a row
    return f"DuckDB alone, one thread: {groups} in {time.perf_counter() - begun:.2f} s; {peak():.2f} GB"


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
