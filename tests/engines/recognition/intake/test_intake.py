"""Scans as scanners, phones and people send them."""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from oko.engines.recognition.intake import IntakeError, PageError, pages_of

WIDTH, HEIGHT = 620, 877  # A4 at 75 dpi, so that tests are quick
FULL = (2480, 3508)


def page(number: int = 1, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A page with as many bars as its number."""
    image = Image.new("L", size, 250)
    draw = ImageDraw.Draw(image)
    for bar in range(number):
        draw.rectangle((60 + 80 * bar, 100, 100 + 80 * bar, size[1] // 2), fill=15)
    return image


def bars(grey: np.ndarray) -> int:
    row = grey[grey.shape[0] // 4] < 128
    return int(np.count_nonzero(np.diff(row.astype(int)) == 1))


def jpeg(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def test_a_scan_of_300_dpi_is_decoded_at_half_its_size_while_decoding(tmp_path: Path) -> None:
    path = tmp_path / "скан.jpg"
    path.write_bytes(jpeg(page(3, FULL), dpi=(300, 300)))
    (only,) = pages_of(path)
    scan = only.grey()
    assert scan.image.shape == (1754, 1240)
    assert (scan.scale, scan.full_size, scan.dpi) == (0.5, FULL, 300)
    assert bars(scan.image) == 3
    assert only.full().image.shape == (3508, 2480)


@pytest.mark.parametrize(
    ("size", "decoded"),
    [((1240, 1754), (1754, 1240)), ((1654, 2339), (2339, 1654)), ((4960, 7016), (1754, 1240))],
    ids=["150 dpi", "200 dpi", "600 dpi"],
)
def test_no_resolution_is_decoded_larger_than_it_helps(
    tmp_path: Path, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(page(2, size)))
    assert pages_of(path)[0].grey().image.shape == decoded


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {"compression": "group4"}),
        ("1", {"compression": "group3"}),
        ("1", {}),
        ("L", {"compression": "tiff_lzw"}),
        ("L", {"compression": "tiff_adobe_deflate"}),
        ("L", {"compression": "jpeg"}),
        ("RGB", {"compression": "tiff_lzw"}),
        ("P", {}),
        ("CMYK", {}),
        ("I;16", {}),
    ],
    ids=lambda value: str(value),
)
def test_a_tiff_of_several_pages_gives_each_in_grey(
    tmp_path: Path, mode: str, options: dict[str, str]
) -> None:
    path = tmp_path / "many.tif"
    first, second = (_in_mode(page(number), mode) for number in (1, 2))
    first.save(path, "TIFF", save_all=True, append_images=[second], dpi=(300, 300), **options)
    found = pages_of(path)
    assert [bars(one.grey().image) for one in found] == [1, 2]
    assert found[1].grey().dpi == pytest.approx(300)
    assert found[1].colour().shape == (HEIGHT, WIDTH, 3)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode != "I;16":
        first = image.convert("RGB") if mode in ("P", "CMYK") else image
        return first.convert(mode, dither=Image.Dither.NONE)
    return Image.fromarray((np.asarray(image).astype(np.uint16)) * 257)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_kind_is_grey_on_white_paper(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    image = page(2)
    if mode in ("LA", "RGBA"):
        image = Image.merge("LA", (Image.new("L", image.size, 0), image.point(lambda value: 255 - value)))
    image.convert(mode, dither=Image.Dither.NONE).save(path)
    assert bars(pages_of(path)[0].grey().image) == 2


def pdf_of(path: Path, pictures: list[Image.Image], **options: object) -> None:
    pictures[0].save(path, "PDF", save_all=True, append_images=pictures[1:], resolution=75, **options)


def test_scans_are_taken_out_of_a_pdf_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "scans.pdf"
    pdf_of(path, [page(1, FULL), page(4, FULL)])
    found = pages_of(path)
    scan = found[1].grey()
    assert (scan.full_size, bars(scan.image)) == (FULL, 4)
    assert pickle.loads(pickle.dumps(found[1])) == found[1]  # noqa: S301  our own page, as workers get it


def test_black_and_white_scans_come_out_of_a_pdf_the_right_way_round(tmp_path: Path) -> None:
    path = tmp_path / "fax.pdf"
    pdf_of(path, [page(2).convert("1", dither=Image.Dither.NONE)])
    grey = pages_of(path)[0].grey().image
    assert bars(grey) == 2
    assert np.median(grey) > 200


def test_a_page_that_is_only_drawn_is_rendered(tmp_path: Path) -> None:
    path = tmp_path / "drawn.pdf"
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        drawing = b"0 g 60 500 40 300 re f 160 500 40 300 re f"
        document.pages[0].Contents = document.make_stream(drawing)
        document.save(path)
    assert bars(pages_of(path)[0].grey().image) == 2


def test_a_page_of_a_logo_and_lines_is_not_taken_for_its_logo(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    pdf_of(path, [page(1)])
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        only = document.pages[0]
        name = next(iter(only.resources.XObject.keys()))
        drawing = f"q 50 0 0 50 20 20 cm {name} Do Q 0 g 100 500 40 300 re f 300 500 40 300 re f"
        only.Contents = document.make_stream(drawing.encode())
        document.save(path)
    assert bars(pages_of(path)[0].grey().image) == 2


def test_the_name_of_a_file_may_lie_about_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(jpeg(page(3)))
    assert bars(pages_of(path)[0].grey().image) == 3


def test_how_a_phone_was_held_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path.write_bytes(jpeg(page(2), exif=exif))
    scan = pages_of(path)[0]
    assert scan.grey().image.shape == scan.full().image.shape == (HEIGHT, WIDTH)


# What cannot be opened is named ----------------------------------------------------------------------------


def _locked(path: Path) -> None:
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path, encryption=pikepdf.Encryption(owner="a", user="b"))


def _cut_pdf(path: Path) -> None:
    pdf_of(path, [page(1)])
    path.write_bytes(path.read_bytes()[:900])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_bytes(b""), "файл пуст"),
        (lambda path: path.write_text("фамилия;балл"), "это не скан"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(90)), "офисный документ"),
        (lambda path: path.write_bytes(bytes(4) + b"ftypheic" + bytes(90)), "HEIC"),
        (lambda path: path.write_bytes(b"II*\0" + bytes(20)), "повреждено"),
        (_locked, "защищён паролем"),
        (_cut_pdf, "PDF повреждён"),
    ],
    ids=["empty", "text", "office", "heic", "cut tiff", "locked pdf", "cut pdf"],
)
def test_a_file_that_is_no_scan_is_told_by_name(
    tmp_path: Path, make: Callable[[Path], object], told: str
) -> None:
    path = tmp_path / "скан 7.pdf"
    make(path)
    with pytest.raises(IntakeError) as caught:
        pages_of(path)
    assert "скан 7.pdf" in str(caught.value)
    assert told in str(caught.value)


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="не открывается"):
        pages_of(tmp_path / "нет.pdf")


def test_a_jpeg_that_was_cut_short_is_no_half_page(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(page(2, FULL))[:40_000])
    (only,) = pages_of(path)
    with pytest.raises(PageError, match="обрезан"):
        only.grey()


@pytest.mark.parametrize("paper", [255, 250, 0], ids=["white", "grey", "black"])
def test_half_a_jpeg_with_an_end_put_on_is_no_half_page(tmp_path: Path, paper: int) -> None:
    """Decoders fill the rest with one grey; a whole page may end in one grey too."""
    rows = np.full((1700, 1200), paper, np.uint8)
    rows[:1500:7, 100:1100] = np.random.default_rng(1).integers(0, 256, (215, 1000))
    whole = jpeg(Image.fromarray(rows))
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    whole_page, half_page = (pages_of(tmp_path / name)[0] for name in ("whole.jpg", "half.jpg"))
    assert whole_page.grey().image.shape == (1700, 1200)
    with pytest.raises(PageError, match="обрезан"):
        half_page.grey()


def test_a_picture_of_1600_million_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(_png_of_zeros(40_000, 40_000))
    (only,) = pages_of(path)
    with pytest.raises(PageError, match="200"):
        only.grey()


def _png_of_zeros(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4) + checked + zlib.crc32(checked).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    squeezed = zlib.compress(bytes((width // 8 + 1) * 100), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")


def test_one_bad_page_of_a_pdf_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "three.pdf"
    pdf_of(path, [page(1), page(2), page(3)])
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        picture = next(iter(document.pages[1].resources.XObject.values()))
        picture.write(picture.read_raw_bytes()[:500], filter=pikepdf.Name.DCTDecode)
        document.save(path)
    found = pages_of(path)
    with pytest.raises(PageError, match="страница 2"):
        found[1].grey()
    assert [bars(found[at].grey().image) for at in (0, 2)] == [1, 3]


def _bomb(size: int) -> bytes:
    return zlib.compress(zlib.compress(bytes(size), 9), 9)


def test_a_page_description_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    pdf_of(path, [page(1), page(2)])
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        flate = pikepdf.Name.FlateDecode
        contents = document.make_stream(b"")
        contents.write(_bomb(200_000_000), filter=pikepdf.Array([flate, flate]))
        document.pages[0].Contents = contents
        document.save(path)
    first, second = pages_of(path)
    with pytest.raises(PageError, match="50 МБ"):
        first.grey()
    assert bars(second.grey().image) == 2


def test_a_picture_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    pdf_of(path, [page(1)])
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        picture = next(iter(document.pages[0].resources.XObject.values()))
        picture.write(zlib.compress(bytes(100_000_000), 9), filter=pikepdf.Name.FlateDecode)
        document.save(path)
    with pytest.raises(PageError, match="сжато больше"):
        pages_of(path)[0].grey()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_the_bytes_are_nothing_but_our_own_errors_comes(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["jpeg", "png", "tiff", "pdf"]))
    whole = SAMPLES[kind]
    at = data.draw(st.integers(0, len(whole) - 1))
    spoiled = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + data.draw(st.integers(0, 60)) :]
    path = FOLDER / f"spoiled.{kind}"
    path.write_bytes(spoiled)
    with suppress(IntakeError, PageError):
        for one in pages_of(path)[:3]:
            one.grey()


def _sample(kind: str) -> bytes:
    buffer = io.BytesIO()
    page(2, (200, 280)).save(buffer, kind)
    return buffer.getvalue()


SAMPLES = {kind: _sample(kind) for kind in ("jpeg", "png", "tiff", "pdf")}
FOLDER = Path()


@pytest.fixture(autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    global FOLDER
    FOLDER = tmp_path_factory.mktemp("spoiled")
