"""Definitions shown in the schema: whoever writes one begins with the nearest of these."""

from __future__ import annotations

from typing import Any

_CORNERS = ((10, 10), (200, 10), (10, 287), (200, 287))

#: A blank that Oko prints; a foreign sheet measured in millimetres; a bubble sheet measured in pixels.
EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "format": "oko-blank/1",
        "blank": "short",
        "version": 1,
        "title": "Короткие ответы",
        "pages": [
            {
                "fields": [
                    {
                        "kind": "marks",
                        "id": "q{n}",
                        "label": "{n}",
                        "x_mm": 40,
                        "y_mm": 60,
                        "values": ["1", "2", "3", "4"],
                        "repeat": {"count": 10, "step_mm": [0, 9]},
                    },
                    {"kind": "characters", "id": "class", "x_mm": 120, "y_mm": 60, "length": 3},
                ]
            }
        ],
    },
    {
        "format": "oko-blank/1",
        "blank": "four-discs",
        "version": 1,
        "title": "Sheet with a black disc of 5 mm in each corner, boxes in millimetres",
        "foreign": {
            "anchors": {
                "kind": "marks",
                "marks": [{"shape": "disc", "cx_mm": x, "cy_mm": y, "w_mm": 5} for x, y in _CORNERS],
            }
        },
        "pages": [
            {
                "fields": [
                    {
                        "kind": "marks",
                        "id": "q{n}",
                        "x_mm": 30,
                        "y_mm": 60,
                        "values": ["A", "B", "C", "D"],
                        "cell_mm": [4, 4],
                        "step_mm": [9, 0],
                        "filled": "mark",
                        "repeat": {"count": 20, "step_mm": [0, 8]},
                    }
                ]
            }
        ],
    },
    {
        "format": "oko-blank/1",
        "blank": "bubbles",
        "version": 1,
        "title": "Bubble sheet in pixels, the page is the room between the centres of four printed marks",
        "foreign": {
            "size_px": [1846, 1500],
            "anchors": {
                "kind": "marks",
                "marks": [
                    {"shape": "image", "path": "omr_marker.jpg", "cx_mm": x, "cy_mm": y, "w_mm": 35}
                    for x, y in ((0, 0), (1846, 0), (0, 1500), (1846, 1500))
                ],
            },
            "serial": ["roll{n}"],
        },
        "pages": [
            {
                "fields": [
                    {
                        "kind": "marks",
                        "id": "roll{n}",
                        "x_mm": 225,
                        "y_mm": 282,
                        "values": list("0123456789"),
                        "cell_mm": [40, 40],
                        "step_mm": [0, 46],
                        "shape": "circle",
                        "filled": "mark",
                        "repeat": {"count": 9, "step_mm": [58, 0]},
                    },
                    {
                        "kind": "marks",
                        "id": "q{n}",
                        "x_mm": 121,
                        "y_mm": 860,
                        "values": ["A", "B", "C", "D"],
                        "cell_mm": [40, 40],
                        "step_mm": [59, 0],
                        "shape": "circle",
                        "filled": "mark",
                        "repeat": {"count": 4, "step_mm": [0, 50]},
                    },
                ]
            }
        ],
    },
)
