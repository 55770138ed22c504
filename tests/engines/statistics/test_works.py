"""Works are kept whole: what is written comes back, nonsense is refused, no reader sees half a change."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.engines.papers import Item
from oko.engines.statistics.works import (
    WorksError,
    open_works,
    read_works,
    stored_paper,
    work_row,
    works_fingerprint,
    works_path,
    works_schema,
    write_works,
)
from tests.engines.statistics.conftest import ASSESSMENT, PAPER, pencil_works, work


def count(works: ir.Table) -> int:
    return int(works.count().to_pyarrow().as_py())


def test_works_come_back_as_they_were_written(root: Path) -> None:
    found = read_works(root, ASSESSMENT, PAPER).to_pylist()
    assert found[0] == work("A", "40000", 2, 1) | {
        "assessment": ASSESSMENT,
        "paper": "try4",
        "region": "54",
    }
    written = {(row["school"], row["participant"]): row for row in pencil_works()}
    assert len(found) == len(written)
    for row in found:
        assert written[row["school"], row["participant"]].items() <= row.items()


def test_scores_take_one_byte_and_codes_are_text(root: Path) -> None:
    schema = read_works(root, ASSESSMENT, PAPER).schema
    assert [str(schema.field(name).type) for name in ("1", "2", "mark", "region")] == [
        "int8",
        "int8",
        "int8",
        "string",
    ]


def test_region_01_stays_text(tmp_path: Path) -> None:
    write_works(tmp_path, ASSESSMENT, PAPER, "01", [work("A", "40000", 2, 1)])
    assert read_works(tmp_path, ASSESSMENT, PAPER)["region"].to_pylist() == ["01"]


def test_the_file_remembers_its_paper(root: Path) -> None:
    assert stored_paper(root, ASSESSMENT, "try4") == PAPER
    metadata = pq.read_schema(works_path(root, ASSESSMENT, "try4", "54")).metadata
    assert metadata[b"oko.works"] == b"1"


def test_no_works_yet_are_an_empty_table_of_the_same_columns(root: Path, tmp_path: Path) -> None:
    with open_works(root, ASSESSMENT, PAPER) as written:
        columns = written.schema()
    with open_works(tmp_path / "nowhere", ASSESSMENT, PAPER) as works:
        assert works.schema() == columns
        assert count(works) == 0
    with open_works(root, ASSESSMENT, PAPER, regions=["77"]) as works:
        assert count(works) == 0
    assert stored_paper(tmp_path / "nowhere", ASSESSMENT, "try4") is None


def test_only_the_regions_asked_for_are_read(root: Path) -> None:
    write_works(root, ASSESSMENT, PAPER, "77", [work("C", "40000", 2, 1)])
    assert set(read_works(root, ASSESSMENT, PAPER, regions=["77"])["school"].to_pylist()) == {"C"}
    assert set(read_works(root, ASSESSMENT, PAPER)["school"].to_pylist()) == {"A", "B", "C"}


@settings(max_examples=15, deadline=None)
@given(rows=st.permutations(pencil_works()))
def test_the_same_works_in_another_order_give_the_same_bytes(
    rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("order")
    first = write_works(root, ASSESSMENT, PAPER, "54", pencil_works()).read_bytes()
    assert write_works(root, ASSESSMENT, PAPER, "54", rows).read_bytes() == first


def test_a_table_is_written_like_its_rows(root: Path) -> None:
    by_rows = works_path(root, ASSESSMENT, "try4", "54").read_bytes()
    table = pa.Table.from_pylist(pencil_works(), schema=works_schema(PAPER).remove_metadata())
    assert write_works(root, ASSESSMENT, PAPER, "54", table).read_bytes() == by_rows


def test_a_work_of_a_protocol_becomes_a_flat_row() -> None:
    protocol = {
        key: value for key, value in work("A", "40000", 2, 1).items() if key not in ("class", "1", "2")
    } | {"class_label": "4А", "scores": {"1": 2, "2": 1}}
    row = work_row(protocol, school="A", municipality="54-1", supervisor="54-1")
    assert row == work("A", "40000", 2, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"1": 3}, "задание 1 бывает от 0 до 2"),
        ({"1": -2}, "задание 1 бывает от 0 до 2"),
        ({"1": 300}, "не того вида"),
        ({"mark": 6}, "отметка «mark»"),
        ({"prior_mark": 1}, "отметка «prior_mark»"),
        ({"total": 4}, "сумма баллов бывает от 0 до 3"),
        ({"status": "ill"}, "статус бывает"),
        ({"status": "partial"}, "только у того, кто выполнил всю работу"),
        ({"status": "absent", "total": None, "mark": None}, "отсутствовал, но есть балл за задание 1"),
        ({"municipality": None}, "не указано «municipality»"),
        ({"3": 1}, "столбец «3» неизвестен"),
    ],
)
def test_nonsense_is_refused_and_the_old_works_stay(root: Path, change: dict[str, Any], words: str) -> None:
    spoiled = [*pencil_works(), work("C", "49999", 2, 1) | change]
    with pytest.raises(WorksError, match=words):
        write_works(root, ASSESSMENT, PAPER, "54", spoiled)
    assert len(read_works(root, ASSESSMENT, PAPER)) == len(pencil_works())


def test_a_refusal_names_the_school_and_the_participant(root: Path) -> None:
    with pytest.raises(WorksError, match="школа C, участник 49999"):
        write_works(root, ASSESSMENT, PAPER, "54", [work("C", "49999", 2, 1) | {"1": 7}])


def test_a_participant_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorksError, match="участник 40000 записан дважды"):
        write_works(tmp_path, ASSESSMENT, PAPER, "54", [work("A", "40000", 2, 1), work("A", "40000", 0, 0)])


@pytest.mark.parametrize("code", ["", "..", "a/b", "x=y", ".hidden", "два слова"])
def test_a_code_that_is_no_folder_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(WorksError, match="не подходит"):
        write_works(tmp_path, code, PAPER, "54", [])


@pytest.mark.parametrize("code", ["total", "region", "1"])
def test_an_item_named_like_another_column_is_refused(code: str) -> None:
    doubled = replace(PAPER, items=(*PAPER.items, Item(code, 1)))
    with pytest.raises(WorksError, match=f"«{code}» повторяется или занят"):
        works_schema(doubled)


def test_works_of_an_older_paper_say_so(root: Path) -> None:
    newer = replace(PAPER, items=(*PAPER.items, Item("3", 1)))
    with (
        pytest.raises(WorksError, match="другой версии: в них нет столбца «3»"),
        open_works(root, ASSESSMENT, newer),
    ):
        pass


@pytest.mark.parametrize("content", [b"", b"PAR1 but no more"])
def test_a_file_that_is_not_parquet_says_so(root: Path, content: bytes) -> None:
    works_path(root, ASSESSMENT, "try4", "54").write_bytes(content)
    with pytest.raises(WorksError, match="не работы Око"):
        stored_paper(root, ASSESSMENT, "try4")
    with pytest.raises(WorksError, match="«try4» повреждены"):
        read_works(root, ASSESSMENT, PAPER)


def test_parquet_of_somebody_else_is_no_paper(root: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), works_path(root, ASSESSMENT, "try4", "54"))
    with pytest.raises(WorksError, match="не работы Око"):
        stored_paper(root, ASSESSMENT, "try4")


def test_open_works_do_not_change_while_they_are_read(root: Path) -> None:
    with open_works(root, ASSESSMENT, PAPER) as works:
        write_works(root, ASSESSMENT, PAPER, "54", [work("C", "40000", 2, 1)])
        assert count(works) == len(pencil_works())
    with open_works(root, ASSESSMENT, PAPER) as works:
        assert count(works) == 1


def test_readers_among_many_rewrites_see_one_version_whole(tmp_path: Path) -> None:
    def write(version: int) -> None:
        rows = [work(f"S{version}", str(40000 + number), 2, 1) for number in range(1 + version % 2 * 500)]
        for region in ("01", "02"):
            write_works(tmp_path, ASSESSMENT, PAPER, region, rows)

    def write_often() -> None:
        for version in range(1, 60):
            write(version)

    write(0)
    writer = threading.Thread(target=write_often)
    writer.start()
    while writer.is_alive():
        with open_works(tmp_path, ASSESSMENT, PAPER) as works:
            by_region = works.group_by("region").aggregate(
                works=works.count(), first=works.school.min(), last=works.school.max()
            )
            for row in by_region.to_pyarrow().to_pylist():
                assert row["first"] == row["last"]
                assert row["works"] == 1 + int(row["first"][1:]) % 2 * 500
    writer.join()


def test_a_reader_leaves_nothing_behind(root: Path) -> None:
    before = sorted(root.rglob("*.parquet"))
    with open_works(root, ASSESSMENT, PAPER) as works:
        count(works)
    assert sorted(root.rglob("*.parquet")) == before


def test_a_snapshot_of_a_killed_reader_is_removed_by_a_later_writer(root: Path) -> None:
    left = root / ".snapshots" / "works-left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    write_works(root, ASSESSMENT, PAPER, "54", pencil_works())
    assert not left.exists()


def test_works_are_read_where_files_cannot_be_linked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    assert len(read_works(root, ASSESSMENT, PAPER)) == len(pencil_works())


def test_a_broken_write_leaves_the_old_works(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_works(root, ASSESSMENT, PAPER, "54", [])
    monkeypatch.undo()
    assert len(read_works(root, ASSESSMENT, PAPER)) == len(pencil_works())
    assert [path.name for path in works_path(root, ASSESSMENT, "try4", "54").parent.iterdir()] == [
        "works.parquet"
    ]


def test_the_fingerprint_changes_with_the_works_only(root: Path) -> None:
    first = works_fingerprint(root, ASSESSMENT, "try4")
    assert works_fingerprint(root, ASSESSMENT, "try4") == first
    write_works(root, ASSESSMENT, PAPER, "77", [work("C", "40000", 2, 1)])
    assert works_fingerprint(root, ASSESSMENT, "try4") != first
