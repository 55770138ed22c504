"""Whether a scale fits: what fits looks so, what does not is found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from oko.engines.psychometrics.cli_scale import app
from oko.engines.psychometrics.scaling.calibration import Model, calibrate
from oko.engines.psychometrics.scaling.data import Responses
from oko.engines.psychometrics.scaling.fit import Fit, fit_of
from oko.engines.psychometrics.scaling.persons import abilities

LSAT = Path(__file__).with_name("data") / "lsat6_data.csv"
DIFFICULTY = np.linspace(-1.6, 1.6, 12)


def solved(ability: np.ndarray, slopes: np.ndarray, seed: int) -> np.ndarray:
    chance = 1 / (1 + np.exp(-slopes * (ability[:, None] - DIFFICULTY)))
    return (np.random.default_rng(seed).random(chance.shape) < chance).astype(np.int8)


def fitted(scores: np.ndarray, model: Model) -> Fit:
    persons, items = scores.shape
    names = tuple(f"q{n}" for n in range(items))
    scale = calibrate(Responses(scores, names, np.zeros(persons, int), ("",), np.ones(persons)), model)
    return fit_of(scale, abilities(scale.responses, scale.estimate.items, scale.estimate.population))


def test_what_the_model_made_fits_it() -> None:
    ability = np.random.default_rng(1).normal(size=4000)
    fit = fitted(solved(ability, np.ones(12), 2), Model.RASCH)

    assert min(item.p_S_X2 for item in fit.items) > 0.001
    # of twelve answers a person's estimate follows each a little: mean squares stay below 1
    assert [item.infit for item in fit.items] == pytest.approx([0.95] * 12, abs=0.07)
    assert fit.model is not None
    assert fit.model.df == 12 * 13 // 2 - 13
    assert fit.model.p > 0.001
    assert fit.model.RMSEA_5 <= fit.model.RMSEA <= fit.model.RMSEA_95
    assert np.abs(fit.Q3[~np.eye(12, dtype=bool)]).max() < 0.2
    assert np.nanmean(fit.person_infit) == pytest.approx(0.95, abs=0.07)


def test_a_flat_and_a_steep_item_are_told_from_the_others_by_rasch() -> None:
    ability = np.random.default_rng(3).normal(size=4000)
    slopes = np.ones(12)
    slopes[4], slopes[8] = 0.2, 2.8
    fit = fitted(solved(ability, slopes, 4), Model.RASCH)
    better = fitted(solved(ability, slopes, 4), Model.TWO_PL)

    assert fit.items[4].infit > 1.1 > 0.95 > fit.items[8].infit
    assert fit.items[4].infit_z > 5
    assert fit.items[4].p_S_X2 < 1e-6
    assert fit.items[8].p_S_X2 < 1e-6
    assert fit.model is not None
    assert better.model is not None
    assert fit.model.p < 1e-6 < better.model.p
    assert better.items[4].p_S_X2 > 0.001


def test_two_items_that_are_nearly_one_hang_together() -> None:
    ability = np.random.default_rng(5).normal(size=3000)
    scores = solved(ability, np.ones(12), 6)
    copied = np.random.default_rng(7).random(3000) < 0.7
    scores[copied, 6] = scores[copied, 5]

    fit = fitted(scores, Model.RASCH)

    assert fit.Q3[5, 6] > 0.25
    assert fit.Q3[5, 6] == fit.Q3[6, 5]


def test_items_of_several_scores_have_their_fit_too() -> None:
    ability = np.random.default_rng(8).normal(size=3000)
    parts = [solved(ability, np.ones(12), seed) for seed in (9, 10)]
    fit = fitted((parts[0] + parts[1]).astype(np.int8), Model.PCM)

    assert fit.model is None
    assert all(item.df_S_X2 > 10 for item in fit.items)
    assert all(0.8 < item.infit < 1.2 for item in fit.items)


def test_variants_have_infit_but_no_s_x2_and_it_is_said() -> None:
    ability = np.random.default_rng(11).normal(size=2000)
    scores = solved(ability, np.ones(12), 12)
    scores[:1000, :4] = -1
    scores[1000:, 8:] = -1

    fit = fitted(scores, Model.RASCH)

    assert [item.n for item in fit.items] == [1000] * 4 + [2000] * 4 + [1000] * 4
    assert all(np.isfinite(item.infit) and np.isnan(item.S_X2) for item in fit.items)
    assert "S-X²" in fit.notes[0]


def test_the_command_says_it_beside_the_scale() -> None:
    """LSAT 6 fits Rasch's model well (Bock & Lieberman, 1970)."""
    result = CliRunner().invoke(app, ["fit", str(LSAT), "--model", "rasch", "--fit", "--json"])
    found = json.loads(result.stdout)

    assert [item["item"] for item in found["fit"]] == [item["item"] for item in found["items"]]
    assert min(item["p_S_X2"] for item in found["fit"]) > 0.05
    assert found["model_fit"]["p"] > 0.05
    assert len(found["largest_Q3"]) == 10
    assert found["Q3"][0][0] == 1
