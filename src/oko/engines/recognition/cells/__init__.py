"""Cells of a page laid straight: what is marked, written or empty, and how surely."""

from oko.engines.recognition.cells.characters import CharacterModel
from oko.engines.recognition.cells.crops import cell_crops
from oko.engines.recognition.cells.reading import read_fields

__all__ = ["CharacterModel", "cell_crops", "read_fields"]
