"""Errors are counted by their causes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oko.cli import app

DEFINITION = {
    "format": "oko-blank/1",
    "blank": "small",
    "version": 1,
    "title": "Проба",
    "pages": [
        {
            "fields": [
                {"kind": "marks", "id": "q1", "x_mm": 50, "y_mm": 60, "values": ["1", "2", "3"]},
                {"kind": "marks", "id": "m1", "x_mm": 50, "y_mm": 80, "values": ["1", "2"], "multiple": True},
                {"kind": "characters", "id": "c1", "x_mm": 50, "y_mm": 100, "length": 3},
                {"kind": "signature", "id": "s1", "x_mm": 50, "y_mm": 120, "w_mm": 40, "h_mm": 10},
            ]
        }
    ],
}
CELLS = [("q1", 1), ("q1", 2), ("q1", 3), ("m1", 1), ("m1", 2), ("c1", 1), ("c1", 2), ("c1", 3), ("s1", 1)]


class Tables:
    """Truth, and what was read of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.truth = ["source,page,serial,field,cell,value"]
        self.fields = ["source,page,blank,serial,field,cell,value,confidence,review"]
        self.pages = ["source,page,blank,serial,status,reason,rotation,dpi,quality"]

    def page(
        self,
        number: int,
        truth: str,
        read: str | None,
        *,
        review: str = "",
        reason: str = "",
        serial: str = "1",
    ) -> None:
        """Values of all cells, separated by spaces, «.» is empty; `review`: cells for people, as «q1-1»."""
        for (field, cell), value in zip(CELLS, truth.split(), strict=True):
            self.truth.append(f"1.tif,{number},1,{field},{cell},{value.strip('.')}")
        status = "rejected" if reason else "read"
        self.pages.append(f"1.tif,{number},small,{serial},{status},{reason},0,300,0.9")
        for (field, cell), value in zip(CELLS, (read or "").split(), strict=False):
            looked_at = int(f"{field}-{cell}" in review)
            self.fields.append(f"1.tif,{number},small,1,{field},{cell},{value.strip('.')},0.99,{looked_at}")

    def errors(self, *options: str) -> str:
        for name in ("truth", "fields", "pages"):
            (self.folder / f"{name}.csv").write_text("\n".join(getattr(self, name)) + "\n", encoding="utf-8")
        (self.folder / "small.json").write_text(json.dumps(DEFINITION))
        paths = [str(self.folder / f"{name}.csv") for name in ("truth", "fields", "pages")]
        blank = ["--blank", str(self.folder / "small.json")]
        result = CliRunner().invoke(app, ["blank", "errors", *paths, *blank, *options])
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)


def test_what_was_read_rightly_is_no_error(tables: Tables) -> None:
    tables.page(1, "1 . . 1 2 А Б . 1", "1 . . 1 2 А Б . 1")
    report = json.loads(tables.errors("--json"))
    assert report["read"] == 1
    assert {name: (kind["cells"], kind["wrong"]) for name, kind in report["kinds"].items()} == {
        "marks": (5, 0),
        "characters": (3, 0),
        "signature": (1, 0),
    }


@pytest.mark.parametrize(
    ("truth", "read", "kind", "cause"),
    [
        ("1 . . . . . . . .", ". . . . . . . . .", "marks", "missed"),
        ("1 2 . . . . . . .", "1 . . . . . . . .", "marks", "missed of doubled"),
        (". . . 1 2 . . . .", ". . . 1 . . . . .", "marks", "missed"),
        (". . . . . . . . .", ". 2 . . . . . . .", "marks", "invented"),
        ("1 . . . . . . . .", "1 2 . . . . . . .", "marks", "invented beside a mark"),
        (". . . . . А . . .", ". . . . . . . . .", "characters", "character missed"),
        (". . . . . . . . .", ". . . . . ? . . .", "characters", "character invented"),
        (". . . . . А . . .", ". . . . . Д . . .", "characters", "character wrong"),
        (". . . . . А . . .", ". . . . . ? . . .", "characters", "character unread"),
        (". . . . . . . . 1", ". . . . . . . . .", "signature", "writing missed"),
        (". . . . . . . . .", ". . . . . . . . 1", "signature", "writing invented"),
        (". . . . . . . . .", ". . . . . . . .", "signature", "no row"),
    ],
)
def test_each_error_has_its_cause(tables: Tables, truth: str, read: str, kind: str, cause: str) -> None:
    tables.page(1, truth, read)
    report = json.loads(tables.errors("--json"))
    assert report["kinds"][kind]["causes"] == {cause: 1}
    assert sum(entry["wrong"] for entry in report["kinds"].values()) == 1
    assert len(report["examples"]) == 1


def test_errors_that_go_to_people_are_told_apart(tables: Tables) -> None:
    tables.page(1, "1 . 3 . . . . . .", ". . . . . . . . .", review="q1-1 m1-1")
    marks = json.loads(tables.errors("--json"))["kinds"]["marks"]
    assert (marks["wrong"], marks["unnoticed"], marks["to_people"]) == (2, 1, 2)


def test_pages_that_were_not_read_are_counted_by_reason(tables: Tables) -> None:
    tables.page(1, "1 . . . . . . . .", None, reason="no code")
    tables.page(2, "1 . . . . . . . .", "1 . . . . . . . .", serial="2")
    tables.page(3, "1 . . . . . . . .", "1 . . . . . . . .")
    tables.truth.append("2.tif,1,1,q1,1,1")
    report = json.loads(tables.errors("--json"))
    assert (report["pages"], report["read"], report["wrong_serial"]) == (4, 2, 1)
    assert report["lost"] == {"no code": 1, "no row": 1}


def test_people_read_it_as_a_table(tables: Tables) -> None:
    tables.page(1, "1 . . . . . . . .", ". . . . . . . . .")
    told = tables.errors()
    assert "отметка не замечена: 1" in told
    assert "1.tif, страница 1, поле q1, клетка 1: «1» прочитано «»" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"source;page\n", "нет столбцов"), (b"\xff\xfe\x00", "не таблица CSV"), (None, "не открывается")],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "truth.csv"
    if content is not None:
        path.write_bytes(content)
    empty = tmp_path / "pages.csv"
    empty.write_text("source,page,blank,serial,reason,field,cell,value,review\n")
    result = CliRunner().invoke(app, ["blank", "errors", str(path), str(empty), str(empty)])
    assert result.exit_code == 2
    assert said in result.output
    assert "truth.csv" in result.output
