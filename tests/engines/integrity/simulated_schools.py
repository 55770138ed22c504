"""Schools of known truth: pupils answer 0/1 items; in the first `planted` schools somebody helped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ITEMS, CLASSES = 24, 2


@dataclass(frozen=True)
class Simulated:
    school: NDArray[np.int64]  # N
    class_label: NDArray[np.int64]  # N
    previous: NDArray[np.float64]  # S
    scores: NDArray[np.int64]  # N × ITEMS
    helped: NDArray[np.bool_]  # S

    def write(self, path: Path, observed: range | None = None) -> Path:
        """As a CSV with `school, class, previous, i1 …` and, where somebody observed, `observed`."""
        names = ["school", "class", "previous", *(["observed"] if observed is not None else [])]
        lines = [",".join([*names, *(f"i{item + 1}" for item in range(self.scores.shape[1]))])]
        for school, label, row in zip(self.school, self.class_label, self.scores, strict=True):
            seen = [str(int(school in observed))] if observed is not None else []
            cells = [f"s{school:03}", str(label), f"{self.previous[school]:.3f}", *seen, *map(str, row)]
            lines.append(",".join(cells))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def simulate(seed: int, schools: int = 200, planted: int = 0, help_with: str = "hard") -> Simulated:
    """Abilities with school and class effects; items that some schools and classes know better than others.

    Help: `hard` gives half of the pupils the eight hardest items; `same` makes most pupils of a class answer
    as its best one does; `all` gives most pupils every item.
    """
    random = np.random.default_rng(seed)
    difficulty = np.sort(random.normal(0, 1.1, ITEMS))
    previous = random.normal(0, 0.5, schools)
    parts = []
    for school in range(schools):
        effect, taught = 0.8 * previous[school] + random.normal(0, 0.25), random.normal(0, 0.15, ITEMS)
        for label in range(CLASSES):
            pupils = max(8, random.poisson(20))
            ability = effect + random.normal(0, 0.15) + random.normal(0, 1, pupils)
            logit = ability[:, None] - difficulty + taught + random.normal(0, 0.15, ITEMS)
            score = (random.random((pupils, ITEMS)) < 1 / (1 + np.exp(-logit))).astype(np.int64)
            if school < planted:
                _help(score, help_with, random)
            parts.append((np.full(pupils, school), np.full(pupils, label), score))
    school_of, label_of, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Simulated(school_of, label_of, previous, scores, np.arange(schools) < planted)


def _help(score: NDArray[np.int64], how: str, random: np.random.Generator) -> None:
    if how == "hard":
        score[random.random(len(score)) < 0.5, -8:] = 1
    elif how == "all":
        score[random.random(len(score)) < 0.6] = 1
    else:
        best = score[score.sum(axis=1).argmax()].copy()
        copied = (random.random((len(score), 1)) < 0.7) & (random.random(score.shape) < 0.85)
        score[:] = np.where(copied, best, score)
