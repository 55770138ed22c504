"""Scales against R `mirt` on LSAT section 6 (Bock & Lieberman, 1970, Psychometrika, 35, 179–197)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from oko.engines.psychometrics.cli_scale import app
from oko.engines.psychometrics.reading import read_study
from oko.engines.psychometrics.scaling.calibration import Anchor, CalibrationError, Model, calibrate
from oko.engines.psychometrics.scaling.data import Responses
from oko.engines.psychometrics.scaling.persons import abilities

DATA = Path(__file__).with_name("data")
LSAT = DATA / "lsat6_data.csv"


def reference(name: str) -> dict[str, Any]:
    return dict(json.loads((DATA / name).read_text()))


def responses(scores: np.ndarray, group: np.ndarray | None = None) -> Responses:
    persons, items = scores.shape
    group = np.zeros(persons, int) if group is None else group
    names = tuple(str(n) for n in range(group.max() + 1))
    return Responses(
        scores.astype(np.int8), tuple(f"q{n}" for n in range(items)), group, names, np.ones(persons)
    )


def simulated(
    persons: int, slopes: np.ndarray, intercepts: np.ndarray, seed: int, ability: np.ndarray | None = None
) -> np.ndarray:
    random = np.random.default_rng(seed)
    theta = random.normal(size=persons) if ability is None else ability
    chance = 1 / (1 + np.exp(-(np.outer(theta, slopes) + intercepts)))
    return (random.random(chance.shape) < chance).astype(np.int8)


def test_a_2pl_scale_is_that_of_mirt() -> None:
    scale, expected = calibrate(read_study(LSAT).responses, Model.TWO_PL), reference("lsat6_2pl.json")
    assert scale.estimate.converged
    assert scale.estimate.log_likelihood == pytest.approx(expected["logLik"], abs=1e-3)
    assert scale.n_parameters == expected["n_par"]
    for item, line, error in zip(
        scale.items(), expected["items_slope_intercept"], expected["se_slope_intercept"], strict=True
    ):
        assert item.slope == pytest.approx(line["a1"], abs=1e-3)
        assert item.intercepts[0] == pytest.approx(line["d"], abs=1e-3)
        assert item.slope_se == pytest.approx(error["a1"], rel=0.01)
        assert item.intercepts_se[0] == pytest.approx(error["d"], rel=0.01)
        assert item.intercepts[0] == pytest.approx(-item.slope * item.steps[0])


def test_a_rasch_scale_is_that_of_mirt() -> None:
    scale, expected = calibrate(read_study(LSAT).responses, Model.RASCH), reference("lsat6_rasch.json")
    assert scale.estimate.log_likelihood == pytest.approx(expected["logLik"], abs=1e-3)
    assert scale.estimate.population.sd[0] ** 2 == pytest.approx(expected["latent_variance"], abs=1e-3)
    for item, line in zip(scale.items(), expected["items_irt"], strict=True):
        assert item.slope == 1
        assert item.steps[0] == pytest.approx(line["b"], abs=1e-3)


@pytest.mark.parametrize("model", [Model.TWO_PL, Model.RASCH])
def test_persons_are_those_of_mirt(model: Model) -> None:
    study = read_study(LSAT)
    scale = calibrate(study.responses, model)
    found = abilities(scale.responses, scale.estimate.items, scale.estimate.population)
    with (DATA / f"lsat6_{model}_scores.csv").open() as file:
        for row in csv.DictReader(file):
            at = int(row["row"]) - 1
            for name, values in (
                ("EAP", found.eap),
                ("EAP_SE", found.eap_se),
                ("WLE", found.wle),
                ("WLE_SE", found.wle_se),
            ):
                assert values[at] == pytest.approx(float(row[name]), abs=1e-3)


def test_groups_and_booklets_give_the_parameters_that_made_them() -> None:
    random = np.random.default_rng(3)
    slopes, intercepts = random.lognormal(0, 0.25, 12), random.normal(0, 1, 12)
    group = np.repeat([0, 1], 6000)
    ability = random.normal(size=12_000) * np.where(group, 1.3, 1.0) + 0.6 * group
    scores = simulated(12_000, slopes, intercepts, 4, ability)
    booklet = random.integers(0, 3, 12_000)
    for number in range(3):
        scores[np.ix_(booklet == number, np.arange(4 * number, 4 * number + 3))] = -1
    scale = calibrate(responses(scores, group), Model.TWO_PL)
    errors = np.array([item.slope_se for item in scale.items()])
    assert np.abs((scale.estimate.items.slope - slopes) / errors).max() < 4
    assert scale.estimate.population.mean[1] == pytest.approx(0.6, abs=0.1)
    assert scale.estimate.population.sd[1] == pytest.approx(1.3, abs=0.1)


def test_missing_at_random_and_by_booklet_are_one_likelihood() -> None:
    """Sets of items that few persons have are reckoned together; the result is that of each for itself."""
    scores = simulated(900, np.ones(6), np.linspace(-1, 1, 6), 5)
    scores[np.random.default_rng(6).random(scores.shape) < 0.3] = -1
    once = calibrate(responses(scores), Model.TWO_PL)
    twice = calibrate(responses(np.tile(scores, (8, 1))), Model.TWO_PL)
    assert twice.estimate.log_likelihood == pytest.approx(8 * once.estimate.log_likelihood, rel=1e-9)
    assert twice.estimate.items.slope == pytest.approx(once.estimate.items.slope, abs=1e-4)


def test_disordered_steps_reach_the_maximum_from_anywhere() -> None:
    random = np.random.default_rng(7)
    theta = random.normal(size=700)
    steps = np.array([[1.2, -1.0], [0.5, -0.4], [-0.3, 0.6], [1.0, -1.3], [0.2, 0.1]])
    scores = np.zeros((700, 5), np.int8)
    for item, step in enumerate(steps):
        logits = np.cumsum(np.column_stack([np.zeros(700), theta[:, None] - step]), axis=1)
        chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        scores[:, item] = (random.random(700)[:, None] > np.cumsum(chance, axis=1)).sum(axis=1)
    scale = calibrate(responses(scores), Model.GPCM)
    assert scale.estimate.converged
    again = calibrate(
        responses(scores),
        Model.GPCM,
        {"q0": Anchor(scale.items()[0].slope, scale.items()[0].intercepts)},
    )
    assert again.estimate.log_likelihood == pytest.approx(scale.estimate.log_likelihood, abs=0.2)


def test_anchors_stay_and_carry_the_scale() -> None:
    slopes, intercepts = np.array([1.0, 1.4, 0.8, 1.2, 0.9, 1.1]), np.linspace(-1, 1, 6)
    random = np.random.default_rng(8)
    scores = simulated(8000, slopes, intercepts, 9, random.normal(0.7, 1.2, 8000))
    anchors = {f"q{n}": Anchor(float(slopes[n]), (float(intercepts[n]),)) for n in range(3)}
    scale = calibrate(responses(scores), Model.TWO_PL, anchors)
    assert [item.slope for item in scale.items()][:3] == list(slopes[:3])
    assert scale.estimate.population.mean[0] == pytest.approx(0.7, abs=0.12)
    assert scale.estimate.population.sd[0] == pytest.approx(1.2, abs=0.12)


# What cannot be told is said -------------------------------------------------------------------------------


def run(tmp_path: Path, text: str, *options: str) -> Any:
    path = tmp_path / "ответы.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["fit", str(path), "--json", *options])


def rows(count: int = 60) -> list[str]:
    scores = simulated(count, np.ones(3), np.array([-0.5, 0.0, 0.5]), 1)
    return [",".join(str(score) for score in row) for row in scores]


def test_an_item_that_all_solved_is_named_and_the_rest_is_scaled(tmp_path: Path) -> None:
    text = "a,b,c,d\n" + "\n".join(row + ",1" for row in rows())
    result = run(tmp_path, text, "--model", "rasch")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert [item["item"] for item in printed["items"]] == ["a", "b", "c"]
    assert "«d»" in printed["warnings"][0]


def test_odd_values_weights_and_groups_are_told_with_their_rows(tmp_path: Path) -> None:
    lines = [f"{row},{number % 2},1" for number, row in enumerate(rows())]
    lines[0], lines[1], lines[2] = "1.5,0,1,0,1", "0,1,0,1,-2", "0,1,0,,1"
    result = run(
        tmp_path,
        "a,b,c,g,w\n" + "\n".join(lines),
        *("--model", "2pl", "--groups", "g", "--weights", "w"),
    )
    assert result.exit_code == 0
    told = " ".join(json.loads(result.stdout)["warnings"])
    assert "«1.5»" in told
    assert "Строки 2: вес" in told
    assert "Строки 3: группа" in told
    assert json.loads(result.stdout)["n_persons"] == 58


def test_unlinked_booklets_are_named(tmp_path: Path) -> None:
    lines = [row + ",,," for row in rows()] + [",,," + row for row in rows()]
    result = run(tmp_path, "a,b,c,d,e,f\n" + "\n".join(lines), "--model", "rasch")
    assert "не связаны" in " ".join(json.loads(result.stdout)["warnings"])


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("a,b\n0,2\n1,1\n0,0\n", ("--model", "2pl"), "gpcm"),
        ("a,b\n0,1\n1,0\n", ("--model", "rasch", "--groups", "нет"), "нет столбца «нет»"),
        ("", ("--model", "rasch"), "не CSV"),
        ("a,a\n0,1\n", ("--model", "rasch"), "стоит дважды"),
        ("a,b\n1,1\n1,1\n", ("--model", "rasch"), "ни одного задания"),
        ("имя,класс\nАнна,7б\n", ("--model", "rasch"), "ни одного столбца с баллами"),
    ],
)
def test_what_cannot_be_scaled_is_said_in_one_sentence(
    tmp_path: Path, text: str, options: tuple[str, ...], told: str
) -> None:
    result = run(tmp_path, text, *options)
    assert result.exit_code == 2
    assert told in result.output


def test_two_scores_are_wanted_of_a_model_of_two() -> None:
    with pytest.raises(CalibrationError, match="pcm"):
        calibrate(responses(np.array([[0, 2], [1, 1], [1, 0]])), Model.RASCH)


def test_the_law_school_test_of_bock_and_lieberman_is_scaled_as_published() -> None:
    """LSAT section 7: Bock & Lieberman (1970), Psychometrika 35(2), 179–197; 2PL as R mirt documents it."""
    patterns = [12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28]  # 00000, 00001, … by how many
    patterns += [7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308]
    solved = np.arange(32)[:, None] >> np.arange(4, -1, -1) & 1
    scores = np.repeat(solved, patterns, axis=0).astype(np.int8)
    persons = Responses(scores, tuple("abcde"), np.zeros(1000, np.int64), ("",), np.ones(1000))
    scale = calibrate(persons, Model.TWO_PL)
    assert scale.estimate.log_likelihood == pytest.approx(-2658.805, abs=1e-3)
    assert (scale.items()[0].slope, scale.items()[0].intercepts[0]) == pytest.approx((0.988, 1.856), abs=1e-3)


def test_answers_of_chance_have_no_spread_and_it_is_said() -> None:
    random = np.random.default_rng(5)
    scores = random.integers(0, 2, (300, 4)).astype(np.int8)
    group = (np.arange(300) % 2).astype(np.int64)
    scale = calibrate(Responses(scores, tuple("abcd"), group, ("ж", "м"), np.ones(300)), Model.RASCH)
    assert scale.estimate.converged
    assert scale.estimate.population.sd == pytest.approx([0.02, 0.02])
    means = scores[group == 0].mean(axis=0)
    shares = scores.mean(axis=0)
    steps = np.array([item.steps[0] for item in scale.items()])
    assert steps == pytest.approx(-np.log(shares / (1 - shares)), abs=0.1 + abs(means - shares).max() * 4)
    assert "Разброс способностей группы «ж» не отличить от нуля" in " ".join(scale.notes)


def test_slopes_that_no_sound_item_has_are_told() -> None:
    random = np.random.default_rng(8)
    ability = random.normal(size=2000)
    chance = 1 / (1 + np.exp(-ability[:, None] * np.array([1.2, 1.0, 1.5, -0.8])))
    scores = (random.random((2000, 4)) < chance).astype(np.int8)
    zeros = np.zeros(2000, np.int64)
    wrong_key = calibrate(Responses(scores, tuple("abcd"), zeros, ("",), np.ones(2000)), Model.TWO_PL)
    assert [note[:21] for note in wrong_key.notes] == ["«d»: наклон отрицател"]
    pure_chance = np.random.default_rng(5).integers(0, 2, (300, 4)).astype(np.int8)
    bounded = calibrate(Responses(pure_chance, tuple("abcd"), zeros[:300], ("",), np.ones(300)), Model.TWO_PL)
    assert [note[:14] for note in bounded.notes if "не определяют" in note] == ["«b»: наклон -2"]
