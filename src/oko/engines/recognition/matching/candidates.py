"""The texts that may stand on a page: one for each person, blank and page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.engines.blanks.definition import Definition
from oko.engines.blanks.page_code import PageCode, PageCodeError, encode
from oko.engines.blanks.printing import DataError
from oko.engines.recognition.matching.glyphs import GLYPHS, advances_mm

MOST = 2_000_000


@dataclass(frozen=True)
class Candidates:
    """Texts as they would be printed, all at once.

    Attributes:
        glyphs: of each text the numbers of its letters in `GLYPHS`, n × longest; what is past its end is 0.
        starts: how far from its beginning each letter is, in millimetres, n × longest.
        lengths: letters of each text.
        widths: of each text, in millimetres.
    """

    codes: tuple[PageCode, ...]
    texts: tuple[str, ...]
    glyphs: NDArray[np.int16]
    starts: NDArray[np.float32]
    lengths: NDArray[np.intp]
    widths: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.codes)


def candidates(
    definitions: Sequence[Definition], people: Iterable[Mapping[str, str]], key: bytes | None
) -> Candidates:
    """The texts on all pages of these blanks for these people, each once.

    Raises:
        DataError: a column is missing, a value is not fit for a code, or there is nobody.
    """
    texts: dict[str, PageCode] = {}
    for row, person in enumerate(people, start=2):
        for definition in definitions:
            for code in _codes(definition, person, row):
                try:
                    texts.setdefault(encode(code, key), code)
                except PageCodeError as error:
                    raise DataError(f"Строка {row}: {error}.") from error
        if len(texts) > MOST:
            raise DataError(
                f"Страниц, которые могли быть напечатаны, больше {MOST}: разделите данные на части."
            )
    if not texts:
        raise DataError("В данных нет ни одной строки: искать не среди кого.")
    return laid_out(tuple(texts), tuple(texts.values()))


def _codes(definition: Definition, person: Mapping[str, str], row: int) -> Iterable[PageCode]:
    columns = definition.code
    for name in (columns.assessment, columns.organisation, columns.serial):
        if name not in person:
            there = ", ".join(f"«{column}»" for column in person)
            raise DataError(f"В данных нет столбца «{name}» (бланк «{definition.blank}»); есть {there}.")
    for number in range(1, len(definition.pages) + 1):
        yield PageCode(
            person[columns.assessment].lower(),
            definition.blank,
            definition.version,
            number,
            person[columns.organisation].lower(),
            person[columns.serial].upper(),
        )


def laid_out(texts: tuple[str, ...], codes: tuple[PageCode, ...]) -> Candidates:
    """Texts as printing would set them."""
    numbers = np.zeros(256, np.int16)
    for number, letter in enumerate(GLYPHS):
        numbers[ord(letter)] = number
    lengths = np.array([len(text) for text in texts], np.intp)
    longest = int(lengths.max())
    letters = np.array(texts, f"S{longest}").view(np.uint8).reshape(len(texts), longest)
    glyphs = numbers[letters]
    there = np.arange(longest) < lengths[:, None]
    advances = np.where(there, advances_mm()[glyphs], 0).astype(np.float32)
    ends = np.cumsum(advances, axis=1, dtype=np.float32)
    return Candidates(codes, texts, glyphs, ends - advances, lengths, ends[:, -1])
