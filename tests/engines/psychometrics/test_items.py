"""Classical results against R `psych` on LSAT section 6; DIF by a planted item and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from oko.engines.columns import read_table
from oko.engines.psychometrics.cli_items import app
from oko.engines.psychometrics.dif import mantel_haenszel

DATA = Path(__file__).with_name("data")


def test_classical_results_are_those_of_psych() -> None:
    result = CliRunner().invoke(app, ["classical", str(DATA / "lsat6_data.csv"), "--json"])
    found = json.loads(result.stdout)
    expected = json.loads((DATA / "lsat6_ctt.json").read_text())
    for name in ("n", "alpha_raw", "alpha_standardized", "alpha_ase", "guttman_lambda6", "total_mean"):
        assert found[name] == pytest.approx(expected[name], abs=1e-8)
    for name in ("total_sd", "SEM", "D27_n_upper", "D27_n_lower", "D27_cut_upper", "D27_cut_lower"):
        assert found[name] == pytest.approx(expected[name], abs=1e-8)
    assert found["feldt_alpha_CI95"] == pytest.approx(expected["feldt_alpha_CI95"], abs=1e-8)
    for own, theirs in zip(found["items"], expected["items"], strict=True):
        for name in ("mean", "p", "sd_n1", "r_item_total", "r_item_rest", "alpha_if_deleted", "D27"):
            assert own[name] == pytest.approx(theirs[name], abs=1e-8)
    assert sum(line["n"] for line in found["raw_score_distribution"]) == 1000


def test_scores_of_an_item_and_what_is_missing_are_told(tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("a,b,c\n0,1,1\n1,2,1\n1,0,1\n,2,1\n,,\n", encoding="utf-8")
    out = tmp_path / "items.parquet"
    result = CliRunner().invoke(app, ["classical", str(path), "--out", str(out), "--json"])
    found = json.loads(result.stdout)
    assert found["n"] == 4
    second = found["items"][1]["categories"]
    assert [(one["score"], one["n"], one["percent"]) for one in second] == [
        (0, 1, 25),
        (1, 1, 25),
        (2, 2, 50),
    ]
    assert [one["mean_total"] for one in second] == [2, 2, 3.5]
    told = " ".join(found["warnings"])
    assert "1 строк" in told
    assert "«c»" in told
    assert "предъявлены" in told
    assert read_table(out).column("item").to_pylist() == ["a", "b", "c"]


def test_mantel_haenszel_by_hand() -> None:
    """Two strata of 2 × 2: (8 2; 5 5) and (6 4; 3 7), reference first."""
    score, focal, total = [], [], []
    for stratum, table in ((1, ((8, 2), (5, 5))), (2, ((6, 4), (3, 7)))):
        for group, (solved, failed) in enumerate(table):
            score += [1] * solved + [0] * failed
            focal += [bool(group)] * (solved + failed)
            total += [stratum] * (solved + failed)
    found = mantel_haenszel(np.array(score, np.int8), np.array(focal), np.array(total))
    odds = (8 * 5 / 20 + 6 * 7 / 20) / (2 * 5 / 20 + 4 * 3 / 20)
    variance = 10 * 10 * 13 * 7 / (20**2 * 19) + 10 * 10 * 9 * 11 / (20**2 * 19)
    assert found.alpha_MH == pytest.approx(odds)
    assert found.delta_MH == pytest.approx(-2.35 * np.log(odds))
    assert found.MH_chisq_nocc == pytest.approx((14 - 6.5 - 4.5) ** 2 / variance)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Ten items of 2,000 pupils; the third is a good deal harder for girls of the same ability."""
    random = np.random.default_rng(2)
    girl = random.random(2000) < 0.5
    logits = (
        random.normal(size=(2000, 1)) + np.linspace(-1, 1, 10) - 1.0 * girl[:, None] * (np.arange(10) == 2)
    )
    solved = random.random((2000, 10)) < 1 / (1 + np.exp(-logits))
    path = tmp_path / "dif.csv"
    lines = [
        ",".join([*("01"[int(one)] for one in row), "ж" if g else "м"])
        for row, g in zip(solved, girl, strict=True)
    ]
    path.write_text("\n".join([",".join([*(f"q{n}" for n in range(10)), "sex"]), *lines]), encoding="utf-8")
    return path


def dif(path: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["dif", str(path), "--group", "sex", *options, "--json"])


def test_a_planted_item_is_found_and_it_alone_is_large(planted: Path) -> None:
    found = json.loads(dif(planted, "--focal", "ж", "--purify").stdout)
    assert 3 in found["DIF_items"]
    assert [item["item"] for item in found["items"] if item["ETS_purified"] == "C"] == ["q2"]
    worst = found["items"][2]
    assert worst["ETS"] == "C"
    assert worst["alpha_MH"] > 1
    assert worst["LR_uniform_1df"] > 10 * worst["LR_nonuniform_1df"]


def test_a_group_that_is_not_there_is_told(planted: Path) -> None:
    result = dif(planted, "--focal", "девочки")
    assert result.exit_code == 2
    assert "«девочки»" in result.output
    assert "«ж»" in result.output
