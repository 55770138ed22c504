"""Intake of a PDF of JPEG scans beside bare extraction and decoding of the same pages.

    .venv/bin/python benchmarks/scan_intake.py            # --quick: fewer pages

300-dpi grey A4 pages. The floor takes each page's JPEG out with pikepdf and decodes it at half size with
OpenCV, in one loop. Both on one core; least of several rounds, CPU time.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pikepdf
from PIL import Image

from oko.engines.blanks.definition import load_definition, shipped_definitions
from oko.engines.blanks.filling.raster import page_rasters
from oko.engines.recognition.intake import pages_of

ROUNDS, MOST = 3, 1.5


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    pages, many = (20, 200) if quick else (60, 5_000)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scans.pdf"
        write_scans(path, pages)
        list(read(path)), list(bare(path))  # warm
        ours = min(cpu_seconds(lambda: list(read(path))) for _ in range(ROUNDS))
        floor = min(cpu_seconds(lambda: list(bare(path))) for _ in range(ROUNDS))
        before = peak_mb()
        for _ in range(many // pages):
            for _scan in read(path):
                pass
        grown = peak_mb() - before
    print(f"bare extraction and half-size decode: {1000 * floor / pages:6.1f} ms a page")
    print(f"Oko:                                  {1000 * ours / pages:6.1f} ms a page")
    print(f"ratio {ours / floor:.2f} (at most {MOST})")
    print(f"peak memory grew by {grown:.1f} MB over {many} more pages")
    return 0 if ours / floor <= MOST else 1


def write_scans(path: Path, pages: int) -> None:
    """A PDF of pages as a scanner makes them: paper noise, JPEG 80."""
    definition = load_definition(shipped_definitions()["answers-1.json"])
    rng = np.random.default_rng(1)
    scans = []
    for number in range(pages):
        person = {"assessment": "vpr-2026", "organisation": "edu640001", "participant": f"{40_000 + number}"}
        page = page_rasters(definition, person)[0].astype(np.float32)
        noisy = np.clip(page * 0.95 + rng.normal(0, 4, page.shape), 0, 255).astype(np.uint8)
        scans.append(Image.fromarray(noisy))
    scans[0].save(path, "PDF", save_all=True, append_images=scans[1:], resolution=300, quality=80)


def read(path: Path) -> Iterator[float]:
    for page in pages_of(path):
        yield float(page.grey().image.mean())


def bare(path: Path) -> Iterator[float]:
    with pikepdf.open(path) as document:
        for page in document.pages:
            data = next(iter(page.get_images().values())).read_raw_bytes()
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_2)
            assert image is not None
            yield float(image.mean())


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
