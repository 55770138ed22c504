"""`oko blank fill`: scans, and a truth that agrees with what is seen on them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from typer.testing import CliRunner, Result

from oko.cli import app
from oko.engines.blanks.definition import Definition
from oko.engines.blanks.filling import FillError, Glyphs, fill
from oko.engines.blanks.filling.raster import GreyImage, box_in_pixels, page_rasters
from oko.engines.blanks.filling.sets import person
from oko.engines.blanks.layout import READ_KINDS, place
from oko.engines.blanks.page_code import decode

SETS = 4


def truth_of(folder: Path) -> dict[str, dict[tuple[str, int], str]]:
    values: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["page"] == "1"
            values[row["source"]][(row["field"], int(row["cell"]))] = row["value"]
    return values


@pytest.fixture(scope="module")
def clean(definition: Definition, glyphs: Glyphs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "scans"
    assert fill(definition, glyphs, SETS, "clean", 5, folder) == 2 * SETS
    return folder


def test_every_cell_of_every_page_has_its_truth_in_the_order_of_the_layout(
    definition: Definition, clean: Path
) -> None:
    truth = truth_of(clean)
    assert list(truth) == [f"{number:04}-{page}.jpg" for number in range(1, SETS + 1) for page in (1, 2)]
    for source, values in truth.items():
        page = place(definition)[int(source[5]) - 1]
        assert list(values) == [
            (field.id, cell)
            for field in page.fields
            if field.kind in READ_KINDS
            for cell in range(1, len(field.cells) + 1)
        ]


def test_what_the_truth_says_is_what_is_seen(definition: Definition, clean: Path) -> None:
    """Ink added by hand, cell by cell: none where the truth is empty, unless a box was cancelled."""
    persons = [person(definition, number) for number in range(1, SETS + 1)]
    full = 0
    for source, values in truth_of(clean).items():
        number, position = int(source[:4]) - 1, int(source[5]) - 1
        bare = page_rasters(definition, persons[number])[position]
        scan = np.asarray(Image.open(clean / source))
        page = place(definition)[position]
        for field in page.fields:
            for cell, rectangle in enumerate(field.cells, start=1):
                value = values[(field.id, cell)]
                inked = added_ink(bare, scan, box_in_pixels(rectangle, page, bare))
                if field.id == "code":  # printed, nobody writes there
                    assert value == persons[number]["participant"][cell - 1]
                    assert inked < 0.005
                elif value:
                    assert inked > 0.004
                elif field.kind == "marks":
                    full += inked > 0.7
                    assert inked < 0.012 or inked > 0.7
                else:
                    assert inked < 0.006
    assert full > 0


def added_ink(bare: GreyImage, scan: GreyImage, box: tuple[float, float, float, float]) -> float:
    left, top, width, height = (round(side) for side in box)
    part = np.s_[top + 5 : top + height - 5, left + 5 : left + width - 5]
    return float((bare[part].astype(int) - scan[part] > 45).mean())


def test_check_digits_are_kept_and_codes_are_those_of_the_truth(clean: Path) -> None:
    with (clean / "truth.csv").open(encoding="utf-8", newline="") as file:
        serials = {row["source"]: row["serial"] for row in csv.DictReader(file)}
    for source, serial in serials.items():
        with Image.open(clean / source) as scan:
            assert round(scan.info["dpi"][0]) == 300
            found = {decode(code.text).serial for code in zxingcpp.read_barcodes(np.asarray(scan))}
        assert found == {serial}


def test_the_first_sets_do_not_depend_on_how_many_there_are(
    definition: Definition, glyphs: Glyphs, clean: Path, tmp_path: Path
) -> None:
    fill(definition, glyphs, 2, "clean", 5, tmp_path / "fewer")
    for source in ("0001-1.jpg", "0002-2.jpg"):
        assert (tmp_path / "fewer" / source).read_bytes() == (clean / source).read_bytes()


def test_several_processes_make_the_same(
    definition: Definition, glyphs: Glyphs, clean: Path, tmp_path: Path
) -> None:
    fill(definition, glyphs, 3, "clean", 5, tmp_path / "two", workers=2)
    for source in ("0001-1.jpg", "0002-2.jpg", "0003-1.jpg"):
        assert (tmp_path / "two" / source).read_bytes() == (clean / source).read_bytes()
    made, before = (truth_of(folder) for folder in (tmp_path / "two", clean))
    assert made == {source: before[source] for source in made}
    assert len(made) == 6


def test_another_seed_gives_other_answers(
    definition: Definition, glyphs: Glyphs, clean: Path, tmp_path: Path
) -> None:
    fill(definition, glyphs, 1, "clean", 6, tmp_path / "other")
    assert truth_of(tmp_path / "other")["0001-1.jpg"] != truth_of(clean)["0001-1.jpg"]


def test_bad_scans_have_their_truth_whatever_file_they_are(
    definition: Definition, glyphs: Glyphs, tmp_path: Path
) -> None:
    fill(definition, glyphs, 3, "bad", 2, tmp_path / "bad")
    truth = truth_of(tmp_path / "bad")
    assert set(truth) == {path.name for path in (tmp_path / "bad").iterdir() if path.suffix != ".csv"}
    for source in truth:
        with Image.open(tmp_path / "bad" / source) as scan:
            scan.load()
            assert 140 < scan.info["dpi"][0] < 330
            assert scan.mode == ("1" if source.endswith(".tif") else "L")


def test_a_folder_with_files_is_left_alone(definition: Definition, glyphs: Glyphs, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(FillError, match="не пустая папка"):
        fill(definition, glyphs, 1, "clean", 1, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def run(definition: Path, out: Path, *more: str) -> Result:
    arguments = ["blank", "fill", str(definition), "--count", "1", "--degrade", "clean", "--seed", "1"]
    return CliRunner().invoke(app, [*arguments, "--out", str(out), *more])


def test_command_takes_several_archives_after_one_name(small: Path, archive: Path, tmp_path: Path) -> None:
    letters = tmp_path / "letters.npz"
    np.savez(letters, images=np.zeros((1, 9, 9), np.uint8), labels=np.array(["Щ"]))
    done = run(small, tmp_path / "out", "--glyphs", str(archive), str(letters))
    assert done.exit_code == 0, done.output
    assert "letters.npz» не нужен" in done.stderr
    assert (tmp_path / "out" / "0001-2.jpg").exists()
    assert not (tmp_path / "out" / "truth.csv.part").exists()


def test_a_blank_without_cells_for_characters_needs_no_glyphs(small: Path, tmp_path: Path) -> None:
    content = json.loads(small.read_text(encoding="utf-8"))
    del content["pages"][0]
    marks_only = tmp_path / "marks.json"
    marks_only.write_text(json.dumps(content), encoding="utf-8")
    assert run(marks_only, tmp_path / "out").exit_code == 0
    assert run(small, tmp_path / "out2").exit_code == 2


def save_labels_only(path: Path) -> None:
    np.savez(path, labels=np.array(["1"]))


def save_colour(path: Path) -> None:
    np.savez(path, images=np.zeros((1, 9, 9, 3), np.uint8), labels=np.array(["1"]))


def save_fewer_labels(path: Path) -> None:
    np.savez(path, images=np.zeros((2, 9, 9), np.uint8), labels=np.array(["1"]))


def save_pickle(path: Path) -> None:
    np.savez(path, images=np.array([{"a": 1}], dtype=object), labels=np.array(["1"]))


def save_locked(path: Path) -> None:
    """As a packer with a password would leave it: the flag of encryption at both places of a member."""
    np.savez(path, images=np.zeros((1, 9, 9), np.uint8), labels=np.array(["1"]))
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    path.write_bytes(content)


def save_other_characters(path: Path) -> None:
    np.savez(path, images=np.zeros((1, 9, 9), np.uint8), labels=np.array(["Щ"]))


@pytest.mark.parametrize(
    ("save", "said"),
    [
        (lambda path: None, "не открывается"),
        (lambda path: path.write_bytes(b"PK\x03\x04 not a zip"), "не читается"),
        (lambda path: path.write_bytes(b""), "не читается"),
        (save_labels_only, "нет массива images"),
        (save_colour, "массив images не тот"),
        (save_fewer_labels, "на 2 рисунков приходится 1"),
        (save_pickle, "не читается"),
        (save_locked, "не читается"),
        (save_other_characters, "не разрешён ни в одном поле"),
    ],
)
def test_archives_that_cannot_be_drawn_from_are_named(
    small: Path, tmp_path: Path, save: object, said: str
) -> None:
    path = tmp_path / "glyphs.npz"
    assert callable(save)
    save(path)
    done = run(small, tmp_path / "out", "--glyphs", str(path))
    assert done.exit_code == 2
    assert "glyphs.npz" in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
