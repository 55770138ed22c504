"""Marks, dirt and cancelled boxes are what they are called, whoever's hand draws them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oko.engines.blanks.filling.marks import (
    KINDS,
    Box,
    Style,
    draw_dirt,
    draw_mark,
    fill_whole,
    near_style,
    some_style,
)
from oko.engines.blanks.filling.pens import Pen
from oko.engines.blanks.filling.raster import GreyImage

BOX: Box = (60.3, 60.7, 59.0, 59.0)


def paper() -> GreyImage:
    return np.full((180, 180), 255, np.uint8)


def inked(image: GreyImage, grey: int = 225) -> float:
    """The part of the box that is darker than this grey."""
    return float((image[61:119, 61:119] < grey).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_is_seen_in_its_box_and_leaves_a_good_part_of_it_white(kind: str) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        image = paper()
        draw_mark(image, BOX, replace(some_style(rng), kind=kind), rng)
        assert 0.018 < inked(image) < 0.72, (kind, seed)


def test_a_cancelled_box_is_filled_whole_but_for_a_thin_rim() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        image = paper()
        fill_whole(image, BOX, some_style(rng).pen, rng)
        assert inked(image) > 0.76
        assert (image[68:112, 68:112] < 225).mean() > 0.95


def test_dirt_is_far_less_than_the_smallest_mark() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        image = paper()
        draw_dirt(image, BOX, rng)
        assert (image < 250).any()
        assert inked(image) < 0.012


def test_light_pencil_stays_pencil() -> None:
    image = paper()
    rng = np.random.default_rng(1)
    draw_mark(image, BOX, Style("cross", Pen(0.5, 170, 0.5, 0.4)), rng)
    assert image.min() >= 165


def test_two_marks_of_one_hand_are_not_alike() -> None:
    rng = np.random.default_rng(1)
    style = some_style(rng)
    pictures = []
    for _ in range(2):
        image = paper()
        draw_mark(image, BOX, near_style(style, rng), rng)
        pictures.append(image)
    assert (pictures[0] != pictures[1]).any()


def test_a_mark_over_the_edge_of_the_paper_is_cut_off() -> None:
    rng = np.random.default_rng(1)
    image = paper()
    draw_mark(image, (150.0, -30.0, 59.0, 59.0), Style("cross", Pen(0.5, 0, 0, 0)), rng)
    draw_mark(image, (500.0, 500.0, 59.0, 59.0), Style("cross", Pen(0.5, 0, 0, 0)), rng)
    assert image.min() == 0
    assert image[:, :100].min() == 255
