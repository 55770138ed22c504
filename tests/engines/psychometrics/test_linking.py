"""Scales linked, scores equated, marks carried: identities, known transforms, worked numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from oko.cli import app
from oko.engines.psychometrics.linking.equating import (
    EquatingError,
    Form,
    Method,
    equate,
    form_of,
    percentile_ranks,
    smoothed,
)
from oko.engines.psychometrics.linking.scales import LinkingError, link
from oko.engines.psychometrics.linking.scales import Method as Link
from oko.engines.psychometrics.scaling.calibration import Anchor


def scale(seed: int = 1, items: int = 12, slopes: bool = True) -> dict[str, Anchor]:
    """Items of two to four scores."""
    rng = np.random.default_rng(seed)
    made = {}
    for n in range(items):
        slope = float(rng.uniform(0.6, 1.8)) if slopes else 1.0
        steps = np.sort(rng.normal(0, 1, 1 + n % 3))
        made[f"q{n}"] = Anchor(slope, tuple((-np.cumsum(slope * steps)).tolist()))
    return made


def moved(items: dict[str, Anchor], a: float, b: float) -> dict[str, Anchor]:
    """The same items on the scale θ* = (θ − b) / a, so that A = a and B = b bring them back."""
    return {
        name: Anchor(
            one.slope * a, tuple(d + k * one.slope * b for k, d in enumerate(one.intercepts, start=1))
        )
        for name, one in items.items()
    }


@pytest.mark.parametrize("method", list(Link))
@pytest.mark.parametrize("symmetric", [False, True])
@settings(max_examples=5, deadline=None)
@given(st.floats(0.5, 2), st.floats(-1.5, 1.5))
def test_a_known_transform_is_found_again(method: Link, symmetric: bool, a: float, b: float) -> None:
    old = scale()

    found = link(old, moved(old, a, b), method, symmetric=symmetric)

    assert pytest.approx((a, b), abs=1e-4) == (found.A, found.B)


@pytest.mark.parametrize("method", list(Link))
def test_scales_of_rasch_are_only_shifted(method: Link) -> None:
    old = scale(slopes=False)
    new = moved(old, 1.0, 0.7)

    found = link(old, new, method)

    assert found.A == 1.0
    assert pytest.approx(0.7, abs=1e-6) == found.B


def test_the_methods_agree_where_items_scatter() -> None:
    """Items that drift by chance: the four methods lie within the jackknife's error of one another."""
    old = scale(items=15)
    rng = np.random.default_rng(5)
    new = {
        name: Anchor(one.slope * float(rng.lognormal(0, 0.05)), one.intercepts)
        for name, one in moved(old, 1.2, -0.4).items()
    }

    found = [link(old, new, method) for method in Link]

    for one in found:
        assert abs(one.A - 1.2) < 4 * one.A_se + 0.02
        assert abs(one.B + 0.4) < 4 * one.B_se + 0.02
    assert found[0].criterion < 1


def test_scales_without_a_common_item_are_not_linked() -> None:
    with pytest.raises(LinkingError, match="ни одного общего задания"):
        link(scale(), {f"other-{name}": one for name, one in scale().items()}, Link.HAEBARA)


def test_items_of_other_maximum_do_not_link_and_are_named() -> None:
    old = scale()
    new = {**moved(old, 1.1, 0.2), "q0": Anchor(1.0, (0.1, 0.2))}

    found = link(old, new, Link.STOCKING_LORD)

    assert "q0" not in found.common
    assert "«q0»" in found.notes[0]
    assert pytest.approx(1.1, abs=1e-4) == found.A


def uniform(maximum: int, each: int = 10) -> Form:
    return Form(np.full(maximum + 1, float(each)))


@pytest.mark.parametrize("method", list(Method))
def test_a_form_is_equated_to_itself_by_the_identity(method: Method) -> None:
    form = form_of(np.random.default_rng(3).binomial(20, 0.6, 500), 20)

    found = equate(form, form, method)

    seen = form.count > 0
    assert found.equivalent[seen] == pytest.approx(found.score[seen])
    assert (found.se > 0)[seen].all()


def test_percentile_ranks_and_equivalents_of_a_small_example() -> None:
    """Kolen & Brennan's hypothetical forms of four items (2014, tables 2.3 and 2.4)."""
    x, y = Form(np.array([20.0, 30, 20, 20, 10])), Form(np.array([10.0, 20, 20, 30, 20]))

    found = equate(x, y, Method.EQUIPERCENTILE)

    assert percentile_ranks(x) == pytest.approx([0.10, 0.35, 0.60, 0.80, 0.95])
    assert found.equivalent == pytest.approx([0.5, 1.75, 17 / 6, 3.5, 4.25])
    assert equate(x, y, Method.MEAN).equivalent - x.scores == pytest.approx(0.6)


def test_errors_are_those_of_drawing_persons_again() -> None:
    """Lord's and Braun and Holland's formulas against 400 simulated pairs of samples.

    Lord's takes percentile ranks for shares of whole persons, so it is a little on the safe side.
    """
    rng = np.random.default_rng(8)
    draws: dict[Method, list[np.ndarray]] = {method: [] for method in Method}
    for _ in range(400):
        x = form_of(rng.binomial(15, rng.beta(6, 4, 1500)), 15)
        y = form_of(rng.binomial(15, rng.beta(5, 5, 1500)), 15)
        for method in Method:
            draws[method].append(equate(x, y, method).equivalent)
    middle = slice(5, 14)

    for method in Method:
        ratio = equate(x, y, method).se[middle] / np.std(draws[method], axis=0)[middle]
        assert (ratio > 0.8).all()
        assert (ratio < (1.4 if method is Method.EQUIPERCENTILE else 1.2)).all()


def test_presmoothing_keeps_its_moments() -> None:
    """Holland and Thayer: a log-linear model of degree 4 keeps mean, spread, skewness and kurtosis."""
    form = form_of(np.random.default_rng(4).binomial(40, 0.55, 800), 40)

    found = smoothed(form, 4)

    assert found.n == pytest.approx(800)
    assert found.moments() == pytest.approx(form.moments(), rel=1e-6)
    assert (found.count > 0).all()


def test_scores_that_cannot_be_are_named() -> None:
    with pytest.raises(EquatingError, match="от 0 до 10"):
        form_of(np.array([3, 11]), 10)
    with pytest.raises(EquatingError, match="от 1 до 2"):
        smoothed(Form(np.array([5.0, 6, 7])), 3)


class Desk:
    """Two forms in a folder, taken by groups of equal strength."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        rng = np.random.default_rng(2)
        ability = {"x": rng.normal(0.6, 1, 3000), "y": rng.normal(0, 1, 3000)}
        for name, harder in (("x", 0.5), ("y", 0.0)):
            solved = rng.random((3000, 20)) < 1 / (1 + np.exp(-(ability[name][:, None] - harder)))
            common = rng.random((3000, 10)) < 1 / (1 + np.exp(-ability[name][:, None]))
            table = np.column_stack([solved, common]).astype(int)
            header = ",".join([f"{name}{n}" for n in range(20)] + [f"v{n}" for n in range(10)])
            np.savetxt(folder / f"{name}.csv", table, fmt="%d", delimiter=",", header=header, comments="")

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["scale", *arguments])

    def json(self, *arguments: str) -> dict[str, Any]:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("forms"))


def test_groups_of_other_strength_are_equated_through_the_anchor(desk: Desk) -> None:
    """X is harder and its group stronger: that cancels out without the anchor; with it X is worth more."""
    anchor = ",".join(f"v{n}" for n in range(10))
    alone = desk.json("equate", desk.path("x.csv"), desk.path("y.csv"))
    linked = desk.json("equate", desk.path("x.csv"), desk.path("y.csv"), "--anchor", anchor)

    at = {name: {row["score"]: row["equivalent"] for row in one["conversion"]}
          for name, one in (("alone", alone), ("linked", linked))}  # fmt: skip
    assert linked["method"] == "chained equipercentile"
    assert at["linked"][15] > at["alone"][15] + 1


def test_bootstrap_gives_errors_where_formulas_do_not(desk: Desk) -> None:
    anchor = ",".join(f"v{n}" for n in range(10))
    options = ("--anchor", anchor, "--bootstrap", "20", "--smooth", "4")

    found = desk.json("equate", desk.path("x.csv"), desk.path("y.csv"), *options)
    again = desk.json("equate", desk.path("x.csv"), desk.path("y.csv"), *options)

    assert found == again
    assert all(0 < row["se"] < 3 for row in found["conversion"][5:25])


def test_marks_are_carried_to_a_harder_form(desk: Desk) -> None:
    found = desk.json("carry", desk.path("y.csv"), desk.path("x.csv"), "--cuts", "10,15,22", "--smooth", "5")

    for cut in found["cuts"]:
        assert abs(cut["exact"] - cut["carried"]) <= 1.01
        assert 0 < cut["se"] < 1
        assert abs(cut["above_old"] - cut["above_new"]) < 0.05


def test_marks_are_carried_by_true_scores(desk: Desk) -> None:
    """The same items: every cut stays. Items harder by half a logit: cuts fall."""
    old, harder = desk.folder / "old.json", desk.folder / "harder.json"
    for path, more in ((old, 0.0), (harder, 0.5)):
        items = [{"item": f"q{n}", "slope": 1.0, "steps": [n / 10 - 1 + more]} for n in range(30)]
        path.write_text(json.dumps(items))
    forms = ("carry", desk.path("y.csv"), desk.path("x.csv"), "--cuts", "10,20", "--old-items", str(old))

    same = desk.json(*forms, "--new-items", str(old))
    fallen = desk.json(*forms, "--new-items", str(harder))

    assert [one["carried"] for one in same["cuts"]] == [10, 20]
    assert [one["exact"] for one in same["cuts"]] == pytest.approx([10, 20])
    assert all(one["exact"] < one["cut"] - 1 for one in fallen["cuts"])


def test_link_reads_what_fit_prints_and_writes_anchors(desk: Desk) -> None:
    fits = {}
    for name in ("x", "y"):
        fit = desk.run("fit", desk.path(f"{name}.csv"), "--model", "2pl", "--json")
        fits[name] = desk.folder / f"{name}.json"
        fits[name].write_text(fit.stdout)
    out = desk.folder / "x-on-y.json"

    found = desk.json("link", str(fits["y"]), str(fits["x"]), "--out", str(out))
    anchored = desk.json("fit", desk.path("x.csv"), "--model", "2pl", "--anchors", str(out))

    assert found["n_common"] == 10
    assert found["A"] == pytest.approx(1, abs=0.15)
    assert found["B"] == pytest.approx(0.6, abs=0.15), "the group of X is stronger by 0.6"
    assert anchored["population"][0]["mean"] == pytest.approx(found["B"], abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("carry", "y.csv", "x.csv", "--cuts", "10,много"), "нужны целые баллы"),
        (("carry", "y.csv", "x.csv", "--cuts", "99"), "на старой форме баллы от 0 до"),
        (("equate", "x.csv", "y.csv", "--score", "v99"), "нет столбца «v99»"),
        (("equate", "x.csv", "y.csv", "--method", "linear", "--anchor", "v0"), "equipercentile"),
        (("equate", "x.csv", "no.csv"), "не открывается"),
        (("link", "x.csv", "y.csv"), "не JSON"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = desk.run(*(desk.path(one) if one.endswith(".csv") else one for one in arguments))

    assert result.exit_code == 2
    assert said in result.stderr
