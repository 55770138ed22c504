"""Which candidate a page is: laid straight by its discs, the texts beside its codes are weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.layout import CORNER_RADIUS_MM, PlacedPage, Rectangle, place
from oko.engines.blanks.page_code import PageCode
from oko.engines.recognition.foreign.locating import by_marks_around
from oko.engines.recognition.foreign.mark_search import guesses_by_marks
from oko.engines.recognition.foreign.pages import ForeignPage, Mark
from oko.engines.recognition.foreign.projection import (
    cut_out,
    darkness,
    lies_as,
    quarter_of,
    resized,
    to_larger,
)
from oko.engines.recognition.foreign.quads import guesses_by_paper
from oko.engines.recognition.matching.candidates import Candidates, candidates, laid_out
from oko.engines.recognition.matching.glyphs import PX_PER_MM, Floats
from oko.engines.recognition.matching.scoring import Line, Scores, scores_of
from oko.engines.recognition.model import GreyImage, Matrix

_SEARCH_PX = 1000
_BASE_MM = 3.0  # of the base line within the room of the text, as printed
_BY_DISCS_MM, _BY_PAPER_MM = 2.0, 7.0  # how far a text may be from its place
_GROUND_MM = 3.0  # paper is seen so near to a letter
_BLACK_QUANTILE, _LEAST_BLACK = 99.0, 0.25
_TEXT = 0.42  # mean likeness of letters, from which a strip holds a text of ours
_SURE_TEXT = 0.6  # from which no other way to lay the page is tried
_WORSE = 0.2  # a strip that looks so much less like a text than the other says nothing
_TEMPERATURE = 0.3  # differences of sums of likeness to logarithms of odds
_BEHIND = (-0.07, 0.012)  # how far check letters may be behind the likest ones: middle and width of the doubt
_CLEAR = 0.95  # probability from which a match stands without a person
_TOLD = 3  # candidates of a page that is not clear
_MOST_GUESSES, _MOST_PAPERS = 12, 4  # ways to lie that are tried, by discs and by the edges of the paper
_SAME_PX = 2.0


@dataclass(frozen=True, slots=True)
class Candidate:
    code: PageCode
    confidence: float


@dataclass(frozen=True, slots=True)
class Match:
    """What a page may be, the likeliest first; `matrix` takes its millimetres to pixels of the scan given.

    Attributes:
        clear: the first candidate is the page; else a person should look.
    """

    candidates: tuple[Candidate, ...]
    clear: bool
    matrix: Matrix | None
    rotation: int


NOTHING = Match((), False, None, 0)


class Matcher:
    """Knows what could have been printed; asked of each page that has no readable code."""

    def __init__(
        self, definitions: Sequence[Definition], people: Iterable[Mapping[str, str]], key: bytes | None
    ) -> None:
        """All pages that Oko prints of these definitions for these people.

        Raises:
            DataError: the data do not fit the definitions.
        """
        rows = list(people)
        sizes: dict[tuple[float, float], list[Definition]] = {}
        for definition in definitions:
            if definition.foreign is None:
                sizes.setdefault((definition.width_mm, definition.height_mm), []).append(definition)
        self._kinds = [
            (_with_discs(place(of_size[0])[0]), candidates(of_size, rows, key)) for of_size in sizes.values()
        ]

    def __len__(self) -> int:
        return sum(len(among) for _, among in self._kinds)

    def match(self, scan: GreyImage) -> Match:
        """The page that a scan shows, by the printed text.

        Args:
            scan: grey, 200 dpi or more; letters of 7 points are not read from less than 130.
        """
        best, worth = NOTHING, 0.0
        for page, among in self._kinds:
            found, text = _matched(scan, page, among)
            if text > worth:
                best, worth = found, text
        return best


def place_of_text(scan: GreyImage, page: PlacedPage, code: PageCode, text: str) -> Matrix | None:
    """How a page lies of which the code is known: millimetres to pixels of `scan`; None without its text."""
    return _matched(scan, _with_discs(page), laid_out((text,), (code,)))[0].matrix


def _matched(scan: GreyImage, page: ForeignPage, among: Candidates) -> tuple[Match, float]:
    """The best match of one size of paper, and how much its strips look like texts of ours."""
    best, worth = NOTHING, 0.0
    for matrix, slack in _laid(scan, page):
        scores = [
            scores_of(line, among)
            for line in _lines(scan, page.page, matrix, slack, float(among.widths.max()))
        ]
        likely, text = _judged(scores)
        if text > worth:
            best, worth = _match(likely, among, matrix, page), text
        if worth > _SURE_TEXT:
            break
    return (best, worth) if worth >= _TEXT else (NOTHING, 0.0)


def _with_discs(page: PlacedPage) -> ForeignPage:
    """A page of Oko as a sheet with four discs: the same search finds it."""
    side = 2 * CORNER_RADIUS_MM
    discs = tuple(Mark("disc", x, y, side, side, 0.0, "", None) for x, y in page.corners)
    return ForeignPage(page, "marks", discs, None, None)


# Laying the page straight ----------------------------------------------------------------------------------


def _laid(scan: GreyImage, page: ForeignPage) -> Iterator[tuple[Matrix, float]]:
    """Ways in which the page may lie, and how far from its place a text may then be in millimetres."""
    factor = min(1.0, _SEARCH_PX / max(scan.shape))
    small = resized(scan, factor)
    tried: list[Matrix] = []
    for guesses in guesses_by_marks(small, page):
        for guess in guesses:
            better = by_marks_around(small, page, guess.matrix)
            if better is None or lies_as(better, tried, page.size_mm, _SAME_PX):
                continue
            tried.append(better)
            exact = by_marks_around(scan, page, to_larger(better, factor))
            yield (to_larger(better, factor) if exact is None else exact), _BY_DISCS_MM
            if len(tried) >= _MOST_GUESSES:
                break
        if len(tried) >= _MOST_GUESSES:
            break
    for matrix in guesses_by_paper(small, page)[:_MOST_PAPERS]:
        yield to_larger(matrix, factor), _BY_PAPER_MM


def _lines(scan: GreyImage, page: PlacedPage, matrix: Matrix, slack: float, longest_mm: float) -> list[Line]:
    """The strips of both texts, wide enough for the longest: long ones outgrow their room."""
    upper, lower = page.code_texts
    return [
        _line(scan, matrix, _widened(upper, longest_mm, to_the_right=True), slack, to_the_right=True),
        _line(scan, matrix, _widened(lower, longest_mm, to_the_right=False), slack, to_the_right=False),
    ]


def _widened(room: Rectangle, width_mm: float, *, to_the_right: bool) -> Rectangle:
    more = max(0.0, width_mm - room.w_mm)
    return Rectangle(room.x_mm - more * to_the_right, room.y_mm, room.w_mm + more, room.h_mm)


def _line(scan: GreyImage, matrix: Matrix, room: Rectangle, slack: float, *, to_the_right: bool) -> Line:
    margin = slack + 1.5
    moved = matrix @ np.array(((1, 0, room.x_mm - margin), (0, 1, room.y_mm - margin), (0, 0, 1)))
    size = (room.w_mm + 2 * margin, room.h_mm + 2 * margin)
    strip = cut_out(scan, moved, size, PX_PER_MM)
    anchor = margin + (room.w_mm if to_the_right else 0.0)
    return Line(_black(strip), anchor, margin + _BASE_MM, slack, to_the_right)


def _black(strip: GreyImage) -> Floats:
    """Darkness in shares of the darkest there."""
    dark = darkness(strip, round(_GROUND_MM * PX_PER_MM))
    black = max(_LEAST_BLACK, float(np.percentile(dark, _BLACK_QUANTILE)))
    return np.asarray(np.clip(dark / black, 0, 1), np.float32)


# Judging ---------------------------------------------------------------------------------------------------


def _judged(scores: Sequence[Scores]) -> tuple[list[tuple[int, float]], float]:
    """The likeliest candidates with their probability, and how much the strips look like texts of ours.

    A strip without a text (torn off, covered) says nothing: only strips that look like a text count.
    """
    means = [float(one.mean[int(one.total.argmax())]) for one in scores]
    least = max(_TEXT, max(means) - _WORSE)
    texts = [one for one, mean in zip(scores, means, strict=True) if mean >= least]
    if not texts:
        return [], max(means)
    total = np.sum([one.total for one in texts], axis=0)
    order = np.argsort(-total)[: _TOLD * 4]
    odds = np.exp((total - total[order[0]]) / _TEMPERATURE)
    share = odds[order] / odds.sum()
    check = np.mean([one.check for one in texts], axis=0)[order]
    middle, width = _BEHIND
    whole = 1 / (1 + np.exp(-(check - middle) / width))  # the check letters are those of this text
    mean = float(np.mean([one.mean[order[0]] for one in texts]))
    likely = sorted(zip(order.tolist(), (share * whole).tolist(), strict=True), key=lambda entry: -entry[1])
    return likely[:_TOLD], mean


def _match(
    likely: Sequence[tuple[int, float]], among: Candidates, matrix: Matrix, page: ForeignPage
) -> Match:
    found = tuple(Candidate(among.codes[number], probability) for number, probability in likely)
    clear = bool(found) and found[0].confidence >= _CLEAR
    return Match(found, clear, matrix, quarter_of(matrix, *page.size_mm))
