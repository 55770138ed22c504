"""Works of a region or of the country, simulated for the benchmarks; and all levels counted of them.

Schools write with four classes of 22 or 23, so 90 works each; a region has 28 municipalities.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from oko.engines.papers import Paper
from oko.engines.psychometrics.season import SchoolClass, simulate_works
from oko.engines.statistics.counting import Counting, school_sums
from oko.engines.statistics.directions import DIRECTIONS
from oko.engines.statistics.levels import EVERYTHING, add_up
from oko.engines.statistics.works import open_works, write_works

ASSESSMENT = "season"
REGIONS = 89
CLASSES = (("4А", 22), ("4Б", 23), ("4В", 22), ("4Г", 23))
IN_SCHOOL = sum(pupils for _, pupils in CLASSES)
MUNICIPALITIES = 28
PROCESSES = 2


def write_country(root: Path, papers: Sequence[Paper], works: int, regions: int = REGIONS) -> None:
    """So many works of each paper, spread evenly over the regions."""
    tasks = [
        (root, paper, f"{region:02}", works // regions, 1000 * position + region)
        for position, paper in enumerate(papers)
        for region in range(1, regions + 1)
    ]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_region, tasks))


def write_region(task: tuple[Path, Paper, str, int, int]) -> None:
    root, paper, region, works, seed = task
    schools = max(round(works / IN_SCHOOL), 1)
    classes = [
        SchoolClass(f"edu{region}{school:04}", f"mun{region}{school % MUNICIPALITIES:02}", label, pupils)
        for school in range(schools)
        for label, pupils in CLASSES
    ]
    write_works(root, ASSESSMENT, paper, region, simulate_works(paper, classes, seed=seed))


def count_all_levels(root: Path, paper: Paper, countings: Sequence[Counting]) -> list[pa.Table]:
    """For each counting the frame of all groups, from the country down to schools."""
    with open_works(root, ASSESSMENT, paper) as works:
        return [
            add_up(school_sums(works, paper, counting), EVERYTHING, counting.by) for counting in countings
        ]


def distinct_countings() -> list[Counting]:
    """What all six directions are made of: two of them count the same."""
    return list({direction.counting.name: direction.counting for direction in DIRECTIONS}.values())
