"""School sums kept beside the works that they were counted from, so that a page need not count again.

    ROOT/assessment=vpr-2026/paper=rus4/region=54/.sums-marks.parquet

A file says of which works it is (time, size and inode of `works.parquet`), of which paper and of which
version of the counting. When one of these differs, the sums of that region are counted anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oko.engines.papers import Paper
from oko.engines.statistics.counting import Counting, school_sums
from oko.engines.statistics.works import open_works, works_of_regions

_KEY = b"oko.sums"
#: When a report comes out, fifty readers ask at once for what nobody has counted: one counts, the others wait
#: and take what it has kept.
_ONE_COUNTS = threading.Lock()


def stored_sums(root: Path, assessment: str, paper: Paper, counting: Counting) -> pa.Table:
    """The sums of all schools of the country; only regions whose works are newer than their sums are counted.

    Raises:
        WorksError: as `open_works`.
    """
    paths = works_of_regions(root, assessment, paper.code)
    stamps = {region: _stamp(path, paper, counting) for region, path in paths.items()}
    tables = _read_all(paths, stamps, counting)
    if not paths or len(tables) < len(paths):
        with _ONE_COUNTS:
            lacking = {region: path for region, path in paths.items() if region not in tables}
            tables |= _read_all(lacking, stamps, counting)
            if not paths or len(tables) < len(paths):
                stale = {region: path for region, path in lacking.items() if region not in tables}
                tables[""] = _count(root, assessment, paper, counting, stale, stamps)
    return pa.concat_tables(
        [table.replace_schema_metadata() for table in tables.values()], promote_options="default"
    )


def _count(
    root: Path,
    assessment: str,
    paper: Paper,
    counting: Counting,
    paths: Mapping[str, Path],
    stamps: Mapping[str, bytes],
) -> pa.Table:
    """Count the works of these regions and keep their sums."""
    with open_works(root, assessment, paper, regions=list(paths)) as works:
        counted = school_sums(works, paper, counting)
    _keep(counted, paths, stamps, paper, counting)
    return counted


def _keep(
    counted: pa.Table,
    paths: Mapping[str, Path],
    stamps: Mapping[str, bytes],
    paper: Paper,
    counting: Counting,
) -> None:
    """Write down what was counted; where that is forbidden it will be counted again the next time."""
    for region, path in paths.items():
        if _stamp(path, paper, counting) != stamps[region]:
            continue  # written anew meanwhile: these sums may be of either
        own = counted.filter(pc.equal(counted["region"], region))
        with contextlib.suppress(OSError):
            _write(own.replace_schema_metadata({_KEY: stamps[region]}), _beside(path, counting))


def _write(table: pa.Table, path: Path) -> None:
    unfinished = path.with_name(f"{path.name}-{uuid.uuid4().hex}.unfinished")
    try:
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_all(
    paths: Mapping[str, Path], stamps: Mapping[str, bytes], counting: Counting
) -> dict[str, pa.Table]:
    """The kept sums by region, of those regions that have them."""
    found = {region: _read(_beside(path, counting), stamps[region]) for region, path in paths.items()}
    return {region: sums for region, sums in found.items() if sums is not None}


def _read(path: Path, stamp: bytes) -> pa.Table | None:
    """The kept sums, if they are those of this stamp."""
    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException):
        return None
    return table if (table.schema.metadata or {}).get(_KEY) == stamp else None


def _beside(path: Path, counting: Counting) -> Path:
    return path.with_name(f".sums-{counting.name}.parquet")


def _stamp(path: Path, paper: Paper, counting: Counting) -> bytes:
    try:
        state = path.stat()
        of_works = [state.st_mtime_ns, state.st_size, state.st_ino]
    except OSError:
        of_works = []
    facts = [of_works, [asdict(item) for item in paper.items], counting.name, counting.version]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest().encode()
