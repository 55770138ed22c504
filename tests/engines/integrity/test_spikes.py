"""Spikes at boundaries: 400 simulated schools; in 60 half of the near-misses were lifted to the boundary."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from oko.engines.integrity.cli import app
from oko.engines.integrity.judging import false_discovery_rate
from oko.engines.integrity.spikes import SpikesError, spikes

TABLE = np.loadtxt(Path(__file__).with_name("data") / "spikes.csv", delimiter=",", skiprows=1).astype(int)
SCHOOLS, MOVED, COUNTS = TABLE[:, 0], TABLE[:, 1].astype(bool), TABLE[:, 2:]
CUTS = (9, 17, 24)


def test_the_national_excess_is_that_of_a_poisson_regression_of_degree_six() -> None:
    found = spikes(COUNTS, SCHOOLS.astype(object), CUTS).boundaries
    assert [one.observed_up for one in found] == [1723, 2168, 1529]
    assert [one.excess_up for one in found] == pytest.approx([83.2345, 146.2242, 58.9230], abs=1e-3)
    assert [one.missing_down for one in found] == pytest.approx([122.1711, 199.5084, 189.6316], abs=1e-3)


def test_schools_with_lifted_scores_stand_out_and_others_are_standard_normal() -> None:
    found = spikes(COUNTS, SCHOOLS.astype(object), CUTS).schools
    above = (found.z[MOVED][:, None] > found.z[~MOVED]).mean()
    assert above >= 0.94  # the area under the curve
    assert abs(found.z[~MOVED].mean()) < 0.1
    assert found.z[~MOVED].std() == pytest.approx(1, abs=0.1)
    assert (found.flagged & ~MOVED).sum() <= 0.1 * found.flagged.sum()
    assert (found.flagged & MOVED).sum() > 30


def test_small_schools_are_reckoned_but_not_judged() -> None:
    counts = COUNTS.copy()
    counts[0] = 0
    counts[0, 9] = 4
    found = spikes(counts, SCHOOLS.astype(object), CUTS).schools
    assert np.isfinite(found.z[0])
    assert np.isnan(found.q[0])
    assert not found.flagged[0]


def test_false_discoveries_by_hand() -> None:
    found = false_discovery_rate(np.array([0.01, np.nan, 0.04, 0.03, 0.5]))
    assert found[[0, 2, 3, 4]] == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert np.isnan(found[1])


def test_the_command_prints_cuts_and_schools_and_says_what_it_left_out(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    lines = [
        f"{school},{score}"
        for school, row in zip(SCHOOLS, COUNTS, strict=True)
        for score, count in enumerate(row)
        for _ in range(count)
    ]
    path.write_text("\n".join(["school,score", *lines, "7,12.5", ",3"]), encoding="utf-8")
    result = CliRunner().invoke(app, ["spikes", str(path), "--cuts", "9,17,24", "--json"])
    printed = json.loads(result.stdout)
    assert [one["cut"] for one in printed["cuts"]] == [9, 17, 24]
    assert len(printed["schools"]) == 400
    assert set(printed["schools"][0]) >= {"school", "z", "p", "q", "flagged", "power"}
    assert "2 строк" in printed["warnings"][0]


@pytest.mark.parametrize(
    ("cuts", "told"), [((1, 17), "Граница 1"), ((9, 11), "перекрываются"), ((40,), "Граница 40")]
)
def test_boundaries_that_cannot_be_are_named(cuts: tuple[int, ...], told: str) -> None:
    with pytest.raises(SpikesError, match=told):
        spikes(COUNTS, SCHOOLS.astype(object), cuts)


def test_scores_that_are_all_the_same_or_nearly_so_are_refused() -> None:
    counts = np.zeros((30, 31), dtype=int)
    counts[:, 30] = 15
    names = np.arange(30).astype(object)
    with pytest.raises(SpikesError, match="один и тот же балл, 30"):
        spikes(counts, names, CUTS)
    counts[0, 0] = 1
    with pytest.raises(SpikesError, match="разных баллов: 2"):
        spikes(counts, names, CUTS)


def test_schools_too_small_to_be_judged_and_a_school_alone_are_told(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text("school,score\n" + "".join(f"s{one},{one}\n" for one in range(31)), encoding="utf-8")
    small = CliRunner().invoke(app, ["spikes", str(path), "--cuts", "9,17,24"])
    assert "Ни в одной школе нет 10 участников" in small.stderr
    path.write_text("school,score\n" + "".join(f"s,{one % 31}\n" for one in range(310)), encoding="utf-8")
    alone = CliRunner().invoke(app, ["spikes", str(path), "--cuts", "9,17,24"])
    assert "Школа одна" in alone.stderr


def test_flagged_schools_are_written_as_a_table(tmp_path: Path) -> None:
    path, out = tmp_path / "scores.csv", tmp_path / "schools.csv"
    path.write_text(
        "school,score\n" + "".join(f"s{one % 3},{one % 31}\n" for one in range(930)), encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["spikes", str(path), "--cuts", "9,17,24", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8").startswith('"school","n","in_windows"')


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_values_keep_the_order_and_never_fall_below_p(values: list[float]) -> None:
    p = np.array(values)
    q = false_discovery_rate(p)
    assert (q >= p - 1e-12).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()
