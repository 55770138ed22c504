"""What light, glass, toner and electronics do to the picture of a page."""

from __future__ import annotations

import cv2
import numpy as np

from oko.engines.blanks.filling.degrading.scan import Scan, coarse_noise, fine_noise, moved
from oko.engines.blanks.filling.raster import GreyImage


def blur(scan: Scan, sigma: float) -> None:
    """Out of focus; `sigma` in pixels of 300 dpi."""
    here = sigma * scan.dpi / 300
    if here > 0.2:
        scan.image = cv2.GaussianBlur(scan.image, (0, 0), here).astype(np.uint8)


def noise(scan: Scan, sigma: float, rng: np.random.Generator) -> None:
    scan.image = cv2.add(scan.image, fine_noise(scan.image.shape, sigma, rng), dtype=cv2.CV_8U).astype(
        np.uint8
    )


def tone(scan: Scan, black: float, white: float) -> None:
    """What was black and white becomes these greys."""
    levels = np.arange(256) / 255
    scan.image = cv2.LUT(scan.image, np.rint(black + (white - black) * levels).astype(np.uint8)).astype(
        np.uint8
    )


def shade(scan: Scan, strength: float, rng: np.random.Generator) -> None:
    """Light that is not even: a few broad hills, down to 1 - strength."""
    hills = coarse_noise((64, 64), (3, 3), rng)
    hills = (hills - hills.min()) / max(1e-6, float(np.ptp(hills)))
    dim(scan, 1 - strength * hills)


def shadow(scan: Scan, strength: float, rng: np.random.Generator) -> None:
    """The shadow of a hand or a head with a soft edge, over a part of the page."""
    side = np.mgrid[0:64, 0:64].astype(np.float32) / 64
    angle, where = rng.uniform(0, 2 * np.pi), rng.uniform(-0.25, 0.25)
    away = (side[1] - 0.5) * np.cos(angle) + (side[0] - 0.5) * np.sin(angle)
    away = away + 0.06 * np.sin(side[0] * rng.uniform(3, 8) + rng.uniform(0, 6))
    inside = 1 / (1 + np.exp((away - where) / rng.uniform(0.015, 0.06)))
    dim(scan, 1 - strength * inside)
    scan.note(f"shadow {strength:.2f}")


def dim(scan: Scan, light: np.ndarray) -> None:
    """Multiply by a small map of light that is stretched over the picture."""
    height, width = scan.image.shape
    full = cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    scan.image = cv2.multiply(scan.image, full, dtype=cv2.CV_8U).astype(np.uint8)


def generation_loss(scan: Scan, rng: np.random.Generator) -> None:
    """A copy of a copy: greys go to black or white. Pencil goes to black: the threshold lies above it."""
    blur(scan, rng.uniform(0.6, 1.2))
    threshold, soft = rng.uniform(196, 222), rng.uniform(7, 20)
    noise(scan, rng.uniform(3, 8), rng)
    levels = 255 / (1 + np.exp((threshold - np.arange(256)) / soft))
    black = rng.uniform(5, 50)
    scan.image = cv2.LUT(scan.image, np.rint(black + levels * (252 - black) / 255).astype(np.uint8)).astype(
        np.uint8
    )
    scan.note("generation loss")


def worn_toner(scan: Scan, rng: np.random.Generator) -> None:
    """Bands down the page where print is pale and breaks up."""
    height, width = scan.image.shape
    bands = coarse_noise((2, 128), (1, int(rng.integers(5, 12))), rng)
    pale = np.clip(0.3 * bands + 0.1, 0, rng.uniform(0.25, 0.5))
    full = cv2.resize(pale.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    grain = cv2.blur(np.abs(fine_noise(scan.image.shape, 100, rng)).astype(np.uint8), (3, 3))
    left = 1 - np.minimum(cv2.multiply(grain, full, scale=1 / 255, dtype=cv2.CV_32F) + full * 0.7, 0.62)
    scan.image = 255 - cv2.multiply(255 - scan.image, left, dtype=cv2.CV_8U).astype(np.uint8)
    scan.note("worn toner")


def specks(scan: Scan, count: int, rng: np.random.Generator) -> None:
    """Grains of toner and dust, most of 0.1–0.3 mm."""
    height, width = scan.image.shape
    for x, y, size, grey in zip(
        rng.integers(0, width, count),
        rng.integers(0, height, count),
        rng.exponential(0.05, count) + 0.05,
        rng.integers(0, 120, count),
        strict=True,
    ):
        radius = round(min(size, 0.22) * scan.px_per_mm)
        cv2.circle(scan.image, (int(x), int(y)), radius, (int(grey),), -1)
    scan.note(f"{count} specks")


def streaks(scan: Scan, rng: np.random.Generator) -> None:
    """Dirt on the glass of a scanner that draws paper in: thin lines down the whole page."""
    height, width = scan.image.shape
    for _ in range(int(rng.integers(1, 5))):
        x, wide = int(rng.integers(0, width)), int(rng.integers(1, 4))
        strength = rng.uniform(0.25, 0.8)
        column = np.clip(0.8 + 0.3 * coarse_noise((height, 1), (30, 1), rng), 0.2, 1) * strength
        part = scan.image[:, x : x + wide].astype(np.float32)
        towards = 20 if rng.random() < 0.7 else 250
        scan.image[:, x : x + wide] = np.rint(part + (towards - part) * column).astype(np.uint8)
    scan.note("streaks")


def dark_edges(scan: Scan, furthest_mm: float, rng: np.random.Generator) -> None:
    """The lid was open, or the page lay askew: black along one or more edges, up to discs and codes."""
    height, width = scan.image.shape
    there = moved(scan.anchors, scan.matrix)
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    edges = (
        (x, there[:, 0].min(), np.s_[:, : width // 8]),
        (width - 1 - x, width - there[:, 0].max(), np.s_[:, -width // 8 :]),
        (y, there[:, 1].min(), np.s_[: height // 8, :]),
        (height - 1 - y, height - there[:, 1].max(), np.s_[-height // 8 :, :]),
    )
    for number in rng.permutation(4)[: int(rng.integers(1, 4))]:
        distances, free, part = edges[number]
        soft = rng.uniform(0.3, 0.8) * scan.px_per_mm
        wide = min(rng.uniform(1, furthest_mm) * scan.px_per_mm, free - 3 * soft - scan.px_per_mm)
        if wide > 0:
            light = 1 / (1 + np.exp(np.clip((wide - distances[part]) / soft, -30, 30)))
            scan.image[part] = np.rint(scan.image[part] * (0.06 + 0.94 * light)).astype(np.uint8)
    scan.note("dark edges")


def one_bit(scan: Scan, rng: np.random.Generator) -> None:
    """Black and white, as scanners do it: dark, or darker than around by so much, is black. Pencil stays."""
    soft = cv2.GaussianBlur(scan.image, (0, 0), 0.7)
    side = int(8 * scan.px_per_mm) | 1
    local = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, side, float(rng.uniform(14, 24))
    )
    local[soft < 0.62 * np.percentile(soft[::16, ::16], 75)] = 0
    scan.image = local.astype(np.uint8)
    scan.note("1 bit")


def table(size: tuple[int, int], rng: np.random.Generator) -> GreyImage:
    """A table to photograph a page on: of one colour, wooden, or chequered cloth; darker than paper."""
    width, height = size
    grey, kind = rng.uniform(35, 150), rng.choice(("plain", "wood", "cloth"))
    if kind == "plain":
        surface = grey + 6 * coarse_noise((height, width), (9, 7), rng)
    elif kind == "wood":
        rings = coarse_noise((height, width), (6, 90), rng) + 0.6 * coarse_noise(
            (height, width), (20, 300), rng
        )
        surface = grey + 11 * rings
    else:
        y, x = np.arange(height)[:, None], np.arange(width)[None, :]
        cell = int(rng.integers(90, 180))
        surface = grey + 14 * ((x // cell) % 2 + (y // cell) % 2) + 0.0
    return np.asarray(np.clip(surface, 5, 190), np.uint8)
