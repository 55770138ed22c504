"""What becomes of a page on its way to a file.

    image, matrix = degrade(page, "scanner", rng)

All parameters are drawn from the generator: the same seed gives the same picture.

| mode    | geometry                                  | light and toner                        | file               |
|---------|-------------------------------------------|----------------------------------------|--------------------|
| clean   | none                                      | none                                   | JPEG 90            |
| scanner | ±1.5°, ±2 %, ≤ 5 mm, one of ten reversed  | blur σ ≤ 0.8 px, noise σ ≤ 5, shading, paper 228–252 | JPEG 75–85 |
| copier  | ±1.5°, ±2 %, ≤ 5 mm                       | generation loss by threshold, specks, streaks, worn toner, dark edges | JPEG 70–80 |
| phone   | perspective, curled paper, on a table     | uneven light, shadow, defocus σ ≤ 1.7 px, noise | JPEG 60   |
| bad     | ±15° and quarter turns, stretched, crumpled, 150–300 dpi | two to five faults of `faults`, faint | JPEG 30–60, or 1-bit TIFF G4 |
"""

from oko.engines.blanks.filling.degrading.modes import MODES, Degraded, degrade, degraded

__all__ = ["MODES", "Degraded", "degrade", "degraded"]
