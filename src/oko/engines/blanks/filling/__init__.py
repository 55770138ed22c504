"""Blanks filled as by hand and degraded as by scanners: sets of which the truth is known.

    fill(definition, glyphs, count=20, mode="scanner", seed=1, out=Path("scans"))

`raster` prints pages as pictures, `pens`, `marks` and `handwriting` write on them, `answers` says what,
`sheets` keeps the truth of a page, `degrading` makes of it what a scanner, a copier or a phone makes of it,
`sets` does all that for many people.
"""

from oko.engines.blanks.filling.glyphs import Glyphs, GlyphsError, read_glyphs
from oko.engines.blanks.filling.sets import FillError, check, fill, wanted_characters

__all__ = ["FillError", "Glyphs", "GlyphsError", "check", "fill", "read_glyphs", "wanted_characters"]
