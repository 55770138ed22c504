"""What becomes of a page on its way to a file.

    image, matrix = degrade(page, "scanner", rng)

All parameters are drawn from the generator: the same seed gives the same picture.

clean    nothing; JPEG 90.
scanner  ±1.5°, ±2 %, up to 5 mm aside, one of ten upside down; paper 228–252, blur σ 0.3–0.8 px,
         noise σ 1.5–5, half of them shaded by up to 10 %; JPEG 75–85.
copier   a copy of a copy (threshold 196–222, soft), worn toner in bands, laid as on a scanner,
         100–1500 specks, streaks, dark edges, noise σ 2–6; JPEG 70–80.
phone    curled by up to 1.8 mm, crumpled, in perspective on a table, 8 or 12 megapixels, light uneven by
         10–40 %, a shadow on half of them, defocus σ 0.6–1.7 px, noise σ 2–7, quarter turns; JPEG 60.
bad      several of: a corner torn off (up to 58 mm) or folded (34 mm), coffee, stamp, punch holes, staple,
         worn toner, faint (contrast 85–140 of 255), crumpled, ±15° and ±4 %, 150–300 dpi, black or grey
         around, dark edges, shading, streaks, specks, blur, noise, quarter turns; JPEG 30–60, or 1-bit
         TIFF (G4).

Pixels are those of 300 dpi. What was done to each page stands in `Degraded.faults`. Three discs and a code
stay at least; no fault hides a cell that a caller names in `keep`.
"""

from oko.engines.blanks.filling.degrading.modes import MODES, Degraded, degrade, degraded

__all__ = ["MODES", "Degraded", "degrade", "degraded"]
