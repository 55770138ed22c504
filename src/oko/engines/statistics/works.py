"""Works in Parquet: one file for each assessment, paper and region, written whole and read as a snapshot.

    ROOT/assessment=vpr-2026/paper=rus4/region=54/works.parquet

A score is ≥ 0; −1 stands for X (not attempted); null for N (topic not studied) or an item of a part that was
missed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oko.engines.papers import Item, Paper

VERSION = "1"
NOT_ATTEMPTED = -1
STATUSES = ("present", "partial", "absent")
PARTITIONS = ("assessment", "paper", "region")

_LEADING = (
    ("school", pa.string()),
    ("municipality", pa.string()),
    ("supervisor", pa.string()),
    ("class", pa.string()),
    ("participant", pa.string()),
    ("variant_1", pa.int16()),
    ("variant_2", pa.int16()),
    ("sex", pa.string()),
    ("prior_mark", pa.int8()),
    ("status", pa.string()),
)
_CLOSING = (("total", pa.int16()), ("mark", pa.int8()))
_REQUIRED = ("school", "municipality", "participant", "status")
_ORDER = ("school", "class", "participant")
_CODE = re.compile(r"[^\W_][\w.-]*")
_SNAPSHOTS = ".snapshots"
_ABANDONED_AFTER = 24 * 60 * 60  # seconds: no report is read for a day, so its reader was killed


class WorksError(ValueError):
    """Works that cannot be written or read; the message says which work and why, in Russian."""


def works_schema(paper: Paper) -> pa.Schema:
    """The Arrow schema of the works of a paper; its metadata carries the paper and the layout's version.

    Raises:
        WorksError: an item is named like another column of works.
    """
    items = [(item.code, pa.int8()) for item in paper.items]
    names = [name for name, _ in (*_LEADING, *items, *_CLOSING)]
    doubled = sorted({name for name in names if names.count(name) > 1 or name in PARTITIONS})
    if doubled:
        raise WorksError(
            f"Работа «{paper.code}»: код задания «{doubled[0]}» повторяется или занят столбцом работ."
        )
    metadata = {"oko.works": VERSION, "oko.paper": json.dumps(asdict(paper), ensure_ascii=False)}
    return pa.schema([*_LEADING, *items, *_CLOSING], metadata=metadata)


def work_row(work: Mapping[str, Any], *, school: str, municipality: str, supervisor: str) -> dict[str, Any]:
    """A work as a protocol or the simulation gives it (`class_label`, `scores` by code) as one flat row."""
    row = {name: value for name, value in work.items() if name not in ("class_label", "scores")}
    return {
        "school": school,
        "municipality": municipality,
        "supervisor": supervisor,
        "class": work["class_label"],
        **row,
        **work["scores"],
    }


def works_path(root: Path, assessment: str, paper_code: str, region: str) -> Path:
    """Where the works of a region lie. Raises WorksError for a code that cannot name a folder."""
    path = Path(root)
    for partition, code in zip(PARTITIONS, (assessment, paper_code, region), strict=True):
        if not _CODE.fullmatch(code):
            raise WorksError(
                f"Код «{code}» ({partition}) не подходит: нужны буквы, цифры, точка, дефис, подчёркивание."
            )
        path /= f"{partition}={code}"
    return path / "works.parquet"


def write_works(
    root: Path, assessment: str, paper: Paper, region: str, rows: Iterable[Mapping[str, Any]] | pa.Table
) -> Path:
    """Write all works of a region, replacing what was there at one stroke.

    The rows are those of `works_schema`: a column that is absent becomes null. The same works give the same
    bytes, whatever their order. Readers see the old works or the new ones, never a mixture (see
    `open_works`).

    Raises:
        WorksError: a row lacks its school, territory, code or status, has a column that the paper does not
            know, a score outside 0…maximum (or −1), or contradicts itself; a participant appears twice in a
            school.
    """
    path = works_path(root, assessment, paper.code, region)
    table = _table(rows, paper)
    _check(table, paper)
    table = table.sort_by([(name, "ascending") for name in _ORDER])
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned_snapshots(Path(root))
    _write_at_one_stroke(table, path)
    return path


def _table(rows: Iterable[Mapping[str, Any]] | pa.Table, paper: Paper) -> pa.Table:
    schema = works_schema(paper)
    if isinstance(rows, pa.Table):
        given: Sequence[Mapping[str, Any]] = ()
        names = set(rows.column_names)
    else:
        given = list(rows)
        names = {name for row in given for name in row}
    unknown = sorted(names - set(schema.names))
    if unknown:
        raise WorksError(f"Работа «{paper.code}»: столбец «{unknown[0]}» неизвестен.")
    try:
        if isinstance(rows, pa.Table):
            columns = [
                rows[field.name].cast(field.type) if field.name in names else pa.nulls(len(rows), field.type)
                for field in schema
            ]
            return pa.table(columns, schema=schema)
        return pa.Table.from_pylist(given, schema=schema)
    except (pa.ArrowException, OverflowError) as error:
        raise WorksError(f"Работа «{paper.code}»: значение не того вида: {error}.") from error


def _check(table: pa.Table, paper: Paper) -> None:
    for problem, mask in _problems(table, paper):
        position = pc.index(pc.fill_null(mask, False), True).as_py()
        if position >= 0:
            school, participant = (table[name][position].as_py() for name in ("school", "participant"))
            raise WorksError(f"Работа «{paper.code}», школа {school}, участник {participant}: {problem}.")
    doubled = table.group_by(["school", "participant"]).aggregate([([], "count_all")])
    doubled = doubled.filter(pc.greater(doubled["count_all"], 1))
    if len(doubled):
        school, participant = (doubled[name][0].as_py() for name in ("school", "participant"))
        raise WorksError(f"Работа «{paper.code}», школа {school}: участник {participant} записан дважды.")


def _problems(table: pa.Table, paper: Paper) -> Iterator[tuple[str, Any]]:
    """Every rule with the mask of the rows that break it."""
    for name in _REQUIRED:
        yield f"не указано «{name}»", pc.is_null(table[name])
    status = table["status"]
    yield (
        f"статус бывает {', '.join(STATUSES)}",
        pc.invert(pc.is_in(status, value_set=pa.array(STATUSES))),
    )
    for name in ("mark", "prior_mark"):
        yield f"отметка «{name}» бывает от 2 до 5", _outside(table[name], 2, 5)
    yield f"сумма баллов бывает от 0 до {paper.maximum}", _outside(table["total"], 0, paper.maximum)
    incomplete = pc.not_equal(status, "present")
    for name in ("total", "mark"):
        yield (
            f"«{name}» бывает только у того, кто выполнил всю работу",
            pc.and_(incomplete, pc.is_valid(table[name])),
        )
    absent = pc.equal(status, "absent")
    for item in paper.items:
        scores = table[item.code]
        yield (
            f"балл за задание {item.code} бывает от 0 до {item.maximum} (−1 — не приступал)",
            _outside(scores, NOT_ATTEMPTED, item.maximum),
        )
        yield f"отсутствовал, но есть балл за задание {item.code}", pc.and_(absent, pc.is_valid(scores))


def _outside(column: pa.ChunkedArray, lowest: int, highest: int) -> Any:
    return pc.or_(pc.less(column, lowest), pc.greater(column, highest))


def _write_at_one_stroke(table: pa.Table, path: Path) -> None:
    unfinished = path.with_name(f".works-{uuid.uuid4().hex}.unfinished")
    try:
        with unfinished.open("wb") as file:
            pq.write_table(
                table, file, compression="zstd", row_group_size=122_880
            )  # DuckDB's own unit of work
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system lets a folder be synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def stored_paper(root: Path, assessment: str, paper_code: str) -> Paper | None:
    """The paper as it was when its works were written last, or None where there are no works.

    Raises:
        WorksError: the newest file is not one of works.
    """
    paths = _paths(Path(root), assessment, paper_code, regions=None)
    if not paths:
        return None
    newest = max(paths, key=lambda path: (path.stat().st_mtime_ns, str(path)))
    try:
        entry = json.loads((pq.read_schema(newest).metadata or {})[b"oko.paper"])
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise WorksError(f"Файл «{newest}» — не работы Око. Запишите работы заново.") from error
    items = tuple(Item(**item) for item in entry.pop("items"))
    sequences = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return Paper(**{**entry, **sequences, "items": items})


@contextlib.contextmanager
def open_works(
    root: Path, assessment: str, paper: Paper, *, regions: Sequence[str] | None = None, threads: int = 2
) -> Iterator[ir.Table]:
    """The works of a paper in all regions (or in some) as an Ibis table on an in-memory DuckDB of its own.

    Columns: those of `works_schema(paper)` and `assessment, paper, region`, all three as text. Where nothing
    has been written the table is empty. It is a snapshot: DuckDB opens a file more than once in a query and
    fails, or mixes, when the file was replaced in between; so it reads private hard links, which keep the
    bytes of this moment.

    Raises:
        WorksError: works were written for another version of the paper, which lacks some of its items; or a
            file is not Parquet.
    """
    folder = Path(root)
    with contextlib.ExitStack() as stack:
        paths = _paths(folder, assessment, paper.code, regions)
        connection = ibis.duckdb.connect(
            threads=threads, autoinstall_known_extensions=False, autoload_known_extensions=False
        )
        stack.callback(connection.disconnect)
        connection.con.execute("SET enable_progress_bar = false")  # it would be drawn into the server's log
        if not paths:
            yield connection.create_table("works", schema=ibis.schema(_reading_schema(paper)), temp=True)
            return
        snapshot = stack.enter_context(_snapshot(folder, paths))
        try:
            works = connection.read_parquet(
                [str(path) for path in snapshot],
                hive_partitioning=True,
                hive_types_autocast=False,  # region «01» is a code, not the number 1
                union_by_name=True,
            )
        except duckdb.Error as error:
            raise WorksError(f"Работы «{paper.code}» повреждены. Запишите их заново: {error}.") from error
        yield chosen_columns(works, paper)


def chosen_columns(works: ir.Table, paper: Paper) -> ir.Table:
    """The columns of `open_works`, of files that may have more. Raises WorksError where one is missing."""
    wanted = _reading_schema(paper).names
    missing = [name for name in wanted if name not in works.columns]
    if missing:
        raise WorksError(
            f"Работы «{paper.code}» записаны для другой версии: в них нет столбца «{missing[0]}». "
            "Запишите их заново."
        )
    return works.select(*wanted)


def read_works(
    root: Path, assessment: str, paper: Paper, *, regions: Sequence[str] | None = None
) -> pa.Table:
    """The works of a paper in memory, by region, school, class, participant; empty where there are none."""
    with open_works(root, assessment, paper, regions=regions) as works:
        return works.order_by("region", *_ORDER).to_pyarrow()


def works_fingerprint(root: Path, assessment: str, paper_code: str) -> str:
    """Changes whenever works of the paper are written anywhere: the key under which reports may be kept."""
    stamps = []
    for path in _paths(Path(root), assessment, paper_code, regions=None):
        state = path.stat()
        stamps.append(f"{path.parent.name}:{state.st_mtime_ns}:{state.st_size}:{state.st_ino}")
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:16]


def works_of_regions(root: Path, assessment: str, paper_code: str) -> dict[str, Path]:
    """The files of works of a paper by region, in the order of regions."""
    paths = _paths(Path(root), assessment, paper_code, regions=None)
    return {path.parent.name.removeprefix("region="): path for path in paths}


def _reading_schema(paper: Paper) -> pa.Schema:
    schema = works_schema(paper).remove_metadata()
    return pa.schema([*schema, *((name, pa.string()) for name in PARTITIONS)])


def _paths(root: Path, assessment: str, paper_code: str, regions: Sequence[str] | None) -> list[Path]:
    if regions is not None:
        wanted = [works_path(root, assessment, paper_code, region) for region in sorted(set(regions))]
        return [path for path in wanted if path.exists()]
    paper_folder = works_path(root, assessment, paper_code, "any").parent.parent
    return sorted(paper_folder.glob("region=*/works.parquet"))


@contextlib.contextmanager
def _snapshot(root: Path, paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The same files under names of our own, with the partitions still in the names of the folders."""
    with _private_folder(root) as folder:
        taken = []
        for path in paths:
            own = folder / path.relative_to(root)
            own.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, own)
            except OSError:  # another file system, or one without hard links
                shutil.copyfile(path, own)
            taken.append(own)
        yield taken


@contextlib.contextmanager
def _private_folder(root: Path) -> Iterator[Path]:
    beside: Path | None = root / _SNAPSHOTS
    try:
        (root / _SNAPSHOTS).mkdir(exist_ok=True)
    except OSError:  # the reader may not write here
        beside = None
    with tempfile.TemporaryDirectory(prefix="works-", dir=beside, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _remove_abandoned_snapshots(root: Path) -> None:
    """Readers remove their snapshots; those of killed readers would keep old works on the disk for ever."""
    for folder in (root / _SNAPSHOTS).glob("*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(folder)
