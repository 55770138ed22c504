"""Two networks are heard as one: the thorough one only where the quick one is not sure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from oko.engines.blanks.definition import CAPITALS
from oko.engines.recognition.characters.calibration import SURE, Calibration, kind_of
from oko.engines.recognition.characters.classes import CLASSES, INDEX
from oko.engines.recognition.characters.reader import CharacterReader, Models, shipped_models
from oko.engines.recognition.characters.training.measuring import PERMITTED, Judged, Seen, fitted, judge

Floats = NDArray[np.float32]
ALIKE = Calibration(
    {"digits": 1.0, "letters": 1.0, "all": 1.0},
    {"digits": (0.0, 1.0), "letters": (0.5, 0.5), "all": (0.5, 0.5)},
)


def logits(**of: float) -> Floats:
    """One cell: so much for the classes named, nothing for the others."""
    found = np.zeros((1, len(CLASSES)), np.float32)
    for name, value in of.items():
        found[0, INDEX[name.removeprefix("d")]] = value
    return found


def asked_about(quick: Floats, permitted: list[str], second: Floats) -> tuple[Floats, list[int]]:
    """The probabilities, and which cells the thorough network was asked about."""
    asked: list[int] = []

    def again(places: NDArray[np.intp]) -> Floats:
        asked.extend(places.tolist())
        return second[places]

    return ALIKE.probabilities(quick, permitted, again), asked


def test_a_sure_answer_stands_and_a_doubtful_one_is_looked_at_again() -> None:
    quick = np.concatenate((logits(d7=20), logits(d7=2, d1=1.5)))
    second = np.concatenate((logits(d1=20), logits(d1=20)))

    found, asked = asked_about(quick, ["0123456789"] * 2, second)

    assert asked == [1]
    assert [CLASSES[one] for one in found.argmax(axis=1)] == ["7", "1"]
    assert found[0].max() >= SURE


def test_a_scrawl_is_rarer_than_a_letter_that_looks_like_one() -> None:
    quick = logits(**{"А": 9, "not a character": 9.5})

    found, _ = asked_about(quick, [CAPITALS], quick)

    assert CLASSES[found.argmax()] == "А"


def test_nothing_that_a_field_does_not_permit_is_heard_from_either() -> None:
    quick, second = logits(О=9, d0=8.5), logits(О=20, d0=1)

    digits, _ = asked_about(quick, ["0123456789"], second)
    letters, _ = asked_about(quick, [CAPITALS], second)

    assert CLASSES[digits.argmax()] == "0"
    assert digits[0, INDEX["О"]] == 0
    assert CLASSES[letters.argmax()] == "О"


def test_kinds_of_field_have_their_own_calibration() -> None:
    assert [kind_of(one) for one in ("01-,", CAPITALS, "А1", "-,")] == ["digits", "letters", "all", "all"]
    quick, second = np.concatenate([logits(d3=1, d8=1)] * 2), np.concatenate([logits(d3=4)] * 2)

    found, asked = asked_about(quick, ["38", "38А"], second)

    assert asked == [0, 1]
    assert found[0].max() > found[1].max()  # of digits the thorough network is heard alone


def test_the_calibration_is_written_down_and_read_again() -> None:
    assert Calibration.from_json(ALIKE.as_json()) == ALIKE


def test_what_is_fitted_makes_confidence_honest_and_prefers_the_better_network() -> None:
    rng = np.random.default_rng(4)
    labels = rng.integers(33, 43, 6000)  # digits
    truth = np.eye(len(CLASSES))[labels]
    quick = (12 * truth + rng.normal(0, 6, truth.shape)).astype(np.float32)
    thorough = (12 * truth + rng.normal(0, 4, truth.shape)).astype(np.float32)
    kinds = ["digits", "letters", "all"]
    first, second = Seen(quick[:3000], thorough[:3000], labels[:3000]), slice(3000, None)

    found = fitted([(first, kinds)])

    mine, other = found.together["digits"]
    assert other > mine > 0
    seen = Seen(quick[second], thorough[second], labels[second])
    judged = judge(seen.probabilities(PERMITTED["digits"], found), seen.labels)
    alone = judge(
        Seen(seen.quick, seen.quick, seen.labels).probabilities(PERMITTED["digits"], found), seen.labels
    )
    assert judged.accuracy > alone.accuracy
    assert judged.calibration_error() < 0.02
    assert 0 < seen.seen_twice(PERMITTED["digits"], found) < 1


def test_few_cells_show_a_calibration_error_even_where_confidence_is_honest() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.uniform(0.7, 1, 40_000).astype(np.float32)
    honest = Judged(confidence, rng.random(len(confidence)) < confidence)
    few = Judged(confidence[:600], honest.right[:600])
    boastful = Judged(confidence, rng.random(len(confidence)) < confidence - 0.1)

    assert honest.calibration_error() == pytest.approx(honest.error_by_chance(), abs=0.003)
    assert few.error_by_chance() > 4 * honest.error_by_chance()
    assert boastful.calibration_error() > 10 * boastful.error_by_chance()


def test_networks_of_different_trainings_are_not_heard_together(
    cell: Callable[..., NDArray[np.uint8]],
) -> None:
    shipped = shipped_models()

    with pytest.raises(ValueError, match="разных обучений"):
        CharacterReader(Models(shipped.thorough, shipped.thorough))
    with pytest.raises(ValueError, match="других классах"):
        CharacterReader(Models(shipped.thorough, shipped.quick))
