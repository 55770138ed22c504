"""Hand-printed characters in cells: which one it is, and how surely."""

from oko.engines.recognition.characters.fields import FieldRead, read_field
from oko.engines.recognition.characters.reader import CharacterRead, CharacterReader, CharacterState

__all__ = [
    "CharacterRead",
    "CharacterReader",
    "CharacterState",
    "FieldRead",
    "read_field",
]
