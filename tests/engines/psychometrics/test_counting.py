"""Sufficient statistics counted piece by piece are those of the whole table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet
from typer.testing import CliRunner

from oko.engines.columns import TableError
from oko.engines.papers import Item, Paper
from oko.engines.psychometrics import counting
from oko.engines.psychometrics.cli_scale import app
from oko.engines.psychometrics.counting import ScoreCounts, calibrate_counts, count_responses, count_scores
from oko.engines.psychometrics.reading import ResponsesError, read_study
from oko.engines.psychometrics.scaling.calibration import CalibrationError, Model, calibrate
from oko.engines.psychometrics.scaling.data import Responses, category_counts, likelihood_blocks
from oko.engines.statistics.works import write_works

ITEMS = 70  # more than fit into one word


@pytest.fixture
def table() -> pa.Table:
    """Three booklets of 70 items, two groups, weights, some persons without any answer."""
    random = np.random.default_rng(3)
    scores = random.integers(0, 3, (500, ITEMS))
    booklet = random.integers(0, 3, 500)
    missing = (np.arange(ITEMS) % 3 == booklet[:, None]) | (random.random(500) < 0.02)[:, None]
    columns = {f"q{i}": pa.array(scores[:, i], pa.int8(), mask=missing[:, i]) for i in range(ITEMS)}
    sex = np.array(["ж", "м"])[random.integers(0, 2, 500)]
    return pa.table({"имя": ["Анна"] * 500, **columns, "пол": sex, "вес": random.uniform(0.5, 2, 500)})


def as_dictionary(counts: ScoreCounts) -> dict[tuple[int, tuple[int, ...], int], float]:
    return {
        (block.group, tuple(block.items.tolist()), raw): weight
        for block in counts.blocks
        for raw, weight in zip(block.raw.tolist(), block.weight.tolist(), strict=True)
    }


def test_counts_of_pieces_are_those_of_the_likelihood(
    table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BATCH", 64)
    path = tmp_path / "ответы.parquet"
    parquet.write_table(table, path)
    counts = count_scores(path, groups="пол", weights="вес")
    responses = read_study(path, groups="пол", weights="вес").responses
    assert counts.items == responses.items == tuple(f"q{i}" for i in range(ITEMS))
    assert counts.groups == responses.groups
    for found, expected in zip(counts.categories, category_counts(responses), strict=True):
        assert found == pytest.approx(expected)
    expected_blocks = {}
    for block in likelihood_blocks(responses, raw_scores_suffice=True):
        for raw, weight in zip(block.raw.tolist(), block.weight.tolist(), strict=True):
            if len(block.items):
                expected_blocks[block.group, tuple(block.items.tolist()), raw] = weight
    assert as_dictionary(counts) == pytest.approx(expected_blocks)
    assert as_dictionary(count_responses(responses)) == pytest.approx(expected_blocks)
    assert counts.persons + counts.silent == 500
    assert counts.silent > 0
    assert "«имя»" in counts.notes[0]


def test_a_scale_from_counts_is_that_of_the_persons(table: pa.Table, tmp_path: Path) -> None:
    few = table.select([*(f"q{i}" for i in range(6)), "пол"])
    parquet.write_table(few, tmp_path / "a.parquet")
    found = calibrate_counts(count_scores(tmp_path / "a.parquet", groups="пол")).estimate
    expected = calibrate(read_study(tmp_path / "a.parquet", groups="пол").responses, Model.PCM).estimate
    assert found.converged
    assert found.log_likelihood == pytest.approx(expected.log_likelihood)
    assert found.items.intercept == pytest.approx(expected.items.intercept, abs=1e-4)
    assert found.population.sd == pytest.approx(expected.population.sd, abs=1e-3)
    assert np.diag(found.covariance) == pytest.approx(np.diag(expected.covariance), abs=1e-3)


def test_a_score_that_nobody_has_is_named() -> None:
    scores = np.array([[0, 1], [2, 0], [2, 1]], np.int8)
    responses = Responses(scores, ("a", "b"), np.zeros(3, np.int64), ("",), np.ones(3))
    with pytest.raises(CalibrationError, match="«a»: балла 1"):
        calibrate_counts(count_responses(responses))


def test_works_say_their_items_and_what_was_not_attempted_is_no_point(tmp_path: Path) -> None:
    paper = Paper("rus4", "Русский язык", 4, (Item("1", 2), Item("2", 1)), (1, 2, 3))
    for region, scores in (("01", [2, -1, None]), ("77", [0, 1, 1])):
        rows = [
            {
                "school": "a",
                "municipality": "b",
                "participant": str(n),
                "status": "present",
                "1": score,
                "2": 1,
            }
            for n, score in enumerate(scores)
        ]
        write_works(tmp_path, "vpr", paper, region, rows)
    study = read_study(tmp_path, groups="region")
    assert study.responses.items == ("1", "2")
    assert study.responses.groups == ("01", "77")
    assert study.responses.scores[:, 0].tolist() == [2, 0, -1, 0, 1, 1]
    counts = count_scores(tmp_path, groups="region")
    assert counts.categories[0].tolist() == [2, 2, 1]


def test_parquet_without_scores_is_said(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"имя": ["Анна"]}), tmp_path / "a.parquet")
    with pytest.raises(ResponsesError, match="ни одного столбца целых чисел"):
        count_scores(tmp_path / "a.parquet")
    (tmp_path / "пусто").mkdir()
    with pytest.raises(TableError, match=r"ни одного файла \.parquet"):
        count_scores(tmp_path / "пусто")
    (tmp_path / "b.parquet").write_text("не то", encoding="utf-8")
    with pytest.raises(TableError, match="не таблица Parquet"):
        count_scores(tmp_path / "b.parquet")


def scale_of(path: Path, *options: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command says of Parquet, and of the same persons as CSV."""
    csv.write_csv(parquet.read_table(path), path.with_suffix(".csv"))
    said = []
    for each in (path, path.with_suffix(".csv")):
        result = CliRunner().invoke(app, ["fit", str(each), "--json", *options])
        assert result.exit_code == 0, result.output
        said.append(json.loads(result.stdout))
    return said[0], said[1]


def test_the_command_counts_parquet_and_says_what_it_says_of_the_persons(
    table: pa.Table, tmp_path: Path
) -> None:
    few = table.select([*(f"q{i}" for i in range(6)), "пол", "вес"])
    parquet.write_table(few, tmp_path / "a.parquet")
    counted, of_persons = scale_of(
        tmp_path / "a.parquet", "--model", "pcm", "--groups", "пол", "--weights", "вес"
    )
    assert counted["n_persons"] == of_persons["n_persons"] == 500
    assert counted["warnings"] == of_persons["warnings"]
    assert counted["log_likelihood"] == pytest.approx(of_persons["log_likelihood"])
    for one, other in zip(counted["items"], of_persons["items"], strict=True):
        assert one["steps"] == pytest.approx(other["steps"], abs=1e-4)
        assert one["steps_se"] == pytest.approx(other["steps_se"], abs=1e-4)


def test_counted_items_that_tell_nothing_rows_and_values_that_cannot_be_are_told(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    columns = {f"q{i}": random.integers(0, 2, 300).tolist() for i in range(4)}
    columns["q1"][7] = 101
    weights = [1.0] * 298 + [-1.0, None]
    same = {"все": [1] * 300, "никто": pa.nulls(300, pa.int64()), "вес": weights}
    parquet.write_table(pa.table(columns | same), tmp_path / "a.parquet")
    counted, of_persons = scale_of(tmp_path / "a.parquet", "--model", "rasch", "--weights", "вес")
    assert [one["item"] for one in counted["items"]] == ["q0", "q1", "q2", "q3"]
    assert counted["n_persons"] == of_persons["n_persons"] == 298
    assert counted["log_likelihood"] == pytest.approx(of_persons["log_likelihood"])
    told = " ".join(counted["warnings"])
    assert "«все»: у всех один и тот же балл" in told
    assert "«никто»: не предъявлен никому" in told
    assert "Строк: 2, вес «вес» пуст, отрицателен или не число" in told
    assert "«q1»: не баллы от 0 до 100 — 1 раз" in told


def test_counted_scores_with_gaps_are_closed_up_as_those_of_persons(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    columns = {f"q{i}": random.integers(0, 2, 300) for i in range(3)}
    columns["q2"] *= 2
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    counted, of_persons = scale_of(tmp_path / "a.parquet", "--model", "rasch")
    assert counted == of_persons
    assert "балла 1 нет ни у кого" in counted["warnings"][0]


def test_counted_scores_of_several_points_are_not_for_rasch(table: pa.Table, tmp_path: Path) -> None:
    parquet.write_table(table.select(["q0", "q1"]), tmp_path / "a.parquet")
    result = CliRunner().invoke(app, ["fit", str(tmp_path / "a.parquet"), "--model", "rasch"])
    assert (result.exit_code, "Возьмите модель pcm" in result.output) == (2, True)
