"""What is reckoned from a page's layout once, for the thousands of sheets that share it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from oko.engines.blanks.layout import PlacedPage

Made = TypeVar("Made")

_KEPT = 8  # pages of so many blanks are read at the same time


def once_a_page(make: Callable[[PlacedPage], Made]) -> Callable[[PlacedPage], Made]:
    """Keep what `make` gives for the latest pages: by identity, since comparing layouts takes longer."""
    kept: OrderedDict[int, tuple[PlacedPage, Made]] = OrderedDict()

    @wraps(make)
    def made(page: PlacedPage) -> Made:
        found = kept.get(id(page))
        if found is None:  # the page is kept too: so its id stays its own
            found = kept[id(page)] = (page, make(page))
            if len(kept) > _KEPT:
                kept.popitem(last=False)
        return found[1]

    return made
