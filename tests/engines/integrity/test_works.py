"""Spikes from a folder of works are those from a CSV of the same totals."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from oko.engines.columns import TableError
from oko.engines.integrity.cli import app
from oko.engines.integrity.works import count_works
from oko.engines.papers import load_papers
from oko.engines.psychometrics.season import SchoolClass, simulate_works
from oko.engines.statistics.works import write_works

PAPER, OTHER = load_papers()[:2]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two regions, 60 schools of 30 each."""
    folder = tmp_path_factory.mktemp("works")
    for region in ("01", "02"):
        classes = [SchoolClass(f"edu{region}{school:04}", f"mun{region}", "4А", 30) for school in range(60)]
        write_works(folder, "vpr", PAPER, region, simulate_works(PAPER, classes, seed=int(region)))
    return folder


def reckoned(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["spikes", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_a_folder_and_a_csv_of_the_same_totals_agree(root: Path, tmp_path: Path) -> None:
    tables = [pq.ParquetFile(path).read(["school", "total"]) for path in sorted(root.rglob("*.parquet"))]
    works = pa.concat_tables([table.cast(tables[0].schema) for table in tables]).to_pylist()
    lines = [f"{one['school']},{one['total']}" for one in works if one["total"] is not None]
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(["school,score", *lines]) + "\n", encoding="utf-8")
    cuts = ",".join(map(str, PAPER.scale))
    of_folder, of_csv = reckoned(str(root)), reckoned(str(path), "--cuts", cuts)
    assert of_folder["cuts"] == of_csv["cuts"]
    assert of_folder["schools"] == of_csv["schools"]
    assert of_folder["n_scores"] == len(lines)
    assert str(len(works) - len(lines)) in of_folder["warnings"][0]  # type: ignore[index]


def test_a_folder_of_one_paper_will_do_as_well(root: Path) -> None:
    one = count_works(root / "assessment=vpr" / f"paper={PAPER.code}")
    assert (one.counts == count_works(root).counts).all()
    assert one.cuts == tuple(PAPER.scale)


def test_row_groups_that_split_a_school_are_put_together(root: Path, tmp_path: Path) -> None:
    source = next(iter(sorted(root.rglob("works.parquet"))))
    table = pq.ParquetFile(source).read()
    pq.write_table(table, tmp_path / "works.parquet", row_group_size=17)
    whole, split = count_works(source.parent), count_works(tmp_path)
    assert split.names.tolist() == whole.names.tolist()
    assert (split.counts == whole.counts).all()


def test_works_of_several_papers_have_to_be_chosen_from(root: Path, tmp_path: Path) -> None:
    for paper in (PAPER, OTHER):
        classes = [SchoolClass("edu010001", "mun01", "4А", 40)]
        write_works(tmp_path, "vpr", paper, "01", simulate_works(paper, classes, seed=1))
    with pytest.raises(TableError, match=f"--paper; есть: .*{OTHER.code}"):
        count_works(tmp_path)
    assert len(count_works(tmp_path, paper=OTHER.code).names) == 1
    with pytest.raises(TableError, match="таких работ нет"):
        count_works(tmp_path, paper="phys9")


def test_what_is_no_works_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"нет файлов works\.parquet"):
        count_works(tmp_path)
    path = tmp_path / "works.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(TableError, match="не читается как Parquet"):
        count_works(tmp_path)
    pq.write_table(pa.table({"school": ["a"]}), path)
    with pytest.raises(TableError, match="нет столбца «total»"):
        count_works(tmp_path)
    pq.write_table(pa.table({"school": ["a"], "total": ["12"]}), path)
    with pytest.raises(TableError, match="не целые числа"):
        count_works(tmp_path)


def test_all_signs_are_reckoned_from_a_folder_with_a_list_of_observed_schools(
    root: Path, tmp_path: Path
) -> None:
    listing = tmp_path / "observed.csv"
    listing.write_text("\n".join(["school", *(f"edu01{school:04}" for school in range(60)), "edu99"]) + "\n")
    arguments = ["evidence", str(root), "--observed", str(listing), "--by", "prior_mark", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["n_schools"] == 120
    assert [sign["norm"] for sign in found["signs"]] == [None, *[{"n_schools": 60}] * 3]
    assert found["schools"][0]["signs"][0]["picture"]["cuts"] == list(PAPER.scale)
    items = found["schools"][0]["signs"][1]["picture"]["items"]
    assert sorted(items) == sorted(item.code for item in PAPER.items)
    assert any("которых нет среди ответов: 1 («edu99»)" in warning for warning in found["warnings"])
