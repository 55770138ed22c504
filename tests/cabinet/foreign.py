"""For each address with ids: ids of things that belong to the school of the second region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cabinet.conftest import World

#: address name → parameter → how to find the foreign value in the small world
FOREIGN: dict[str, dict[str, Callable[[World], Any]]] = {}
