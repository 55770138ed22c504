"""Blanks filled as by hand and degraded as by scanners: sets of which the truth is known.

`raster` prints pages as pictures, `pens`, `marks` and `handwriting` write on them, `sheets` decides what and
keeps the truth, `degrading` makes of a page what a scanner, a copier or a phone makes of it, `sets` does it all.
"""
