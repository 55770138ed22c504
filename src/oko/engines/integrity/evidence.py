"""All signs together: one record a school, with numbers, pictures, and what else could explain it.

z of the signs are added and divided by the standard deviation of their sum (Stouffer, S. A., et al. (1949).
The American soldier, vol. 1, p. 45; with correlated signs Strube, M. J. (1985). Combining and comparing
significance levels from nonindependent hypothesis tests. Psychological Bulletin, 97(2), 334–341).
Correlations are those of the schools compared with; negative ones count as 0. p of all schools together are
judged by Benjamini and Hochberg's false discovery rate. Signs of opposite directions cancel in the sum:
each sign is also judged alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.engines.integrity.answers import NOT_PRESENTED, Answers
from oko.engines.integrity.explanations import CAUTION, EXPLANATIONS, TITLES
from oko.engines.integrity.homogeneity import homogeneity
from oko.engines.integrity.judging import IntegrityError, Judged, Sign, judge
from oko.engines.integrity.prediction import prediction
from oko.engines.integrity.profile import profile
from oko.engines.integrity.spikes import SpikesError, spikes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """The numbers of the combination, with their version."""

    version: str = "2026.1"
    false_discoveries: float = 0.05
    least_alike: int = 30  # schools with both signs, for their correlation; fewer: taken as 0


@dataclass(frozen=True)
class Evidence:
    rule: Rule
    signs: tuple[Sign, ...]
    skipped: dict[str, str]  # sign → why it could not be reckoned
    correlations: Floats  # signs × signs
    judged: Judged
    of_signs: NDArray[np.int64]  # S: how many signs could be reckoned
    notes: tuple[str, ...]


def evidence(answers: Answers, cuts: Sequence[int] | None = None, rule: Rule | None = None) -> Evidence:
    """Reckon every sign that the data allow, and their combination.

    Args:
        cuts: the lowest total of each mark but the first; without them there is no sign of spikes.

    Raises:
        IntegrityError: no sign can be reckoned.
    """
    rule = rule or Rule()
    signs: list[Sign] = []
    skipped: dict[str, str] = {}
    tried: dict[str, Callable[[], Sign]] = {
        "spikes": lambda: spikes_sign(answers, cuts),
        "profile": lambda: profile(answers),
        "prediction": lambda: prediction(answers),
        "homogeneity": lambda: homogeneity(answers),
    }
    for name, reckon in tried.items():
        try:
            signs.append(reckon())
        except (IntegrityError, SpikesError) as reason:
            skipped[name] = str(reason)
    if not signs:
        raise IntegrityError("Ни один признак не посчитан. " + " ".join(skipped.values()))
    z = np.stack([np.where(np.isfinite(sign.judged.q), sign.judged.z, np.nan) for sign in signs])
    notes = [f"{TITLES[name]}: не посчитано. {why}" for name, why in skipped.items()]
    correlations = _correlations(z, _compared(signs), rule.least_alike, signs, notes)
    known = np.isfinite(z)
    error = np.sqrt(np.maximum(np.einsum("as,ab,bs->s", known, correlations, known), 1.0))
    shift = np.where(known, np.stack([sign.shift for sign in signs]), 0).sum(axis=0) / error
    enough = known.any(axis=0)
    joint = np.where(enough, np.where(known, z, 0).sum(axis=0) / error, np.nan)
    judged = judge(joint, enough, shift, rule.false_discoveries)
    return Evidence(rule, tuple(signs), skipped, correlations, judged, known.sum(axis=0), tuple(notes))


def spikes_sign(answers: Answers, cuts: Sequence[int] | None) -> Sign:
    """Spikes among those who were given all items.

    Raises:
        IntegrityError: no boundaries were named, or nobody was given all items.
        SpikesError: boundaries that cannot be.
    """
    if not cuts:
        raise IntegrityError("Границы отметок не заданы (--cuts).")
    whole = (answers.scores != NOT_PRESENTED).all(axis=1)
    if not whole.any():
        raise IntegrityError("Нет учеников, у которых известны баллы за все задания.")
    width, schools = int(answers.maxima.sum()) + 1, len(answers.schools)
    place = answers.school_of[whole] * width + answers.totals[whole]
    counts = np.bincount(place, minlength=schools * width).reshape(schools, width)
    found = spikes(counts, np.array(answers.schools, dtype=object), cuts)
    of = found.schools
    n = counts.sum(axis=1)
    expected = n[:, None] * of.shape
    left_out = int((~whole).sum())
    return Sign(
        name="spikes",
        rule=found.rule,
        norm=None,
        numbers={
            "n": of.n,
            "in_windows": of.in_windows,
            "observed_up": of.observed_up,
            "expected_up": of.expected_up,
        },
        judged=Judged(of.z, of.p, of.q, of.flagged, of.power),
        shift=of.shift,
        pictures=[
            {"cuts": sorted(cuts), "counts": seen.tolist(), "expected": foretold.tolist()}
            for seen, foretold in zip(counts, expected, strict=True)
        ],
        notes=(f"Учеников, у которых известны не все баллы: {left_out}; во всплесках не учтены.",)
        if left_out
        else (),
    )


def records(answers: Answers, found: Evidence) -> list[dict[str, Any]]:
    """One record a school, ready for JSON: the combination, then each sign with all that a page shows."""
    joint = judged_rows(found.judged)
    by_sign = [(sign, judged_rows(sign.judged), number_rows(sign)) for sign in found.signs]
    return [
        {
            "school": school,
            "n": int(n),
            **joint[index],
            "signs_flagged": [sign.name for sign in found.signs if sign.judged.flagged[index]],
            "signs": [
                {
                    "sign": sign.name,
                    "title": TITLES[sign.name],
                    **judged[index],
                    "numbers": numbers[index],
                    "picture": sign.pictures[index],
                    "explanations": list(EXPLANATIONS[sign.name]),
                }
                for sign, judged, numbers in by_sign
            ],
            "caution": CAUTION,
        }
        for index, (school, n) in enumerate(zip(answers.schools, answers.size.tolist(), strict=True))
    ]


def judged_rows(judged: Judged) -> list[dict[str, Any]]:
    """z, p, q, flagged, power: one dictionary a school."""
    return _rows({name: getattr(judged, name) for name in ("z", "p", "q", "flagged", "power")})


def number_rows(sign: Sign) -> list[dict[str, Any]]:
    """The indicator's own numbers: one dictionary a school."""
    return _rows(sign.numbers)


def described(sign: Sign) -> dict[str, Any]:
    """The rule and whom schools were compared with, ready for JSON."""
    norm = sign.norm
    return {
        "sign": sign.name,
        "title": TITLES[sign.name],
        "rule": asdict(sign.rule),
        "norm": {"n_schools": norm.n_schools} if norm and norm.is_norm else None,
        "compared_with": norm.compared_with if norm else "theory",
        "norm_note": norm.note
        if norm
        else "Норма не нужна: сравнение с распределением баллов без всплесков.",
        "notes": list(sign.notes),
    }


def _rows(columns: dict[str, NDArray[Any]]) -> list[dict[str, Any]]:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _compared(signs: Sequence[Sign]) -> NDArray[np.bool_]:
    """S: the schools on which the norm stands, all where none does."""
    norms = [sign.norm.members for sign in signs if sign.norm is not None and sign.norm.is_norm]
    return norms[0] if norms else np.ones(len(signs[0].shift), dtype=bool)


def _correlations(
    z: Floats, compared: NDArray[np.bool_], least: int, signs: Sequence[Sign], notes: list[str]
) -> Floats:
    found = np.eye(len(z))
    for a, b in combinations(range(len(z)), 2):
        first, second = z[a], z[b]
        both = compared & np.isfinite(first) & np.isfinite(second)
        if both.sum() < least:
            notes.append(
                f"Школ, где есть и «{TITLES[signs[a].name]}», и «{TITLES[signs[b].name]}», "
                f"{int(both.sum())}: связь этих признаков не оценена, они взяты как независимые."
            )
            continue
        if first[both].std() > 0 and second[both].std() > 0:
            found[a, b] = found[b, a] = max(float(np.corrcoef(first[both], second[both])[0, 1]), 0.0)
    return found
