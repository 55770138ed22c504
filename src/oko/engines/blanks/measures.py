"""What all parts of a definition are made of: strict objects, lengths, codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: No page is longer than this, in millimetres or in pixels of a picture of it.
LONGEST = 20_000

Millimetres = Annotated[float, Field(ge=0, le=LONGEST)]
Size = Annotated[float, Field(gt=0, le=LONGEST)]
Shift = Annotated[float, Field(ge=-LONGEST, le=LONGEST)]


class Strict(BaseModel):
    """An object that has no other keys than those described."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
