"""Which options are chosen: by hand on nine persons, and what a wrong key looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from oko.engines.columns import read_table
from oko.engines.psychometrics.cli_items import app

#: Choices of q1 by nine persons of whom the first three solve nothing else and the last three all else.
WEAK, MIDDLE, STRONG = "BBC", "ABA", "AAA"


@pytest.fixture
def choices(tmp_path: Path) -> Path:
    path = tmp_path / "choices.csv"
    rows = [
        f"{first},{'A' if place >= 3 else 'B'},{'A' if place >= 6 else 'C'}"
        for place, first in enumerate(WEAK + MIDDLE + STRONG)
    ]
    path.write_text("\n".join(["q1,q2,q3", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.csv"
    path.write_text("item,key\nq1,A\nq2,A\nq3,A\n", encoding="utf-8")
    return path


def run(choices: Path, key: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["distractors", str(choices), "--key", str(key), *options, "--json"])


def test_options_are_counted_by_thirds_of_persons(choices: Path, key: Path) -> None:
    first = json.loads(run(choices, key).stdout)["items"][0]
    assert (first["n"], first["p"]) == (9, pytest.approx(5 / 9))
    by_name = {option["option"]: option for option in first["options"]}
    assert {name: option["n"] for name, option in by_name.items()} == {"A": 5, "B": 3, "C": 1}
    assert [by_name["A"][third] for third in ("lower", "middle", "upper")] == pytest.approx([0, 200 / 3, 100])
    assert by_name["A"]["correct"]
    rest = np.repeat([0, 1, 2], 3)
    chosen = np.array([option == "B" for option in WEAK + MIDDLE + STRONG])
    assert by_name["B"]["r_rest"] == pytest.approx(np.corrcoef(rest, chosen)[0, 1])
    assert by_name["B"]["mean_rest"] == pytest.approx(rest[chosen].mean())
    assert by_name["B"]["percent"] == pytest.approx(100 / 3)


def test_a_wrong_key_is_noticed(choices: Path, key: Path, tmp_path: Path) -> None:
    key.write_text("item,key\nq1,B\nq2,A\nq3,A\nq9,A\n", encoding="utf-8")
    warnings = json.loads(run(choices, key).stdout)["warnings"]
    assert any("«q1»" in one and "проверьте ключ" in one for one in warnings)
    assert any("«q9»" in one for one in warnings)


def test_several_right_options_and_items_not_presented(choices: Path, key: Path, tmp_path: Path) -> None:
    choices.write_text("q1,q2\nA,A\nB,\nC,A\nC,D\n", encoding="utf-8")
    key.write_text("item,key\nq1,A|B\nq2,A\n", encoding="utf-8")
    first, second = json.loads(run(choices, key, "--out", str(tmp_path / "o.csv")).stdout)["items"]
    assert first["p"] == 0.5
    assert second["n"] == 3
    assert read_table(tmp_path / "o.csv").num_rows == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("item,key\nq1,A\nq1,B\n", "строка 3"),
        ("item,key\nq1,\n", "строка 2"),
        ("item,answer\nq1,A\n", "нет столбца «key»"),
        ("item,key\nz1,A\n", "нет ни одного задания с ключом"),
    ],
)
def test_a_key_that_cannot_be_used_is_said(choices: Path, key: Path, text: str, told: str) -> None:
    key.write_text(text, encoding="utf-8")
    result = run(choices, key)
    assert result.exit_code == 2
    assert told in result.output
