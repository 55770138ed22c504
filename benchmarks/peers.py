"""Public tools that do the same work, for ratios in the same run.

They are no requirement of Oko. In an environment of its own:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install mirt svy scipy pyarrow threadpoolctl typer
    PYTHONPATH=src /tmp/peers/bin/python benchmarks/scale_fit.py

Where one is not installed its figures are left out, and that is said.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from oko.engines.psychometrics.scaling.data import Responses
from oko.engines.sampling.estimation.estimate import Estimate


def installed(name: str) -> bool:
    found = importlib.util.find_spec(name) is not None
    if not found:
        print(f"PyPI {name} is not installed here: no peer (see benchmarks/peers.py)")
    return found


def mirt_fit(responses: Responses, model: str) -> Callable[[], object]:
    """PyPI `mirt` (Rust) with standard errors, its own defaults otherwise."""
    import mirt

    scores = responses.scores.astype(np.int64)
    return lambda: mirt.fit_mirt(scores, model=model.upper())


def svy_means(
    weight: np.ndarray, given: np.ndarray, group: np.ndarray, y: np.ndarray
) -> Callable[[], object]:
    """PyPI `svy`: means by group with Fay's replicates (0.5) whose weights are N × R."""
    import polars
    import svy

    columns = {f"r{n + 1}": given[:, n] for n in range(given.shape[1])}
    data = polars.DataFrame({"w": weight, "y": y, "g": group, **columns})
    replicates = svy.BrrWgts(prefix="r", n_reps=given.shape[1], fay_coef=0.5)
    sample = svy.Sample(data=data, design=svy.Design(wgt="w", rep_wgts=replicates))
    # PISA and TIMSS deviate from the full sample's estimate; svy does so when it is told.
    return lambda: sample.estimation.mean(y="y", by="g", method="replication", variance_center="estimate")


def same_numbers(own: list[Estimate], theirs: object) -> float:
    """The largest relative difference of estimates and errors."""
    found = {str(one.by_level[0]): (one.est, one.se) for one in theirs.estimates}  # type: ignore[attr-defined]
    return max(
        max(abs(one.estimate / found[one.group][0] - 1), abs(one.se / found[one.group][1] - 1)) for one in own
    )
