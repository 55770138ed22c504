"""Weights of a study step by step, and how many took part.

Sources: TIMSS 2019 Methods and Procedures, ch. 3 and 9 (LaRoche, Joncas, Foy); PISA 2018 Technical Report,
ch. 8 and 11; L. Kish, Survey Sampling (1965), p. 425 (effect of unequal weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.sampling.weighting.study import Status, Study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Weights:
    """Factors and their product for each school; nan where there is none.

    Attributes:
        bw_school: inverse of the probability with which the school was drawn.
        adj_school: for schools of its cell that did not take part.
        w_class, adj_student: for classes not drawn, for students who did not take part.
        w_final: of each student who took part.
    """

    bw_school: Floats
    adj_school: Floats
    w_class: Floats
    adj_student: Floats
    w_final: Floats
    notes: tuple[str, ...]


def weigh(study: Study, cells: NDArray[np.str_] | None = None) -> Weights:
    """Base weights, non-response within cells, classes, students.

    Args:
        cells: within which schools that took part stand for those that did not; the explicit strata if none.
    """
    numbers, eligible, participating = study.numbers, study.eligible, study.participating
    base = numbers["stratum_mos"] / (numbers["n_sampled"] * numbers["mos"])
    base = np.maximum(base, 1.0)  # a school larger than the interval was drawn with certainty
    cells = study.stratum if cells is None else cells
    adjusted, notes = _for_nonresponse(cells, eligible, participating)
    nothing = np.where(participating, 1.0, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_class = nothing * numbers["classes_total"] / numbers["classes_sampled"]
        of_student = nothing * numbers["students_eligible"] / numbers["students_tested"]
    final = base * adjusted * of_class * of_student
    return Weights(base, adjusted, of_class, of_student, final, (*study.notes, *notes))


def _for_nonresponse(
    cells: NDArray[np.str_], eligible: Flags, participating: Flags
) -> tuple[Floats, list[str]]:
    found, notes = np.full(len(cells), np.nan), []
    for name in dict.fromkeys(cells.tolist()):
        own = cells == name
        there, took_part = int((own & eligible).sum()), int((own & participating).sum())
        if there and not took_part:
            notes.append(
                f"Ячейка «{name}»: не участвовала ни одна школа, её ученики не представлены. Объедините её с "
                "другой (--cells)."
            )
        elif took_part:
            found[own & participating] = there / took_part
    return found, notes


def trimmed(weights: Floats, strata: NDArray[np.str_], students: Floats, most: float) -> tuple[Floats, int]:
    """Weights no larger than `most` medians of their stratum; what is cut off is shared out by the others.

    Potter, F. J. (1990). A study of procedures to identify and trim extreme sampling weights. Proceedings of
    the ASA Section on Survey Research Methods, 225–230.

    Args:
        students: who took part in each school, over whom the sum of a stratum is kept.

    Returns:
        The weights and how many were cut.
    """
    found, cut = weights.copy(), 0
    for name in dict.fromkeys(strata.tolist()):
        own = (strata == name) & np.isfinite(weights)
        if not own.any():
            continue
        limit = most * float(np.median(weights[own]))
        large = own & (weights > limit)
        rest = own & ~large
        if large.any() and rest.any():
            whole = float((weights[own] * students[own]).sum())
            found[large] = limit
            left = whole - limit * float(students[large].sum())
            found[rest] *= left / float((weights[rest] * students[rest]).sum())
            cut += int(large.sum())
    return found, cut


def kish_effect(weights: Floats, students: Floats) -> float:
    """By how much unequal weights enlarge the variance: n Σw² / (Σw)² over students."""
    there = np.isfinite(weights)
    w, n = weights[there], students[there]
    total = float((w * n).sum())
    return float(n.sum()) * float((w**2 * n).sum()) / total**2 if total else float("nan")


def rates(study: Study, weights: Weights) -> dict[str, float]:
    """Shares of schools and students who took part, unweighted and weighted, before and after replacement.

    Schools are weighted by base weight × enrolment, students by base weight × non-response of schools ×
    classes.
    """
    eligible, size = study.eligible, weights.bw_school * study.enrolment
    tested, there = study.numbers["students_tested"], study.numbers["students_eligible"]
    taking_part = study.participating & np.isfinite(weights.adj_school)
    of_students = weights.bw_school * weights.adj_school * weights.w_class
    found = {
        "school_unweighted_before": _share(study.original, eligible, np.ones(len(size))),
        "school_unweighted_after": _share(study.participating, eligible, np.ones(len(size))),
        "school_weighted_before": _share(study.original, eligible, size),
        "school_weighted_after": _share(study.participating, eligible, size),
        "student_unweighted": _ratio(tested[taking_part], there[taking_part]),
        "student_weighted": _ratio((of_students * tested)[taking_part], (of_students * there)[taking_part]),
    }
    for weighted in ("unweighted", "weighted"):
        for when in ("before", "after"):
            school, student = found[f"school_{weighted}_{when}"], found[f"student_{weighted}"]
            found[f"overall_{weighted}_{when}"] = school * student
    return found


def verdicts(found: dict[str, float]) -> dict[str, str]:
    """What the standards of TIMSS and PISA say of the rates.

    TIMSS 2019 Methods and Procedures, ch. 9: schools 85 % and students 85 %, or 75 % together, without
    replacements: met; with them: met after replacement; at least 50 % of schools without: nearly met. PISA
    2018
    Technical Report, ch. 11: 85 % of schools before replacement; 65–85 % within a zone that rises to 95 %
    after; 80 % of students.
    """
    return {"timss": _timss(found), "pisa": _pisa(found)}


def _timss(found: dict[str, float]) -> str:
    for when, said in (("before", "выполнено"), ("after", "выполнено только с заменами")):
        for weighted in ("unweighted", "weighted"):
            school, student = found[f"school_{weighted}_{when}"], found[f"student_{weighted}"]
            if (school >= 0.85 and student >= 0.85) or school * student >= 0.75:
                return said
    return "почти выполнено" if found["school_weighted_before"] >= 0.5 else "не выполнено"


def _pisa(found: dict[str, float]) -> str:
    before, after = found["school_weighted_before"], found["school_weighted_after"]
    if found["student_weighted"] < 0.8:
        return "не выполнено: учеников меньше 80 %"
    if before >= 0.85:
        return "выполнено"
    if before < 0.65:
        return "не выполнено: школ до замен меньше 65 %"
    needed = 0.85 + (0.85 - before) / 2  # from 85 % at 85 % to 95 % at 65 %
    return "выполнено с заменами" if after >= needed else f"промежуточная зона: с заменами нужно {needed:.1%}"


def _share(some: Flags, eligible: Flags, size: Floats) -> float:
    return _ratio(size[some & eligible], size[eligible])


def _ratio(some: Floats, all_of_them: Floats) -> float:
    whole = float(np.nansum(all_of_them))
    return float(np.nansum(some)) / whole if whole else float("nan")


__all__ = ["Status", "Weights", "kish_effect", "rates", "trimmed", "verdicts", "weigh"]
