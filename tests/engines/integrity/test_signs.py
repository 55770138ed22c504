"""Signs from answers, on schools of known truth: false discoveries are held, planted help is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from oko.engines.integrity.answers import Answers, read_answers
from oko.engines.integrity.evidence import evidence, records
from oko.engines.integrity.homogeneity import homogeneity
from oko.engines.integrity.judging import IntegrityError, Sign
from oko.engines.integrity.prediction import prediction
from oko.engines.integrity.profile import profile
from tests.engines.integrity.simulated_schools import simulate

SIGNS: list[Callable[[Answers], Sign]] = [profile, prediction, homogeneity]
OBSERVED = range(100, 200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schools")


@pytest.fixture(scope="module", params=[OBSERVED, None], ids=["norm", "no norm"])
def nobody_helped(request: pytest.FixtureRequest, folder: Path) -> Answers:
    path = simulate(11, schools=200).write(folder / "null.csv", request.param)
    return read_answers(path, covariates=["previous"])


@pytest.mark.parametrize("reckon", SIGNS)
def test_where_nobody_helped_p_values_are_uniform(
    nobody_helped: Answers, reckon: Callable[[Answers], Sign]
) -> None:
    found = reckon(nobody_helped).judged
    below = int((found.p < 0.05).sum())
    assert stats.binomtest(below, len(found.p), 0.05).pvalue > 0.01
    assert stats.kstest(found.p, "uniform").pvalue > 0.01
    assert found.flagged.sum() <= 1


def test_where_nobody_helped_no_more_than_the_promised_share_is_flagged(nobody_helped: Answers) -> None:
    found = evidence(nobody_helped, (8, 13, 19)).judged
    assert stats.binomtest(int((found.p < 0.05).sum()), 200, 0.05).pvalue > 0.01
    assert found.flagged.sum() <= 1


@pytest.mark.parametrize(
    ("help_with", "reckon", "least"),
    [("hard", profile, 0.95), ("all", prediction, 0.5), ("same", homogeneity, 0.4)],
)
def test_planted_help_is_found_by_the_sign_made_for_it(
    folder: Path, help_with: str, reckon: Callable[[Answers], Sign], least: float
) -> None:
    schools = simulate(5, planted=30, help_with=help_with)
    path = schools.write(folder / f"{help_with}.csv", OBSERVED)
    found = reckon(read_answers(path, covariates=["previous"])).judged
    assert found.flagged[schools.helped].mean() >= least
    assert found.flagged[~schools.helped].sum() <= 0.15 * found.flagged.sum()


def test_without_observed_schools_there_is_no_norm_and_helped_schools_still_stand_out(folder: Path) -> None:
    schools = simulate(6, planted=25, help_with="hard")
    found = profile(read_answers(schools.write(folder / "region.csv")))
    assert found.norm is not None
    assert found.norm.compared_with == "region"
    assert "не построена" in found.norm.note
    assert found.judged.flagged[schools.helped].mean() > 0.9
    assert not found.judged.flagged[~schools.helped].any()


def test_too_few_observed_schools_make_no_norm(folder: Path) -> None:
    answers = read_answers(simulate(7, schools=60).write(folder / "few.csv", range(12)))
    found = profile(answers).norm
    assert found is not None
    assert not found.is_norm
    assert "Наблюдавшихся школ 12" in found.note


def test_the_norm_is_that_of_observed_schools_alone(folder: Path) -> None:
    """What schools without observers do may not move it."""
    schools = simulate(8)
    helped = replace(schools, scores=np.where(schools.school[:, None] < 90, 1, schools.scores))
    before, after = (
        prediction(read_answers(one.write(folder / "moved.csv", OBSERVED), covariates=["previous"])).numbers
        for one in (schools, helped)
    )
    for name in ("low", "high", "predicted"):
        assert after[name] == pytest.approx(before[name])
    assert (after["mean"] > after["high"])[:90].all()


def test_the_prediction_is_a_random_effects_regression_by_hand(folder: Path) -> None:
    """Equal sizes and no variance between schools beyond sampling: ordinary least squares of means."""
    lines = ["school,x,i1,i2"]
    shares = (2, 4, 6, 9, 10, 13, 14, 15, 18, 17, 16, 12)
    lines += [
        f"{school},{school},{int(pupil < right)},0"
        for school, right in enumerate(shares)
        for pupil in range(20)
    ]
    path = folder / "hand.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = prediction(read_answers(path, covariates=["x"]))
    means = np.array(shares) / 20
    line = np.polyval(np.polyfit(np.arange(12), means, 1), np.arange(12))
    assert found.numbers["mean"] == pytest.approx(means)
    assert found.numbers["predicted"] == pytest.approx(line)
    inside = (found.numbers["low"] < found.numbers["mean"]) & (found.numbers["mean"] < found.numbers["high"])
    assert inside.sum() >= 10


def test_an_able_school_has_no_sign_in_its_profile(folder: Path) -> None:
    """Ability moves the total, and the profile is judged at the same total."""
    answers = read_answers(simulate(9).write(folder / "able.csv", OBSERVED), covariates=["previous"])
    z = profile(answers).judged.z
    assert abs(np.corrcoef(answers.covariates["previous"], z)[0, 1]) < 0.2


def test_the_evidence_of_a_school_has_all_that_a_page_shows(folder: Path) -> None:
    schools = simulate(5, planted=30, help_with="hard")
    answers = read_answers(schools.write(folder / "page.csv", OBSERVED), covariates=["previous"])
    found = evidence(answers, (8, 13, 19))
    assert [sign.name for sign in found.signs] == ["spikes", "profile", "prediction", "homogeneity"]
    assert found.judged.flagged[schools.helped].mean() >= 0.6
    record = records(answers, found)[0]
    by_name = {one["sign"]: one for one in record["signs"]}
    assert all(one["explanations"] and 0 <= one["power"] <= 1 for one in record["signs"])
    spikes, items = by_name["spikes"]["picture"], by_name["profile"]["picture"]
    assert sum(spikes["counts"]) == pytest.approx(sum(spikes["expected"])) == record["n"]
    assert sum(items["share"]) == pytest.approx(sum(items["expected"]), abs=0.05)
    assert items["region"] == sorted(items["region"], reverse=True)
    assert max(items["residual"][-8:]) > 2 > max(items["residual"][:8])
    assert [one["class"] for one in by_name["homogeneity"]["picture"]["classes"]] == ["0", "1"]
    words = " ".join([record["caution"], *(one["title"] for one in record["signs"])])
    assert "нарушени" not in words.lower()


def test_stouffer_over_one_sign_is_that_sign_and_over_correlated_ones_is_milder(folder: Path) -> None:
    answers = read_answers(simulate(10, schools=60).write(folder / "sum.csv"))
    found = evidence(answers)
    assert set(found.skipped) == {"spikes"}
    z = np.stack([sign.judged.z for sign in found.signs])
    expected = z.sum(axis=0) / np.sqrt(found.correlations.sum())
    assert found.judged.z == pytest.approx(expected)
    assert found.correlations.sum() >= len(z)


def test_one_school_is_compared_with_nobody(folder: Path) -> None:
    answers = read_answers(simulate(1, schools=1).write(folder / "one.csv"))
    for reckon in SIGNS:
        with pytest.raises(IntegrityError, match=r"[Шш]кол"):
            reckon(answers)
