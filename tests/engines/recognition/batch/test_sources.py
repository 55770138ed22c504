"""Files of scans are found, named and ordered, whatever lies beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oko.engines.recognition.batch.sources import (
    SourcesError,
    find_sources,
    printable,
    safe_name,
    unique_names,
)


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def names_of(*paths: Path) -> list[str]:
    return [source.name for source in find_sources(paths).sources]


def test_scans_of_a_folder_stand_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    made(tmp_path, "scan10.tif", "scan2.TIF", "Scan1.jpeg", "room 2/1.pdf", "room 10/1.pdf")
    assert names_of(tmp_path) == ["Scan1.jpeg", "scan2.TIF", "scan10.tif", "room 2/1.pdf", "room 10/1.pdf"]


def test_a_named_file_is_called_by_its_name(tmp_path: Path) -> None:
    made(tmp_path, "a/1.tif", "b/2.tif", "b/3.tif")
    assert names_of(tmp_path / "a/1.tif", tmp_path / "b") == ["1.tif", "2.tif", "3.tif"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    made(tmp_path, "1.tif")
    assert names_of(tmp_path, tmp_path / "1.tif", tmp_path / "." / "1.tif") == ["1.tif"]


def test_what_is_no_scan_is_passed_over_and_told(tmp_path: Path) -> None:
    made(tmp_path, "1.tif", "truth.csv", ".hidden.tif", "__MACOSX/1.tif")
    (tmp_path / "scan-without-ending").write_bytes(b"%PDF-1.7")
    found = find_sources([tmp_path])
    assert [source.name for source in found.sources] == ["1.tif", "scan-without-ending"]
    assert found.passed_over == ("truth.csv",)


def test_a_pipe_among_scans_is_not_waited_for(tmp_path: Path) -> None:
    made(tmp_path, "1.tif")
    os.mkfifo(tmp_path / "2.tif")
    assert names_of(tmp_path) == ["1.tif"]


def test_names_that_are_not_utf8_can_be_written() -> None:
    """As they come from a folder; no such file is made, since some file systems take UTF-8 only."""
    name = os.fsdecode(b"room 1/\xf1\xea\xe0\xed.tif")
    with pytest.raises(UnicodeEncodeError):
        name.encode("utf-8")
    shown = printable(name)
    assert shown.encode("utf-8").startswith(b"room 1/")
    assert shown.endswith(".tif")
    assert printable("кабинет 1/скан.tif") == "кабинет 1/скан.tif"


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    made(tmp_path, "a/1.tif", "b/1.tif")
    with pytest.raises(SourcesError, match=r"назывались бы одинаково: «1\.tif»"):
        find_sources([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize("what", ["nothing here", "empty"])
def test_no_scans_is_said(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourcesError, match=f"{what}.*не найдено|Сканов не найдено.*{what}"):
        find_sources([tmp_path / what])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "", "a\0b", "-rf", "CON*?", "я" * 200]
)
def test_names_of_pictures_lead_nowhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{safe_name(name)}.png"
    path.write_bytes(b"")
    assert path.resolve().parent == tmp_path.resolve()
    assert not path.name.startswith((".", "-"))


def test_pictures_of_different_sources_do_not_mix() -> None:
    names = list(unique_names(["a/1", "a_1", "A_1", "a_1~2", "b"]))
    assert len({name.casefold() for name in names}) == len(names)
