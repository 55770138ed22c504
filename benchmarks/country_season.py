"""A season of the country: 34 million works, ten papers in 89 regions, all directions at all levels.

First the works are simulated, once: `--folder` keeps them (0.3 GB). Then, each in a process of its own: a
tenth of one paper's regions (0.34 million works), one paper, all papers. A paper is opened once, each of the
countings of the six directions is made by school and added up to all groups. Printed are seconds, peak memory
and the growth: the exponent b of time ~ works^b. Exit 1 where time grows faster than the works.

    python benchmarks/country_season.py [--folder var/season] [--quick]
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from oko.engines.papers import Paper, load_papers
from oko.engines.statistics.works import works_of_regions
from simulated_country import ASSESSMENT, REGIONS, count_all_levels, distinct_countings, write_country

PAPERS, OF_EACH = 10, 3_400_000
SMALL_REGIONS = 9  # a tenth of the country
QUICK = 20  # times fewer works


@dataclass(frozen=True, slots=True)
class Run:
    works: int
    groups: int
    seconds: float
    peak: int  # bytes


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, help="where works are kept from one run to the next")
    options.add_argument("--quick", action="store_true", help=f"{QUICK} times fewer works")
    chosen = options.parse_args()
    place = nullcontext(chosen.folder) if chosen.folder else tempfile.TemporaryDirectory()
    with place as folder:
        size = OF_EACH // (QUICK if chosen.quick else 1)
        return measure(Path(folder) / str(size), size)


def measure(root: Path, size: int) -> int:
    papers = season_papers()
    whole, small = root / "country", root / "tenth"
    started = time.perf_counter()
    for folder, of_folder, works, regions in (
        (small, papers[:1], size * SMALL_REGIONS // REGIONS, SMALL_REGIONS),
        (whole, papers, size, REGIONS),
    ):
        lacking = [
            each for each in of_folder if len(works_of_regions(folder, ASSESSMENT, each.code)) < regions
        ]
        write_country(folder, lacking, works, regions)
    print(f"simulated (or found) in {time.perf_counter() - started:.0f} s", flush=True)
    print(f"{'works':>12}{'groups':>10}{'seconds':>10}{'works a second':>16}{'peak memory':>14}")
    runs = [in_own_process(*task) for task in ((small, papers[:1]), (whole, papers[:1]), (whole, papers))]
    first, _, last = runs
    growth = math.log(last.seconds / first.seconds) / math.log(last.works / first.works)
    print(
        f"{last.works / first.works:.0f} times the works take {last.seconds / first.seconds:.0f} times "
        f"as long: exponent {growth:.2f} (at most 1)"
    )
    return int(growth > 1)


def season_papers() -> list[Paper]:
    """The shipped papers again and again, as if they were of other subjects."""
    shipped = load_papers()
    return [replace(shipped[n % len(shipped)], code=f"p{n}") for n in range(PAPERS)]


def in_own_process(root: Path, papers: list[Paper]) -> Run:
    """Memory can only be told of a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        run = pool.submit(all_directions, root, papers).result()
    print(
        f"{run.works:>12,}{run.groups:>10,}{run.seconds:>10.1f}{run.works / run.seconds:>16,.0f}"
        f"{run.peak / 2**30:>10.2f} GiB",
        flush=True,
    )
    return run


def all_directions(root: Path, papers: list[Paper]) -> Run:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    works = groups = 0
    started = time.perf_counter()
    for paper in papers:
        frames = count_all_levels(root, paper, distinct_countings())
        groups += len(frames[0])
        assert pc.sum(frames[0]["participants"]).as_py() > 0
    seconds = time.perf_counter() - started
    for paper in papers:
        for path in works_of_regions(root, ASSESSMENT, paper.code).values():
            works += pq.read_metadata(path).num_rows
    return Run(works, groups, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


if __name__ == "__main__":
    sys.exit(main())
