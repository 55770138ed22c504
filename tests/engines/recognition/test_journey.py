"""From a printed blank to the report of errors, all on the command line; and what may come between."""

from __future__ import annotations

import csv
import json
import signal
import struct
import subprocess
import sys
import time
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from oko.cli import app
from oko.engines.blanks.definition import load_definition
from oko.engines.blanks.filling.raster import GreyImage, box_in_pixels, page_rasters
from oko.engines.blanks.layout import Rectangle, place

SHEET: dict[str, Any] = {
    "format": "oko-blank/1",
    "blank": "journey",
    "version": 1,
    "title": "Проба",
    "pages": [
        {
            "fields": [
                {
                    "kind": "marks",
                    "id": "q{n}",
                    "label": "{n}",
                    "x_mm": 40,
                    "y_mm": 60,
                    "values": ["1", "2", "3", "4"],
                    "repeat": {"count": 12, "per_row": 2, "step_mm": [70, 0], "row_mm": [0, 12]},
                },
                {
                    "kind": "characters",
                    "id": "c1",
                    "x_mm": 40,
                    "y_mm": 150,
                    "length": 10,
                    "permitted": ["digits"],
                },
                {"kind": "area", "id": "free", "x_mm": 40, "y_mm": 170, "w_mm": 130, "h_mm": 40},
                {"kind": "signature", "id": "signed", "x_mm": 40, "y_mm": 220, "w_mm": 60, "h_mm": 12},
            ]
        }
    ],
}
PERSON = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": "40001"}


def oko(*arguments: str | Path) -> str:
    """What the command says; it must succeed."""
    result = CliRunner().invoke(app, ["blank", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


class Desk:
    """A folder with a definition, scans and tables."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.scans = folder, folder / "scans"
        self.sheet = folder / "journey.json"
        self.sheet.write_text(json.dumps(SHEET), encoding="utf-8")

    def read(self, *options: str | Path) -> str:
        return oko(*self.command(*options))

    def command(self, *options: str | Path) -> tuple[str | Path, ...]:
        tables = ("--out", self.folder / "fields.csv", "--pages", self.folder / "pages.csv")
        return ("read", self.sheet, "--scans", self.scans, *tables, *options)

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def pages(self, *columns: str) -> list[tuple[str, ...]]:
        return [tuple(row[name] for name in columns) for row in self.table("pages")]

    def errors(self) -> dict[str, Any]:
        tables = (self.folder / f"{name}.csv" for name in ("fields", "pages"))
        report: dict[str, Any] = json.loads(
            oko("errors", self.scans / "truth.csv", *tables, "--blank", self.sheet, "--json")
        )
        return report


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of «handwriting»: digits of fonts, ink 255."""
    images, labels = [], []
    for label in "0123456789":
        for size in (22, 24):
            glyph = Image.new("L", (28, 28))
            ImageDraw.Draw(glyph).text((14, 14), label, 255, ImageFont.load_default(size), anchor="mm")
            images.append(np.asarray(glyph))
            labels.append(label)
    path = tmp_path_factory.mktemp("glyphs") / "digits.npz"
    np.savez(path, images=np.stack(images), labels=np.array(labels))
    return path


@pytest.mark.parametrize("mode", ["clean", "scanner"])
def test_what_was_filled_is_read(desk: Desk, digits: Path, mode: str) -> None:
    oko(
        *("fill", desk.sheet, "--glyphs", digits, "--count", "6"),
        *("--degrade", mode, "--seed", "7", "--out", desk.scans),
    )
    desk.read("--crops", desk.folder / "crops", "--overlay", desk.folder / "overlay", "--workers", "2")
    report = desk.errors()
    assert (report["read"], report["wrong_serial"], report["lost"]) == (6, 0, {})
    assert report["kinds"]["marks"]["cells"] == 6 * 48
    assert report["kinds"]["marks"]["unnoticed"] == 0, report["examples"]
    assert report["kinds"]["marks"]["to_people"] <= 6
    assert report["kinds"]["characters"]["unnoticed"] <= 1, report["examples"]
    assert len(list((desk.folder / "overlay").glob("*.jpg"))) == 6
    folders = list((desk.folder / "crops").iterdir())
    assert len(folders) == 6
    for folder in folders:
        assert {f"c1-{n}.png" for n in range(1, 11)} | {"free-1.png", "signed-1.png"} <= {
            file.name for file in folder.iterdir()
        }


def test_crops_are_as_fine_as_the_scan(desk: Desk) -> None:
    save(desk, "1.png", filled(desk))
    desk.read("--crops", desk.folder / "crops")
    with Image.open(desk.folder / "crops" / "1-1" / "free-1.png") as crop:
        assert crop.width == pytest.approx((130 + 2) / 25.4 * 300, abs=3)
        assert crop.mode == "L"


def test_what_was_read_is_drawn_on_the_page_laid_straight(desk: Desk) -> None:
    save(desk, "lies on its side.png", np.ascontiguousarray(np.rot90(filled(desk, boxes=(3,)))))
    save(desk, "cat.jpg", cat())
    desk.read("--overlay", desk.folder / "seen")
    assert desk.pages("source", "rotation")[1] == ("lies on its side.png", "270")
    (page,) = place(load_definition(desk.sheet))
    with Image.open(desk.folder / "seen" / "lies_on_its_side-1.jpg") as seen:
        around = [np.asarray(seen.crop(frame_of(cell, seen)), int) for cell in page.fields[0].cells]
    greenness = [(frame[..., 1] - frame[..., 0]).max() for frame in around]
    assert [bool(value > 60) for value in greenness] == [False, False, True, False]
    with Image.open(desk.folder / "seen" / "cat-1.jpg") as seen:
        banner = np.asarray(seen.crop((0, 0, seen.width, 40)), int)
    assert (banner[..., 0] - banner[..., 1]).max() > 60  # the reason, in red


def frame_of(cell: Rectangle, seen: Image.Image) -> tuple[int, int, int, int]:
    """A cell and what stands around it, in pixels of an overlay: below the banner it is the page."""
    scale = seen.width / 210
    banner = seen.height - round(297 * scale)
    left, top = cell.x_mm * scale, cell.y_mm * scale + banner
    return (round(left) - 3, round(top) - 3, round(left + cell.w_mm * scale) + 3, round(top + 6))


# Killed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "code", "last_words"),
    [(signal.SIGKILL, -signal.SIGKILL, ""), (signal.SIGINT, 130, "Та же команда продолжит.")],
)
def test_an_interrupted_reading_goes_on(desk: Desk, sign: signal.Signals, code: int, last_words: str) -> None:
    page = filled(desk)
    for number in range(1, 13):
        save(desk, f"{number}.png", page)
    command = [sys.executable, "-c", "from oko.cli import main; main()", "blank"]
    command += map(str, desk.command("--workers", "1"))
    running = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A shell that runs tests in the background has Ctrl-C ignored by all that it starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    journal = desk.folder / "fields.csv.part"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        time.sleep(0.005)
    running.send_signal(sign)
    _, said = running.communicate()
    assert (running.returncode, said.strip()[-len(last_words) :] if last_words else "") == (code, last_words)
    assert not (desk.folder / "fields.csv").exists()
    assert "Продолжение: готово страниц" in desk.read()
    assert [row[0] for row in desk.pages("source")] == [f"{number}.png" for number in range(1, 13)]
    assert desk.pages("reason") == [("",), *[("doubled",)] * 11]


# What is no scan, and scans that contradict ---------------------------------------------------------------


def test_bad_files_are_named_and_the_rest_goes_on(desk: Desk) -> None:
    page = filled(desk)
    save(desk, "good.png", page)
    whole = cv2.imencode(".jpg", page)[1].tobytes()
    (desk.scans / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (desk.scans / "lies.pdf").write_text("I am a letter")
    (desk.scans / "empty.tif").write_bytes(b"")
    (desk.scans / "huge.png").write_bytes(png_that_says(40_000, 40_000))
    save(desk, "cat.jpg", cat())
    locked = pikepdf.new()
    locked.add_blank_page()
    locked.save(desk.scans / "locked.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))
    said = desk.read("--details", desk.folder / "details.jsonl")
    assert dict(desk.pages("source", "reason")) == {
        "good.png": "",
        "cut.jpg": "unreadable file",
        "lies.pdf": "unreadable file",
        "empty.tif": "unreadable file",
        "huge.png": "unreadable file",
        "cat.jpg": "no code",
        "locked.pdf": "unreadable file",
    }
    assert "прочитано: 1, отклонено: 6" in said
    lines = [json.loads(line) for line in (desk.folder / "details.jsonl").read_text("utf-8").splitlines()]
    sentences = {line["source"]: line["sentence"] for line in lines}
    assert "парол" in sentences["locked.pdf"]
    assert "точек на дюйм" in sentences["huge.png"]
    assert not sentences["good.png"]
    assert all(sentence for source, sentence in sentences.items() if source != "good.png")


def test_blanks_of_several_assessments_in_one_file(desk: Desk) -> None:
    codes = [("vpr-2026", "40001"), ("niko-2026", "40001"), ("vpr-2026", "40002")]
    pages = [
        Image.fromarray(filled(desk, {**PERSON, "assessment": assessment, "participant": participant}))
        for assessment, participant in codes
    ]
    desk.scans.mkdir()
    pages[0].save(
        desk.scans / "all.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(300, 300)
    )
    desk.read("--details", desk.folder / "details.jsonl")
    assert desk.pages("page", "serial", "reason") == [
        ("1", "40001", ""),
        ("2", "40001", ""),
        ("3", "40002", ""),
    ]
    lines = (desk.folder / "details.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["code"]["assessment"] for line in lines] == [code for code, _ in codes]


def test_a_page_that_was_answered_twice_is_nobodys_guess(desk: Desk) -> None:
    save(desk, "first.png", filled(desk, boxes=(1,)))
    save(desk, "second.png", filled(desk, boxes=(2,)))
    desk.read()
    assert desk.pages("source", "reason") == [("first.png", "doubled"), ("second.png", "doubled")]
    rows = [row for row in desk.table("fields") if row["field"] == "q1"]
    assert {row["review"] for row in rows} == {"1"}
    assert {row["source"]: row["value"] for row in rows if row["value"]} == {
        "first.png": "1",
        "second.png": "2",
    }


# Scans ----------------------------------------------------------------------------------------------------


def filled(desk: Desk, person: dict[str, str] = PERSON, boxes: tuple[int, ...] = (1, 4, 2)) -> GreyImage:
    """A page of 300 dpi with crosses in these boxes of the first questions."""
    definition = load_definition(desk.sheet)
    (page,) = place(definition)
    (picture,) = page_rasters(definition, person)
    for field, box in zip(page.fields, boxes, strict=False):
        left, top, width, height = box_in_pixels(field.cells[box - 1], page, picture)
        right, bottom = left + width, top + height
        for ends in ((left, top, right, bottom), (right, top, left, bottom)):
            x, y, other_x, other_y = map(round, ends)
            cv2.line(picture, (x, y), (other_x, other_y), 40, 5, cv2.LINE_AA)
    return picture


def save(desk: Desk, name: str, picture: GreyImage) -> None:
    desk.scans.mkdir(exist_ok=True)
    Image.fromarray(picture).save(desk.scans / name, dpi=(300, 300))


def cat() -> GreyImage:
    """Ears, eyes, whiskers: no blank."""
    picture = Image.new("L", (1600, 1200), 170)
    draw = ImageDraw.Draw(picture)
    draw.polygon(((500, 500), (560, 200), (760, 380)), 60)
    draw.polygon(((1100, 500), (1040, 200), (840, 380)), 60)
    draw.ellipse((480, 320, 1120, 960), 80)
    for x in (650, 950):
        draw.ellipse((x - 60, 520, x + 60, 640), 220)
        draw.ellipse((x - 15, 530, x + 15, 630), 10)
    for y in (740, 780, 820):
        draw.line((300, y - 40, 700, y), 240, 6)
        draw.line((1300, y - 40, 900, y), 240, 6)
    return np.asarray(picture)


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of that size with hardly anything in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
