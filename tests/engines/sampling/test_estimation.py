"""Estimates against R `survey` on the Academic Performance Index (California, public data)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from oko.engines.columns import read_table
from oko.engines.sampling.cli_estimate import app

DATA = Path(__file__).with_name("data")
REFERENCE = json.loads((DATA / "api.json").read_text())
STRATA, CLUSTERS = ("--strata", "stype"), ("--cluster", "dnum")
FPC, JKN, JK1 = ("--fpc", "fpc"), ("--replicates", "jkn"), ("--replicates", "jk1")
DESIGNS = {
    "strat": ("apistrat.csv", *STRATA, *FPC),
    "strat_nofpc": ("apistrat.csv", *STRATA),
    "clus1": ("apiclus1.csv", *CLUSTERS, *FPC),
    "clus1_nofpc": ("apiclus1.csv", *CLUSTERS),
    "JKn_strat_nofpc": ("apistrat.csv", *STRATA, *JKN),
    "JKn_strat_fpc": ("apistrat.csv", *STRATA, *FPC, *JKN),
    "JK1_clus1_nofpc": ("apiclus1.csv", *CLUSTERS, *JK1),
    "JK1_clus1_fpc": ("apiclus1.csv", *CLUSTERS, *FPC, *JK1),
}


def run(source: str | Path, *options: str) -> Any:
    return CliRunner().invoke(app, [str(source), *options, "--json"])


def estimates(design: str, *options: str) -> list[dict[str, Any]]:
    source, *of_design = DESIGNS[design]
    result = run(DATA / source, "--weight", "pw", *of_design, *options)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


@pytest.mark.parametrize("design", DESIGNS)
def test_every_number_is_that_of_survey(design: str) -> None:
    expected = REFERENCE[design]
    for line in expected["mean"]:
        (found,) = estimates(design, "--variable", line["var"])
        assert found["estimate"] == pytest.approx(line["est"], rel=1e-10)
        assert found["se"] == pytest.approx(line["se"], rel=1e-9)
        assert found["deff"] == pytest.approx(line.get("deff", found["deff"]), rel=1e-9)
    (total,) = estimates(design, "--variable", "enroll", "--statistic", "total")
    assert total["estimate"] == pytest.approx(expected["total_enroll"]["est"], rel=1e-10)
    assert total["se"] == pytest.approx(expected["total_enroll"]["se"], rel=1e-9)
    (ratio,) = estimates(design, "--variable", "api.stu", "--statistic", "ratio:enroll")
    shares = estimates(design, "--variable", "sch.wide", "--statistic", "percent")
    regression = estimates(design, "--variable", "api00", "--statistic", "regression:ell+meals+mobility")
    lines = [expected["ratio_apistu_enroll"], *expected["glm_api00_ell_meals_mobility"]]
    for found, line in zip([ratio, *regression[:-1]], lines, strict=True):
        assert found["estimate"] == pytest.approx(line["est"], rel=1e-9)
        assert found["se"] == pytest.approx(line["se"], rel=1e-9)
    for found, line in zip(shares, expected["prop_schwide"], strict=True):
        assert found["statistic"] == line["level"].replace("sch.wide", "percent:")
        assert (found["estimate"], found["se"]) == pytest.approx((100 * line["est"], 100 * line["se"]))
    by_type = {line["stype"]: line for line in expected["mean_api00_by_stype"]}
    for found in estimates(design, "--variable", "api00", "--by", "stype"):
        assert found["estimate"] == pytest.approx(by_type[found["group"]]["est"], rel=1e-10)
        assert found["se"] == pytest.approx(by_type[found["group"]]["se"], rel=1e-9)
    names = ",".join(f"p{100 * line['q']:g}" for line in expected["quantiles_api00"])
    found_quantiles = estimates(design, "--variable", "api00", "--statistic", names)
    for found, line in zip(found_quantiles, expected["quantiles_api00"], strict=True):
        assert found["estimate"] == line["est"]
        assert found["se"] == pytest.approx(line["se"], abs=1e-8)


def test_two_stages_are_those_of_survey() -> None:
    """Districts, then schools: svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2)."""
    design = ("--weight", "pw", "--cluster", "dnum,snum", "--fpc", "fpc1,fpc2", "--variable", "api00")
    expected = REFERENCE["clus2"]
    names = ",".join(f"p{100 * line['q']:g}" for line in expected["quantiles_api00"])
    whole = json.loads(run(DATA / "apiclus2.csv", *design, "--statistic", f"mean,{names}").stdout)
    by_type = json.loads(run(DATA / "apiclus2.csv", *design, "--by", "stype").stdout)
    lines = [*expected["mean"], *expected["quantiles_api00"], *expected["mean_api00_by_stype"]]
    for found, line in zip([*whole, *by_type], lines, strict=True):
        assert found["estimate"] == pytest.approx(line["est"], rel=1e-9)
        assert found["se"] == pytest.approx(line["se"], rel=1e-8)


def test_a_lonely_school_adds_what_was_asked(tmp_path: Path) -> None:
    """Strata of (10, 20, 30), (40, 60) and a lone 80, weights 1: influences are (y − 40) / 6."""
    path = tmp_path / "lonely.csv"
    path.write_text("w,s,y\n1,а,10\n1,а,20\n1,а,30\n1,б,40\n1,б,60\n1,в,80\n", encoding="utf-8")
    told = (200 * 3 / 2 + 200 * 2) / 36
    expected = {"certainty": told, "average": told * 3 / 2, "adjust": told + 40**2 / 36}
    options = ("--weight", "w", "--strata", "s", "--variable", "y", "--lonely")
    for lonely, variance in expected.items():
        result = run(path, *options, lonely)
        assert json.loads(result.stdout)[0]["se"] == pytest.approx(np.sqrt(variance))
        assert "«в»" in result.stderr
    result = run(path, *options, "fail")
    assert result.exit_code == 2
    assert "«в»" in result.output


def test_replicate_weights_of_the_data_are_the_same_as_made_ones(pairs: Path) -> None:
    made = ("--weight", "w", "--zone", "zone", "--half", "half", "--variable", "pv1")
    rows = np.loadtxt(pairs, delimiter=",", skiprows=1)
    signs = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    sign = np.where(rows[:, 1] == 1, 1, -1)
    factors = 1 + np.stack([sign * line[rows[:, 0].astype(int) - 1] for line in signs], axis=1)
    path = pairs.with_name("given.csv")
    lines = pairs.read_text(encoding="utf-8").splitlines()
    weights = [",".join(map(str, line)) for line in rows[:, 2:3] * factors]
    path.write_text(
        "\n".join([f"{lines[0]},R1,R2,R10,R3", *map(",".join, zip(lines[1:], weights, strict=True))]),
        encoding="utf-8",
    )
    statistics = ("--statistic", "mean,p50,regression:x", "--by", "half", "--differences", "pairs")
    hadamard = str(pairs.with_name("hadamard.csv"))
    brr = json.loads(run(pairs, *made, *statistics, "--replicates", "brr", "--hadamard", hadamard).stdout)
    given = ("--weight", "w", "--variable", "pv1", "--replicates", "brr", "--replicate-weights", "R")
    for found, line in zip(json.loads(run(path, *given, *statistics).stdout), brr, strict=True):
        assert found == pytest.approx(line, nan_ok=True)


def test_estimates_go_to_files(tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        estimates("strat", "--variable", "api00", "--by", "stype", "--out", str(tmp_path / name))
        table = read_table(tmp_path / name)
        assert table.column_names[:4] == ["statistic", "group", "estimate", "se"]
        assert table.column("group").to_pylist() == ["E", "H", "M"]


def test_differences_know_how_far_groups_were_drawn_together() -> None:
    """Independent strata: variances add up; clusters: the covariance is that of a regression on the group."""
    schools, *rest = estimates("strat", "--variable", "api00", "--by", "stype", "--differences", "pairs")
    secondary = rest[0]
    difference = next(one for one in rest if one["group"] == "E - H")
    assert difference["estimate"] == pytest.approx(schools["estimate"] - secondary["estimate"])
    assert difference["se"] == pytest.approx(np.hypot(schools["se"], secondary["se"]))
    found = estimates("clus1", "--variable", "api00", "--by", "stype", "--differences", "total")
    assert [one["group"] for one in found] == ["E", "H", "M", "total", "E - total", "H - total", "M - total"]
    (alone,) = estimates("clus1", "--variable", "api00")
    assert found[3]["se"] == pytest.approx(alone["se"])
    assert found[4]["se"] < 0.2 * np.hypot(found[0]["se"], alone["se"])  # most schools are of this type


def test_a_difference_of_two_groups_is_the_slope_of_belonging(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    girl, unit = random.integers(0, 2, 200), np.repeat(np.arange(20), 10)
    score = random.normal(500, 90, 200) + 30 * girl + random.normal(0, 40, 20)[unit]
    path = tmp_path / "girls.csv"
    rows = [f"{random.uniform(1, 3)},{g},{u},{y}" for g, u, y in zip(girl, unit, score, strict=True)]
    path.write_text("\n".join(["w,girl,school,y", *rows]), encoding="utf-8")
    design = ("--weight", "w", "--cluster", "school", "--variable", "y")
    for method in ((), ("--replicates", "jk1")):
        pairs = json.loads(run(path, *design, *method, "--by", "girl", "--differences", "pairs").stdout)
        (slope,) = json.loads(run(path, *design, *method, "--statistic", "slope:girl").stdout)
        assert pairs[2]["group"] == "0 - 1"
        assert pairs[2]["estimate"] == pytest.approx(-slope["estimate"])
        assert pairs[2]["se"] == pytest.approx(slope["se"])


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Four zones of two schools, four pupils each, two plausible values."""
    random = np.random.default_rng(1)
    lines = ["zone,half,w,pv1,pv2,x,four"]
    for zone in range(1, 5):
        for half in (1, 2):
            for _ in range(4):
                values = ",".join(f"{value:.3f}" for value in random.normal(500, 90, 3))
                lines.append(f"{zone},{half},{random.uniform(5, 15):.3f},{values},4")
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "hadamard.csv").write_text("a,b,c,d\n1,1,1,1\n1,-1,1,-1\n1,1,-1,-1\n1,-1,-1,1\n")
    return path


def mean_of(rows: np.ndarray, weight: np.ndarray, column: int) -> float:
    return float(weight @ rows[:, column] / weight.sum())


def test_plausible_values_and_paired_jackknife_by_hand(pairs: Path) -> None:
    rows = np.loadtxt(pairs, delimiter=",", skiprows=1)
    options = ("--weight", "w", "--zone", "zone", "--half", "half", "--plausible-values", "pv1,pv2")
    (found,) = json.loads(run(pairs, *options, "--replicates", "jk2-half").stdout)
    zone, half, w = rows[:, 0], rows[:, 1], rows[:, 2]
    full = [mean_of(rows, w, column) for column in (3, 4)]
    sampling = np.zeros(2)
    for number in range(1, 5):
        factor = np.where(zone == number, np.where(half == 1, 2.0, 0.0), 1.0)
        for at, column in enumerate((3, 4)):
            sampling[at] += (mean_of(rows, w * factor, column) - full[at]) ** 2
    imputation = 1.5 * np.var(full, ddof=1)
    assert found["estimate"] == pytest.approx(np.mean(full))
    assert found["se_sampling"] == pytest.approx(np.sqrt(sampling.mean()))
    assert found["var_imputation"] == pytest.approx(imputation)
    assert found["se"] == pytest.approx(np.sqrt(sampling.mean() + imputation))


def test_balanced_replicates_by_hand(pairs: Path) -> None:
    rows = np.loadtxt(pairs, delimiter=",", skiprows=1)
    hadamard = np.loadtxt(pairs.with_name("hadamard.csv"), delimiter=",", skiprows=1)
    options = (
        "--weight",
        "w",
        "--zone",
        "zone",
        "--half",
        "half",
        "--variable",
        "pv1",
        "--replicates",
        "fay",
    )
    (found,) = json.loads(run(pairs, *options, "--hadamard", str(pairs.with_name("hadamard.csv"))).stdout)
    zone, sign = rows[:, 0].astype(int) - 1, np.where(rows[:, 1] == 1, 1, -1)
    full = mean_of(rows, rows[:, 2], 3)
    away = [mean_of(rows, rows[:, 2] * (1 + 0.5 * sign * line[zone]), 3) - full for line in hadamard]
    assert found["se"] == pytest.approx(np.sqrt(np.sum(np.square(away)) / (4 * 0.25)))


def test_both_halves_in_turn_and_slopes(pairs: Path) -> None:
    options = ("--weight", "w", "--zone", "zone", "--half", "half", "--variable", "pv1")
    found = json.loads(
        run(pairs, *options, "--replicates", "jk2-full", "--statistic", "sd,slope:x,p50").stdout
    )
    rows = np.loadtxt(pairs, delimiter=",", skiprows=1)
    w, y, x = rows[:, 2], rows[:, 3], rows[:, 5]
    slope = np.polyfit(x, y, 1, w=np.sqrt(w))[0]
    assert [one["statistic"] for one in found] == ["sd", "slope:x", "p50"]
    assert found[0]["estimate"] == pytest.approx(np.sqrt(w @ (y - w @ y / w.sum()) ** 2 / w.sum()))
    assert found[1]["estimate"] == pytest.approx(slope)
    assert all(one["se"] > 0 for one in found)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--weight", "нет", "--variable", "pv1"), "нет столбца «нет»"),
        (("--weight", "w"), "--variable"),
        (("--weight", "w", "--variable", "pv1", "--statistic", "мода"), "«мода»"),
        (("--weight", "w", "--variable", "pv1", "--replicates", "fay"), "--zone"),
        (("--weight", "w", "--variable", "pv1", "--replicates", "jkn", "--strata", "pv2"), "один кластер"),
        (("--weight", "w", "--variable", "pv1", "--fpc", "w"), "размер страты должен быть один"),
        (("--weight", "w", "--variable", "pv1", "--fpc", "four"), "отобрано 32 из 4: так не бывает"),
    ],
)
def test_what_cannot_be_estimated_is_said(pairs: Path, options: tuple[str, ...], told: str) -> None:
    result = run(pairs, *options)
    assert result.exit_code == 2
    assert told in result.output


def test_missing_weights_and_values_are_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("w,y\n1,10\n,20\n-3,30\n1,\n1,20\n", encoding="utf-8")
    result = run(path, "--weight", "w", "--variable", "y")
    assert json.loads(result.stdout)[0]["estimate"] == 15
    assert "2 строк без веса" in result.stderr
    assert "1 строк без числа" in result.stderr


def test_a_stratum_of_one_school_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("w,y,s\n1,10,север\n1,20,север\n1,30,юг\n", encoding="utf-8")
    result = run(path, "--weight", "w", "--variable", "y", "--strata", "s")
    assert result.exit_code == 0
    assert "«юг»" in result.stderr
