"""Corrected characters are collected without a tie to anybody, and what training needs is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from oko.engines.recognition.characters.cli import app
from oko.engines.recognition.characters.collecting import read_collection
from oko.engines.recognition.characters.normalising import SIZE, normalised
from oko.engines.recognition.characters.training import data, strokes
from oko.engines.recognition.characters.training.cells import Conditions, write

Cell = Callable[..., NDArray[np.uint8]]


@pytest.fixture
def corrected(tmp_path: Path, cell: Cell) -> Path:
    """What a person put right: two cells of a named participant, and an empty one."""
    rows = ["crop,value"]
    for number, value in enumerate(("Ж", "5", "")):
        cv2.imwrite(str(tmp_path / f"ivanov-{number}.png"), cell(value))
        rows.append(f"ivanov-{number}.png,{value}")
    table = tmp_path / "corrected.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return table


def train(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    return result.exit_code, result.output


def test_corrected_characters_are_collected_with_their_labels_and_no_names(
    tmp_path: Path, corrected: Path
) -> None:
    archive = tmp_path / "collected.npz"

    assert train("--corrected", corrected, "--collected", archive)[0] == 0
    assert train("--corrected", corrected, "--collected", archive) == (
        0,
        f"В архиве «{archive}» знаков: 6.\n",
    )

    found = read_collection(archive)
    assert sorted(found.labels.tolist()) == ["5", "5", "empty", "empty", "Ж", "Ж"]
    with np.load(archive) as content:
        assert set(content.files) == {"cells", "labels"}
    assert b"ivanov" not in archive.read_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\n", "столбцы: a, b"),
        ("crop,value\nnone.png,5\n", "строка 2: вырезка"),
        ("crop,value\ncorrected.csv,5\n", "не картинка"),
        ("crop,value\nivanov-0.png,W\n", "строка 2: «W» — не знак бланка"),
    ],
)
def test_corrections_that_cannot_be_used_are_named(
    tmp_path: Path, corrected: Path, content: str, told: str
) -> None:
    corrected.write_text(content, encoding="utf-8")

    code, output = train("--corrected", corrected, "--collected", tmp_path / "collected.npz")

    assert code == 2
    assert told in output
    assert not (tmp_path / "collected.npz").exists()


def test_an_archive_that_is_none_is_left_alone(tmp_path: Path, corrected: Path) -> None:
    archive = tmp_path / "collected.npz"
    archive.write_text("letters")

    code, output = train("--corrected", corrected, "--collected", archive)

    assert (code, "не собранные знаки" in output) == (2, True)
    assert archive.read_text() == "letters"


def test_what_is_missing_is_said(tmp_path: Path, corrected: Path) -> None:
    assert "Укажите, что сделать" in train()[1] or "Usage" in train()[1]
    assert "Укажите архив --collected" in train("--corrected", corrected)[1]


def test_sessions_are_never_on_both_sides_of_the_split(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(100, 255, (400, 12, 12)).astype(np.uint8)
    session = rng.integers(0, 60, 400).astype(str)
    np.savez(tmp_path / "s.npz", images=images, labels=np.full(400, "А"), session=session)

    part = data.read_archive(tmp_path / "s.npz").part

    assert set(part.tolist()) == {data.TRAIN, data.TEST}
    assert all(len(set(part[session == one].tolist())) == 1 for one in set(session.tolist()))


def test_a_letter_keeps_most_of_its_glyphs_to_be_learned_from(tmp_path: Path) -> None:
    counts = {"А": (80, 15, 5), "Б": (50, 50), "В": (99, 1), "Г": (30,)}
    labels = np.concatenate([np.full(sum(of), letter) for letter, of in counts.items()])
    session = np.concatenate(
        [np.repeat([f"{name}{n}" for n in range(len(of))], of) for name, of in counts.items()]
    )
    images = np.full((len(labels), 8, 8), 200, np.uint8)
    np.savez(tmp_path / "s.npz", images=images, labels=labels, session=session)

    part = data.read_archive(tmp_path / "s.npz").part

    assert {one: (part[labels == one] == data.TRAIN).mean() >= 0.7 for one in counts} == dict.fromkeys(
        counts, True
    )
    assert set(session[part == data.TEST].tolist()) <= {"А1", "А2", "В1"}
    assert (part == data.TEST).any()


def test_small_letters_in_the_shape_of_their_capital_are_learned_from(tmp_path: Path) -> None:
    images = np.full((4, 8, 8), 200, np.uint8)
    np.savez(tmp_path / "s.npz", images=images, labels=np.array(["Ж", "ж", "т", "щ"]))

    assert data.read_lower_case(tmp_path / "s.npz").labels.tolist() == ["Ж", "Щ"]
    assert data.read_archive(tmp_path / "s.npz").labels.tolist() == ["Ж"]


def test_cells_for_training_hold_what_was_written_into_them() -> None:
    rng = np.random.default_rng(2)
    crops = [write(strokes.seven(rng), "7", Conditions(faults=0), rng) for _ in range(20)]
    crops += [write(None, "", Conditions(faults=0, worn=0), rng) for _ in range(20)]

    inked = (normalised(crops) > 128).mean(axis=(1, 2, 3))

    assert normalised(crops).shape == (40, 1, SIZE, SIZE)
    assert inked[:20].min() > 0.03
    assert np.median(inked[20:]) < 0.01
