"""Pages whose codes are lost are found by the printed text of the code: surely, or by a person."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from oko.cli import app
from oko.engines.blanks.definition import load_definition
from oko.engines.blanks.layout import place
from oko.engines.blanks.page_code import PageCode, decode, encode
from oko.engines.blanks.printing import DataError, render
from oko.engines.recognition.cells import read_fields
from oko.engines.recognition.matching.finding import Matcher
from oko.engines.recognition.matching.sheets import sheet_with_code
from oko.engines.recognition.matching.tables import TableError, read_matches

DPI = 200
KEY = b"a key of this season, 32 bytes.."
PEOPLE = [
    {"assessment": "vpr-2026", "organisation": f"edu64{n % 7:04d}", "participant": str(40000 + n)}
    for n in range(400)
]
Image = NDArray[np.uint8]


def pages(folder: Path, blank: str, people: list[dict[str, str]], **options: Any) -> Iterator[Image]:
    out = folder / "printed.pdf"
    render(load_definition(Path(blank)), people, out, **options)
    with closing(pypdfium2.PdfDocument(out)) as document:
        for page in document:
            yield np.asarray(page.render(scale=DPI / 72).to_pil().convert("L")).copy()


def without_codes(picture: Image, which: tuple[int, ...] = (0, 1)) -> Image:
    """A hand has drawn over the codes."""
    codes = place(load_definition(Path("answers-1.json")))[0].codes
    for code in (codes[number] for number in which):
        left, top, side = (round(value * DPI / 25.4) for value in (code.x_mm, code.y_mm, code.w_mm))
        picture[top + side // 5 : top + side, left : left + side] = 255
        cv2.line(picture, (left, top), (left + side, top + side), 0, 9)
    return picture


def spoiled(picture: Image, quarter: int) -> Image:
    rng = np.random.default_rng(quarter)
    blurred = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(np.float32)
    noisy = blurred * 0.75 + 50 + rng.normal(0, 12, picture.shape)
    height, width = picture.shape
    turning = cv2.getRotationMatrix2D((width / 2, height / 2), 2.0, 0.98)
    askew = cv2.warpAffine(np.clip(noisy, 0, 255).astype(np.uint8), turning, (width, height), borderValue=230)
    return np.ascontiguousarray(np.rot90(askew, quarter))


def test_a_page_without_codes_is_found_by_its_text_whichever_way_up(tmp_path: Path) -> None:
    definitions = [load_definition(Path(name)) for name in ("answers-1.json", "long-answer.json")]
    matcher = Matcher(definitions, PEOPLE, None)
    assert len(matcher) == 3 * len(PEOPLE), "of one page and of two"
    chosen = [PEOPLE[7], PEOPLE[123], PEOPLE[288]]
    for quarter, picture in enumerate(pages(tmp_path, "answers-1.json", chosen)):
        found = matcher.match(spoiled(without_codes(picture), quarter))
        assert found.clear
        assert found.candidates[0].code.serial == chosen[quarter]["participant"]
        assert (found.candidates[0].code.blank, found.candidates[0].code.page) == ("answers-1", 1)
        assert found.rotation == (-quarter * 90) % 360


def test_pages_of_one_blank_are_told_apart(tmp_path: Path) -> None:
    matcher = Matcher([load_definition(Path("long-answer.json"))], PEOPLE[:50], KEY)
    for number, picture in enumerate(pages(tmp_path, "long-answer.json", [PEOPLE[9]], key=KEY), start=1):
        found = matcher.match(without_codes(picture))
        assert found.clear
        assert (found.candidates[0].code.serial, found.candidates[0].code.page) == ("40009", number)


def test_one_text_is_enough(tmp_path: Path) -> None:
    matcher = Matcher([load_definition(Path("answers-1.json"))], PEOPLE, None)
    (picture,) = pages(tmp_path, "answers-1.json", [PEOPLE[42]])
    picture[: round(30 * DPI / 25.4), round(60 * DPI / 25.4) :] = 255  # with the disc of that corner
    found = matcher.match(without_codes(picture, (1,)))
    assert (found.clear, found.candidates[0].code.serial) == (True, "40042")


def test_somebody_who_is_not_in_the_data_is_nobody_surely(tmp_path: Path) -> None:
    matcher = Matcher([load_definition(Path("answers-1.json"))], PEOPLE, None)
    strangers = [PEOPLE[0] | {"participant": serial} for serial in ("40400", "41001", "50000")]
    for picture in pages(tmp_path, "answers-1.json", strangers):
        assert not matcher.match(without_codes(picture)).clear


def test_what_is_no_page_of_ours_has_no_candidates() -> None:
    matcher = Matcher([load_definition(Path("answers-1.json"))], PEOPLE, None)
    rng = np.random.default_rng(1)
    lines = np.full((1600, 1130), 255, np.uint8)
    for row in range(60, 1550, 30):
        cv2.putText(lines, "some letter of a stranger to nobody", (60, row), 0, 0.8, 30, 1, cv2.LINE_AA)
    for scan in (
        np.full((1600, 1130), 250, np.uint8),
        lines,
        rng.integers(0, 255, (600, 450)).astype(np.uint8),
        np.zeros((30, 30), np.uint8),
    ):
        assert not matcher.match(scan).clear


def test_fields_of_a_matched_page_are_read(tmp_path: Path) -> None:
    definition = load_definition(Path("registration.json"))
    people = [PEOPLE[3] | {"room": "101"}]
    (picture,) = pages(tmp_path, "registration.json", people)
    (page,) = place(definition)
    sex = next(field for field in page.fields if field.id == "sex").cells[1]
    left, top, right, bottom = (
        round(value * DPI / 25.4) for value in (sex.x_mm, sex.y_mm, sex.x_mm + sex.w_mm, sex.y_mm + sex.h_mm)
    )
    cv2.line(picture, (left + 6, top + 6), (right - 6, bottom - 6), 20, 5)
    cv2.line(picture, (left + 6, bottom - 6), (right - 6, top + 6), 20, 5)
    matcher = Matcher([definition], people, None)
    scan = spoiled(without_codes(picture), 2)
    code = matcher.match(scan).candidates[0].code
    sheet = sheet_with_code(scan, page, code, encode(code), full_per_px=1.5)
    assert sheet is not None
    assert (sheet.rotation, round(sheet.dpi / 10)) == (180, 29)
    read = next(field for field in read_fields(sheet) if field.id == "sex")
    assert [cell.value for cell in read.cells] == ["", "ж"]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([], "искать не среди кого"),
        ([{"assessment": "vpr"}], "нет столбца «organisation»"),
        ([PEOPLE[0], PEOPLE[1] | {"participant": "сорок"}], "Строка 3"),
    ],
)
def test_data_that_name_nobody_are_told(people: list[dict[str, str]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        Matcher([load_definition(Path("answers-1.json"))], people, None)


# The command -----------------------------------------------------------------------------------------------


def run(tmp_path: Path, *more: str) -> Any:
    arguments = ["--data", str(tmp_path / "people.csv"), "--scans", str(tmp_path / "scans")]
    tables = ["--pages", str(tmp_path / "pages.csv"), "--out", str(tmp_path / "matches.csv")]
    return CliRunner().invoke(app, ["blank", "match", "answers-1.json", *arguments, *tables, *more])


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Without codes: one who is known, a stranger, and one page twice; one page was read."""
    (tmp_path / "scans").mkdir()
    known = [PEOPLE[5], PEOPLE[6] | {"participant": "99999"}, PEOPLE[8]]
    made = [without_codes(picture) for picture in pages(tmp_path, "answers-1.json", known)]
    for name, picture in zip("abcd", (made[0], made[1], made[2], made[2]), strict=True):
        cv2.imwrite(str(tmp_path / "scans" / f"{name}.png"), picture)
    with (tmp_path / "people.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(PEOPLE[0]))
        table.writeheader()
        table.writerows(PEOPLE[:40])
    rows = ["source,page,blank,serial,status,reason,rotation,dpi,quality"]
    rows += [f"{name}.png,1,,,rejected,no code,,," for name in "abcd"]
    rows += ["e.png,1,answers-1,40000,read,,0,200,1.000", "f.png,1,,,rejected,blank page,,,"]
    (tmp_path / "pages.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_command_writes_who_it_is_and_what_a_person_is_to_decide(batch: Path) -> None:
    done = run(batch)
    assert done.exit_code == 0, done.output
    assert "Страниц без кода: 4; найдено наверняка: 1; решить человеку: 3." in done.output
    with (batch / "matches.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    by_source = {row["source"]: row for row in reversed(rows)}
    assert set(by_source) == {"a.png", "b.png", "c.png", "d.png"}
    first = by_source["a.png"]
    assert (first["blank"], first["blank_page"], first["serial"], first["review"]) == (
        "answers-1",
        "1",
        "40005",
        "0",
    )
    assert float(first["confidence"]) > 0.95
    assert decode(first["code"]).serial == "40005"
    assert by_source["b.png"]["review"] == "1", "the stranger"
    assert [by_source[name]["review"] for name in ("c.png", "d.png")] == ["1", "1"], "both say they are he"
    assert list(read_matches(batch / "matches.csv", None)) == [("a.png", 1)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"source;page\n", "нет столбца"),
        (b"\xff\xfe", "не CSV"),
        (b"source,page,blank,serial,status,reason\na.png,one,,,rejected,no code\n", "строка 2, столбец page"),
        (b"source,page,blank,serial,status,reason\nz.png,1,,,rejected,no code\n", "среди сканов его нет"),
    ],
)
def test_command_says_what_is_wrong_with_the_table_of_pages(batch: Path, content: bytes, said: str) -> None:
    (batch / "pages.csv").write_bytes(content)
    done = run(batch)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
    assert not (batch / "matches.csv").exists()


def test_a_scan_that_is_damaged_since_stays_without_a_match(batch: Path) -> None:
    (batch / "scans" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    assert run(batch).exit_code == 0
    assert read_matches(batch / "matches.csv", None) == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a.png,1,answers-1,1,40005,0.99,0,O1*A*B.1*1*C*D*00000\n", "контрольные знаки"),
        ("a.png,1,x,1,1,1,0,{text}\na.png,1,x,1,1,1,0,{text}\n", "стоит здесь дважды"),
    ],
)
def test_matches_edited_by_hand_are_checked(tmp_path: Path, rows: str, said: str) -> None:
    code = PageCode("vpr-2026", "answers-1", 1, 1, "edu640001", "40001")
    path = tmp_path / "matches.csv"
    path.write_text(
        "source,page,blank,blank_page,serial,confidence,review,code\n" + rows.format(text=encode(code))
    )
    with pytest.raises(TableError, match=said):
        read_matches(path, None)


def test_matched_pages_are_read_and_the_others_stay_as_they_were(batch: Path) -> None:
    assert run(batch).exit_code == 0
    tables = ["--out", str(batch / "fields.csv"), "--pages", str(batch / "again.csv"), "--workers", "1"]
    line = ["blank", "read", "answers-1.json", "--scans", str(batch / "scans"), *tables]
    done = CliRunner().invoke(app, [*line, "--matches", str(batch / "matches.csv")])
    assert done.exit_code == 0, done.output
    with (batch / "again.csv").open(newline="") as file:
        pages = {row["source"]: row for row in csv.DictReader(file)}
    assert (pages["a.png"]["status"], pages["a.png"]["serial"]) == ("read", "40005")
    assert {pages[name]["status"] for name in ("b.png", "c.png", "d.png")} == {"rejected"}
    with (batch / "fields.csv").open(newline="") as file:
        assert {row["serial"] for row in csv.DictReader(file)} == {"40005"}
