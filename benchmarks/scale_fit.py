"""Fitting scales, estimating with replicates, finding spikes: seconds beside one pass over the persons.

    .venv/bin/python benchmarks/scale_fit.py             # --quick: a tenth of the persons

Fresh simulated data: 30 items; 80 replicates of 300,000 students in 85 regions; 40,000 schools and 3 million
scores. Wall time, least of three rounds, two threads over persons with one BLAS thread each. The floor of a
fit is one pass of the E-step: exponentials of persons × nodes. Where PyPI `mirt` and `svy` are installed (see
`peers.py`), they do the same work in the same run.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

import peers
from oko.engines.integrity.spikes import spikes
from oko.engines.psychometrics.scaling.calibration import Model, calibrate
from oko.engines.psychometrics.scaling.data import Responses
from oko.engines.sampling.estimation.estimate import Sample, estimate
from oko.engines.sampling.estimation.replication import balanced, given_weights
from oko.engines.sampling.estimation.statistics import Mean

ITEMS, ROUNDS = 30, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--quick", action="store_true")
    share = 10 if parser.parse_args().quick else 1
    random = np.random.default_rng(2026)
    with_mirt, with_svy = peers.installed("mirt"), peers.installed("svy")
    for persons in (100_000 // share, 1_000_000 // share):
        floor = least(lambda n=persons: np.exp(np.multiply.outer(np.arange(n) / n, np.linspace(-1, 1, 37))))
        for model, top in ((Model.TWO_PL, 1), (Model.GPCM, 2), (Model.RASCH, 1), (Model.PCM, 2)):
            if model is Model.GPCM and persons > 500_000:
                continue
            data = simulated(persons, top, random, slopes=model.has_slopes)
            rounds = 1 if persons > 500_000 else ROUNDS
            seconds = least(lambda: calibrate(data, model), rounds)  # noqa: B023  called at once
            times = f"{seconds:6.2f} s, {seconds / floor:5.1f} × one pass"
            print(f"{model:6} {persons:9,} persons: {times}; {peak():.2f} GB")
            if with_mirt and model.has_slopes and persons <= 100_000:
                theirs = least(peers.mirt_fit(data, str(model)), 1)
                print(f"{'':6} PyPI mirt {theirs:.2f} s, {theirs / seconds:.0f} × ours")
    rows = 300_000 // share
    zone, half = random.integers(0, 80, rows), random.integers(0, 2, rows)
    signs = hadamard(128)[:80, :80]  # a part is not balanced, but takes as long
    region = random.integers(0, 85, rows)
    replicates = balanced(zone, half, signs, 0.5)
    sample = Sample(random.uniform(1, 9, rows), region, tuple(map(str, range(85))), replicates)
    score = random.normal(500, 90, rows)
    seconds = least(lambda: estimate(sample, Mean("mean"), [score]))
    print(f"80 replicates × {rows:,} students × 85 regions, mean and error: {seconds:.3f} s")
    if with_svy:
        given = np.stack(list(replicates.weights(sample.weight)), axis=1)
        work = peers.svy_means(sample.weight, given, region, score)
        theirs = least(work)
        apart = peers.same_numbers(estimate(sample, Mean("mean"), [score]), work())
        print(
            f"PyPI svy {theirs:.3f} s, {theirs / seconds:.0f} × ours; numbers differ by {apart:.0e} at most"
        )
        own = Sample(sample.weight, region, sample.groups, given_weights(given, "fay", 0.5))
        print(f"weights of replicates given: {least(lambda: estimate(own, Mean('mean'), [score])):.3f} s")
    works = 3_000_000 // share
    school, score30 = random.integers(0, 40_000, works), random.binomial(30, 0.55, works)
    names = np.arange(40_000).astype(object)
    seconds = least(
        lambda: spikes(
            np.bincount(school * 31 + score30, minlength=40_000 * 31).reshape(-1, 31), names, (9, 17, 24)
        )
    )
    print(f"spikes over 40,000 schools × {works:,} scores: {seconds:.2f} s")


def simulated(persons: int, top: int, random: np.random.Generator, *, slopes: bool) -> Responses:
    slope = random.lognormal(0, 0.25, ITEMS) if slopes else np.ones(ITEMS)
    steps = random.normal(0, 1, (ITEMS, top))
    theta = random.normal(size=persons)
    scores = np.empty((persons, ITEMS), np.int8)
    for item in range(ITEMS):
        logits = np.cumsum(slope[item] * (theta[:, None] - steps[item]), axis=1)
        chance = np.exp(np.column_stack([np.zeros(persons), logits]))
        bounds = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
        scores[:, item] = (random.random(persons)[:, None] > bounds[:, :-1]).sum(axis=1)
    names = tuple(f"q{n}" for n in range(ITEMS))
    return Responses(scores, names, np.zeros(persons, np.int64), ("",), np.ones(persons))


def hadamard(order: int) -> np.ndarray:
    """Sylvester's, of a power of two."""
    matrix = np.ones((1, 1))
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def least(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
