"""Rasch (PCM) over the works of a country straight from Parquet: seconds and peak memory as works grow.

    .venv/bin/python benchmarks/rasch_country.py             # --works 1000000,3000000,10000000,34000000

Works of one paper in 89 regions are simulated first (`--root` keeps them), then each size is counted and
fitted in a process of its own, so that the peak is that of the work alone. The floor is reading the same
columns of the same files and adding up their numbers.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow.compute as pc

from oko.engines.columns import parquet_dataset
from oko.engines.papers import load_papers
from oko.engines.psychometrics.counting import calibrate_counts, count_scores
from oko.engines.psychometrics.reading import parquet_source
from simulated_country import ASSESSMENT, write_country

SIZES = "1000000,3000000,10000000"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--works", default=SIZES)
    parser.add_argument("--root", type=Path)
    arguments = parser.parse_args()
    paper = load_papers()[0]
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.root or Path(temporary)
        for works in map(int, arguments.works.split(",")):
            folder = root / str(works)
            if not folder.exists():
                began = time.perf_counter()
                write_country(folder, [paper], works)
                print(f"{works:11,} works simulated in {time.perf_counter() - began:.0f} s", flush=True)
            path = folder / f"assessment={ASSESSMENT}" / f"paper={paper.code}"
            for task in (read_only, fit):
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    print(f"{works:11,} works: {pool.submit(task, path).result()}", flush=True)


def read_only(path: Path) -> str:
    source = parquet_source(path, None, None, ())
    began = time.perf_counter()
    for batch in parquet_dataset(path).to_batches(columns=list(source.items)):
        for column in batch.columns:
            pc.sum(column)
    return f"read and added up {time.perf_counter() - began:6.2f} s, peak {peak():.2f} GB"


def fit(path: Path) -> str:
    began = time.perf_counter()
    counts = count_scores(path)
    counted = time.perf_counter()
    found = calibrate_counts(counts).estimate
    ended = time.perf_counter()
    return (
        f"{len(counts.items)} items, {len(counts.blocks)} sets of them: counted {counted - began:6.2f} s, "
        f"fitted {ended - counted:5.2f} s ({found.iterations} passes, converged: {found.converged}), "
        f"peak {peak():.2f} GB"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
