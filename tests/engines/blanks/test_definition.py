"""A definition says what is wrong with it: where, what was found, what is expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from oko.engines.blanks.definition import (
    DefinitionError,
    definition_schema,
    load_definition,
    shipped_definitions,
)
from oko.engines.blanks.layout import place

TWICE = {"count": 2, "step_mm": [0, 20]}
MARKS = {"kind": "marks", "id": "q{n}", "x_mm": 40, "y_mm": 60, "values": ["а", "б", "в"]}


def definition(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "format": "oko-blank/1",
        "blank": "try",
        "version": 1,
        "title": "Проба",
        "pages": [{"fields": list(fields)}],
        **changes,
    }


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "try.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def faults(tmp_path: Path, content: Any) -> str:
    with pytest.raises(DefinitionError) as caught:
        load_definition(written(tmp_path, content))
    return str(caught.value)


@pytest.mark.parametrize("name", list(shipped_definitions()))
def test_definitions_that_come_with_oko_can_be_used(name: str) -> None:
    assert load_definition(Path(name)).title


def test_the_four_blanks_come_with_oko() -> None:
    assert set(shipped_definitions()) == {
        "answers-1.json",
        "long-answer.json",
        "registration.json",
        "room-protocol.json",
    }


def test_no_shipped_blank_asks_for_a_name() -> None:
    for path in shipped_definitions().values():
        text = path.read_text(encoding="utf-8").lower()
        assert "фамили" not in text
        assert "{name}" not in text


def test_a_repeated_field_stands_in_rows(tmp_path: Path) -> None:
    repeat = {"count": 5, "per_row": 2, "step_mm": [60, 0], "row_mm": [0, 10]}
    (page,) = place(load_definition(written(tmp_path, definition(MARKS | {"repeat": repeat}))))
    assert [field.id for field in page.fields] == ["q1", "q2", "q3", "q4", "q5"]
    first = [(field.cells[0].x_mm, field.cells[0].y_mm) for field in page.fields]
    assert first == [(40, 60), (100, 60), (40, 70), (100, 70), (40, 80)]
    assert [cell.value for cell in page.fields[4].cells] == ["а", "б", "в"]
    assert [cell.x_mm for cell in page.fields[4].cells] == [40, 48, 56]


def test_overlapping_fields_are_named_once(tmp_path: Path) -> None:
    other = {"kind": "characters", "id": "code", "x_mm": 42, "y_mm": 58, "length": 4}
    said = faults(tmp_path, definition(MARKS | {"id": "sex"}, other))
    assert said.count("перекрываются") == 1
    assert "страница 1, поле «sex» и поле «code» перекрываются" in said


def test_cells_that_share_an_edge_do_not_overlap(tmp_path: Path) -> None:
    cells = {"kind": "characters", "id": "a", "x_mm": 40, "y_mm": 60, "length": 4, "step_mm": [5, 0]}
    assert load_definition(written(tmp_path, definition(cells)))


def test_cells_of_one_field_over_each_other_are_named(tmp_path: Path) -> None:
    said = faults(tmp_path, definition(MARKS | {"id": "q", "step_mm": [3, 0]}))
    assert "поле «q»: клетки лежат одна на другой" in said


@pytest.mark.parametrize(
    ("x", "y", "what"),
    [
        (206, 100, "выходит за лист 210 × 297 мм"),
        (9, 9, "угловая метка"),
        (175, 12, "код страницы"),
        (120, 9, "подпись кода страницы"),
    ],
)
def test_a_cell_outside_or_over_what_is_printed_is_named(
    tmp_path: Path, x: float, y: float, what: str
) -> None:
    field = {"kind": "characters", "id": "code", "x_mm": x, "y_mm": y, "length": 1}
    said = faults(tmp_path, definition(field))
    assert what in said
    assert "«code»" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "весь файл: найдено «[]», ожидается объект"),
        (definition(MARKS | {"kind": "circle"}), "pages[1].fields[1]: найдено"),
        (definition(MARKS | {"x_mm": "слева"}), "pages[1].fields[1].x_mm: найдено «слева», ожидается число"),
        (definition(MARKS | {"colour": "red"}), "pages[1].fields[1].colour: найдено «red», такого ключа нет"),
        (definition(MARKS | {"values": []}), "укажите либо values, либо cells"),
        (definition(MARKS | {"values": ["а", "а"]}), "у каждой клетки должно быть своё"),
        (definition(version=0), "version: найдено «0», ожидается не меньше 1"),
        (definition(pages=[]), "pages: найдено «[]», ожидается не меньше 1"),
        (definition(format="oko-blank/9"), "format: найдено «oko-blank/9», ожидается 'oko-blank/1'"),
        ({"format": "oko-blank/1"}, "blank: ключ обязателен"),
        (
            definition(
                MARKS | {"repeat": {"count": 2, "step_mm": [0, 20]}}, MARKS | {"id": "q1", "y_mm": 120}
            ),
            "«q1»",
        ),
        (definition(MARKS | {"id": "q", "repeat": {"count": 2, "step_mm": [0, 20]}}), "в id нужно {n}"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(tmp_path: Path, content: Any, said: str) -> None:
    assert said in faults(tmp_path, content)


def test_not_json_and_no_file_are_said(tmp_path: Path) -> None:
    (tmp_path / "spoiled.json").write_bytes(b"\xff{")
    for path in (tmp_path / "spoiled.json", tmp_path / "absent.json"):
        with pytest.raises(DefinitionError):
            load_definition(path)


def test_schema_describes_each_key() -> None:
    schema = definition_schema()
    assert schema["properties"]["pages"]["description"]
    for name, described in [("Definition", schema), *schema["$defs"].items()]:
        for key, about in described["properties"].items():
            assert about.get("description"), f"{name}.{key}"


def test_examples_of_the_schema_can_be_used(tmp_path: Path) -> None:
    Image.new("L", (40, 40)).save(tmp_path / "omr_marker.jpg")
    examples = definition_schema()["examples"]
    assert len(examples) == 3
    for example in examples:
        assert load_definition(written(tmp_path, example)).title == example["title"]
