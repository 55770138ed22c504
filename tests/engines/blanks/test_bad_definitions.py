"""Whatever stands in a definition, the answer is a Russian sentence with the place, and never a traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from oko.cli import app
from oko.engines.blanks.definition import DefinitionError, load_definition
from oko.engines.blanks.layout import layout_json
from oko.engines.strict_json import LARGEST

MARKS = {"kind": "marks", "id": "q", "x_mm": 40, "y_mm": 60, "values": ["а", "б"]}
DISCS = [{"shape": "disc", "cx_mm": x, "cy_mm": y, "w_mm": 5} for x, y in ((0, 0), (200, 0), (0, 280))]


def whole(*fields: Any, **changes: Any) -> dict[str, Any]:
    start = {"format": "oko-blank/1", "blank": "try", "version": 1, "title": "Проба"}
    return {**start, "pages": [{"fields": list(fields or (MARKS,))}], **changes}


def foreign(anchors: Any, *fields: Any, **more: Any) -> dict[str, Any]:
    return whole(*fields, foreign={"anchors": anchors, **more})


def said_of(path: Path) -> str:
    done = CliRunner().invoke(app, ["blank", "layout", str(path)])
    assert done.exit_code == 2
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert re.search("[а-я]", done.output)
    return done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "строка 1, знак 1: ожидается значение"),
        (
            '{"format": "oko-blank/1",\n "version": 1,,}',
            "строка 2, знак 15: ожидается ключ в двойных кавычках",
        ),
        ('{"version" 1}', "ожидается двоеточие"),
        ('{"version": 1 "title": ""}', "ожидается запятая или закрывающая скобка"),
        ('{"title": "Проба', "текст не закрыт кавычкой"),
        ("{} {}", "после конца описания есть лишнее"),
        ('{"version": NaN}', "«NaN» — не число"),
        ('{"width_mm": -Infinity}', "«-Infinity» — не число"),
        ('{"width_mm": 1e400}', "width_mm: найдено «inf», ожидается обычное число"),
        ('{"version": ' + "9" * 5000 + "}", "число из тысяч цифр"),
        ("[" * 100_000 + "]" * 100_000, "вложены слишком глубоко"),
        ('{"blank": "a", "version": 1, "blank": "b"}', "ключ «blank» стоит дважды"),
        ('{"pages": [{"fields": [], "fields": []}]}', "ключ «fields» стоит дважды"),
    ],
)
def test_what_is_no_json_is_said_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "spoiled.json"
    path.write_text(text, encoding="utf-8")
    assert said in said_of(path)


def test_other_bytes_large_files_folders_and_no_files_are_said(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes('{"title": "Проба"}'.encode("cp1251"))
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(25 * LARGEST)
    assert "UTF-8" in said_of(tmp_path / "old.json")
    assert "файл больше 4 МБ" in said_of(tmp_path / "large.json")
    assert "это папка" in said_of(tmp_path)
    assert "такого файла нет" in said_of(tmp_path / "absent.json")
    assert "слишком длинное имя" in said_of(tmp_path / ("n" * 400))
    assert "не обычный файл" in said_of(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "весь файл: найдено «None», ожидается объект"),
        (whole(version=10**30), "version: найдено «1000"),
        (whole(title=""), "title: найдено «», ожидается не меньше 1 (знаков)"),
        (whole(title=["Проба"]), "title: найдено «['Проба']», ожидается текст"),
        (whole(blank="Бланк"), "blank: найдено «Бланк», ожидается код"),
        (whole(width_mm=1e300), "width_mm: найдено «1e+300», ожидается не больше"),
        (whole(width_mm=100), "width_mm: найдено «100», у бланка, который печатает Око, — от 140 до 297 мм"),
        (whole(pages={}), "pages: найдено «{}», ожидается список"),
        (whole(pages=[{}]), "pages[1].fields: ключ обязателен"),
        (whole({"id": "a"}), "нужен ключ kind, он бывает marks, characters, area, signature, text"),
        (whole({"kind": 5}), "нужен ключ kind"),
        (whole("поле"), "pages[1].fields[1]: найдено «поле», ожидается объект"),
        (whole(MARKS | {"values": [1, 2]}), "pages[1].fields[1].values[1]: найдено «1», ожидается текст"),
        (whole(MARKS | {"x_mm": 1e308}), "pages[1].fields[1].x_mm: найдено «1e+308», ожидается не больше"),
        (whole(MARKS | {"id": "q{n}"}), "{n} в id бывает только у поля с repeat"),
        (whole(MARKS | {"shape": "circle"}), "shape и filled бывают только у чужих листов"),
        (
            whole(
                *(
                    MARKS | {"id": f"a{k}-{{n}}", "repeat": {"count": 300, "step_mm": [0, 0]}}
                    for k in range(900)
                )
            ),
            "на странице их бывает не больше 3000",
        ),
        (whole({"kind": "text", "id": "t", "text": "{"}), "pages[1].fields[1].text: найдено «{», фигурные"),
        (foreign({"kind": "circle"}), "foreign.anchors: найдено"),
        (foreign({"kind": "circle"}), "нужен ключ kind, он бывает marks, frame, image, paper"),
        (foreign({"kind": "marks", "marks": DISCS[:2]}), "foreign.anchors.marks: найдено"),
        (foreign({"kind": "marks", "marks": [DISCS[0]] * 4}), "метки стоят на одной прямой"),
        (foreign({"kind": "marks", "marks": [{"shape": "image"}]}), "foreign.anchors.marks[1].cx_mm: ключ"),
        (foreign({"kind": "image"}), "нужен ключ image"),
        (foreign({"kind": "paper"}, image="absent.png"), "снимка «absent.png» нет рядом с описанием"),
        (foreign({"kind": "paper"}, image="try.json"), "«try.json» — не снимок"),
        (foreign({"kind": "paper"}, serial=["roll"]), "foreign.serial, «roll»: такого поля нет"),
        (
            foreign({"kind": "paper"}, size_px=[0, 100]),
            "foreign.size_px[1]: найдено «0», ожидается не меньше",
        ),
        (foreign({"kind": "paper"}, size_px=["а", "б"]), "foreign.size_px[1]: найдено «а», ожидается целое"),
        (foreign({"kind": "paper"}, size_px=[60, 60]), "выходит за лист"),
        (
            foreign({"kind": "paper"}, {"kind": "text", "id": "t", "text": "only"}),
            "нет ни одного поля, которое читают",
        ),
        (foreign({"kind": "frame", "x_mm": 1}), "foreign.anchors.y_mm: ключ обязателен"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "try.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_definition(path)
    told = str(caught.value)
    assert said in told
    assert "«try.json», " in told or "не читается" in told
    assert len(told.splitlines()) <= 31


def test_a_foreign_sheet_is_shown_in_millimetres_and_not_printed(tmp_path: Path) -> None:
    Image.new("L", (100, 80), 255).save(tmp_path / "empty.png")
    content = foreign(
        {"kind": "image"},
        MARKS | {"x_mm": 500, "y_mm": 750, "cell_mm": [40, 40], "step_mm": [0, 50], "shape": "circle"},
        size_px=[1500, 3000],
        image="empty.png",
        serial=["q"],
    )
    path = tmp_path / "sheet.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    (page,) = layout_json(load_definition(path))["pages"]
    assert (page["width_mm"], page["height_mm"]) == (210, 420), "of the proportions of its picture"
    assert page["fields"][0]["cells"][0] == {"x_mm": 70, "y_mm": 105, "w_mm": 5.6, "h_mm": 5.6, "value": "а"}
    (tmp_path / "people.csv").write_text("assessment,organisation,participant\nvpr,edu1,4\n")
    out = tmp_path / "o.pdf"
    line = ["blank", "render", str(path), "--data", str(tmp_path / "people.csv"), "--out", str(out)]
    done = CliRunner().invoke(app, line)
    assert (done.exit_code, out.exists()) == (2, False)
    assert "его печатает не Око" in done.output
