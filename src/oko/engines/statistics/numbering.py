"""Groups as whole numbers, since texts are slow to group by: a country's schools have a million rows of sums.

A school's number is made of the positions of its region, municipality and itself among all of them, as an
hour, a minute and a second make a time of day; the numbers of its municipality and region follow by division.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numbering:
    """`names` of each key in the order of their positions, from the region down."""

    names: Mapping[str, pa.Array]

    def above(self, groups: Numbers, depth: int, own_depth: int | None = None) -> Numbers:
        """The numbers of the groups of `depth` keys in which these are: schools, or groups of `own_depth`."""
        return groups if depth == own_depth else groups // prod(self._sizes[depth:own_depth])

    def texts(self, groups: Numbers, depth: int) -> dict[str, pa.Array]:
        """The codes of groups of so many keys; null for the keys that they do not have."""
        codes = {}
        for position, (key, names) in enumerate(self.names.items()):
            if position < depth:
                own = groups // prod(self._sizes[position + 1 : depth]) % max(len(names), 1)
                codes[key] = names.take(pa.array(own))
            else:
                codes[key] = pa.nulls(len(groups), pa.string())
        return codes

    @property
    def _sizes(self) -> list[int]:
        return [max(len(names), 1) for names in self.names.values()]


def number_schools(schools: pa.Table, keys: Sequence[str]) -> tuple[Numbering, Numbers]:
    """The numbers of the schools that stand in the rows under these keys."""
    numbers = np.zeros(len(schools), dtype=np.int64)
    names = {}
    for key in keys:
        encoded = schools[key].combine_chunks().dictionary_encode()
        names[key] = encoded.dictionary.cast(pa.string())
        numbers = numbers * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy(zero_copy_only=False)
    return Numbering(names), numbers
