"""What DuckDB counts and what Spark counts of the same works (`make test-cluster` installs Spark first).

Works of two regions, one of them «01», with everything that is counted apart: X, N, a missed part, absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow.compute as pc
import pytest

from oko.engines.papers import Paper, load_papers
from oko.engines.psychometrics.season import SchoolClass, simulate_works
from oko.engines.statistics.cluster import works_on_cluster
from oko.engines.statistics.counting import school_sums
from oko.engines.statistics.directions import DIRECTIONS, Direction
from oko.engines.statistics.levels import Group
from oko.engines.statistics.marks import mark_table
from oko.engines.statistics.solving import item_table
from oko.engines.statistics.works import WorksError, open_works, read_works, write_works
from tests.engines.statistics.conftest import ASSESSMENT, PAPER, pencil_works

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),  # Spark asks pandas by an older name
]
PAPERS = load_papers()[:2]  # of two parts, and of one


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .appName("oko")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("works")
    for paper in PAPERS:
        for seed, region in enumerate(("01", "54")):
            classes = [
                SchoolClass(f"edu{region}{school:04}", f"{region}-{school % 3}", label, 8 + 3 * school)
                for school in range(9)
                for label in ("4А", "4Б")
            ]
            write_works(root, ASSESSMENT, paper, region, simulate_works(paper, classes, seed=seed))
    return root


@pytest.fixture(scope="module", params=PAPERS, ids=lambda paper: paper.code)
def paper(request: pytest.FixtureRequest) -> Paper:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def on_cluster(session: Any, season: Path, paper: Paper) -> ir.Table:
    return works_on_cluster(session, season, ASSESSMENT, paper)


def test_simulated_works_have_all_that_is_counted_apart(season: Path) -> None:
    works = read_works(season, ASSESSMENT, PAPERS[0])
    assert set(pc.unique(works["status"]).to_pylist()) == {"present", "partial", "absent"}
    whole = works.filter(pc.equal(works["status"], "present"))
    scores = [score for item in PAPERS[0].items for score in whole[item.code].to_pylist()]
    assert -1 in scores, "X"
    assert None in scores, "N"
    assert works["prior_mark"].null_count > 0


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.slug)
def test_school_sums_are_the_same(
    season: Path, on_cluster: ir.Table, paper: Paper, direction: Direction
) -> None:
    with open_works(season, ASSESSMENT, paper) as works:
        here = school_sums(works, paper, direction.counting)
    there = school_sums(on_cluster, paper, direction.counting)
    order = [(name, "ascending") for name in ("region", "municipality", "school", *direction.counting.by)]
    assert pc.sum(here["participants"]).as_py() > 500
    assert there.sort_by(order).equals(here.sort_by(order))


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda direction: direction.slug)
def test_report_at_every_level_is_the_same(
    season: Path, on_cluster: ir.Table, paper: Paper, direction: Direction
) -> None:
    with open_works(season, ASSESSMENT, paper) as works:
        here = direction.report(works, paper)
    there = direction.report(on_cluster, paper)
    assert there.columns == here.columns
    for mine, theirs in zip(here.rows, there.rows, strict=True):
        assert (theirs.group, theirs.label, theirs.participants) == (
            mine.group,
            mine.label,
            mine.participants,
        )
        assert [cell.value for cell in theirs.cells] == [_close(cell.value) for cell in mine.cells]
        assert [(cell.zone, cell.behind) for cell in theirs.cells] == [
            (cell.zone, cell.behind) for cell in mine.cells
        ]
    assert {row.group.region for row in here.rows} == {None, "01", "54"}


def _close(value: Any) -> Any:
    return pytest.approx(value, abs=1e-9, rel=0) if isinstance(value, float) else value


def test_region_is_a_code_and_the_callers_session_stays_as_it_was(session: Any, on_cluster: ir.Table) -> None:
    regions = on_cluster.select("region").distinct().to_pyarrow()["region"].to_pylist()
    assert sorted(regions) == ["01", "54"]
    assert session.conf.get("spark.sql.sources.partitionColumnTypeInference.enabled") == "true"
    assert session.catalog.listTables() == []


def test_pencil_works_give_the_numbers_of_the_pencil(session: Any, tmp_path: Path) -> None:
    write_works(tmp_path, ASSESSMENT, PAPER, "54", pencil_works())
    on_cluster = works_on_cluster(session, tmp_path, ASSESSMENT, PAPER)
    assert mark_table(on_cluster, PAPER).row(Group()).counts == (3, 5, 4, 8)
    items = item_table(on_cluster, PAPER).row(Group())
    assert [(cell.counted, cell.scores) for cell in items.cells] == [(21, 29), (16, 9)]


def test_works_of_another_version_are_refused(session: Any, tmp_path: Path) -> None:
    write_works(tmp_path, ASSESSMENT, PAPER, "54", pencil_works())
    other = Paper(PAPER.code, PAPER.subject, PAPER.grade, PAPERS[0].items, PAPER.scale)
    with pytest.raises(WorksError, match="1К1"):
        works_on_cluster(session, tmp_path, ASSESSMENT, other)


def test_sums_kept_beside_works_are_not_taken_for_works(session: Any, tmp_path: Path) -> None:
    path = write_works(tmp_path, ASSESSMENT, PAPER, "54", pencil_works())
    (path.parent / ".sums-marks.parquet").write_bytes(b"not works")
    assert works_on_cluster(session, tmp_path, ASSESSMENT, PAPER).count().execute() == len(pencil_works())
