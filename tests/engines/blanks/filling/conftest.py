"""A small blank with every kind of field, and glyphs drawn with a font: tests need no handwriting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition, load_definition
from oko.engines.blanks.filling import Glyphs

SMALL: dict[str, Any] = {
    "format": "oko-blank/1",
    "blank": "small",
    "version": 1,
    "title": "Малый бланк",
    "width_mm": 148,
    "height_mm": 210,
    "pages": [
        {
            "fields": [
                {
                    "kind": "marks",
                    "id": "q{n}",
                    "x_mm": 30,
                    "y_mm": 45,
                    "values": ["а", "б", "в", "г"],
                    "repeat": {"count": 12, "step_mm": [0, 9]},
                },
                {"kind": "characters", "id": "code", "x_mm": 70, "y_mm": 45, "length": 5,
                 "permitted": ["digits"], "value": "{participant}"},
                {"kind": "characters", "id": "answer", "x_mm": 70, "y_mm": 60, "length": 8,
                 "permitted": ["digits", "minus"]},
                {"kind": "characters", "id": "checked", "x_mm": 70, "y_mm": 75, "length": 6,
                 "permitted": ["digits"], "check_digit": "luhn"},
                {"kind": "area", "id": "free", "x_mm": 70, "y_mm": 90, "w_mm": 60, "h_mm": 40},
                {"kind": "signature", "id": "signed", "x_mm": 70, "y_mm": 145, "w_mm": 50, "h_mm": 12},
            ]
        },
        {"fields": [{"kind": "marks", "id": "back", "x_mm": 30, "y_mm": 60, "values": ["да"]}]},
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("definition") / "small.json"
    path.write_text(json.dumps(SMALL), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def definition(small: Path) -> Definition:
    return load_definition(small)


def digit_pictures() -> NDArray[np.uint8]:
    pictures = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        cv2.putText(pictures[digit], str(digit), (5, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.85, (255,), 2)
    return pictures


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("glyphs") / "digits.npz"
    np.savez(path, images=digit_pictures(), labels=np.array(list("0123456789")))
    return path


@pytest.fixture(scope="session")
def glyphs() -> Glyphs:
    made = Glyphs()
    made.add(digit_pictures(), np.array(list("0123456789")), "0123456789")
    return made
