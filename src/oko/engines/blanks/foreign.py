"""How a sheet that Oko did not print is found in a scan: by marks, frame, picture or paper."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from oko.engines.blanks.measures import Millimetres, Shift, Size, Strict

Pixels = Annotated[int, Field(ge=50, le=20_000)]
FilePath = Annotated[str, Field(min_length=1, max_length=500)]


class AnchorMark(Strict):
    """One printed mark by which the sheet is laid straight."""

    shape: Annotated[
        Literal["disc", "square", "rectangle", "ring", "cross", "corner", "image"],
        Field(
            description=(
                "What is printed. disc: a filled circle or ellipse. square, rectangle: filled. ring: the "
                "line of a circle. cross: a plus sign of two lines. corner: an L of two lines (see "
                "`corner`). image: anything else, by its picture in `path` (concentric circles, a logo)."
            )
        ),
    ]
    cx_mm: Annotated[
        Shift,
        Field(
            description=(
                "Centre of the mark (of the rectangle around it), from the left edge of the page. May be 0, "
                "the page's width, or outside: then the page is the room between the marks."
            )
        ),
    ]
    cy_mm: Annotated[
        Shift, Field(description="Centre of the mark, from the upper edge of the page; may be outside too.")
    ]
    w_mm: Annotated[
        Size,
        Field(description="Width of the rectangle around the mark (of an image: of its whole picture)."),
    ]
    h_mm: Annotated[
        Size | None, Field(description="Height of that rectangle; none: of the same number as the width.")
    ] = None
    line_mm: Annotated[Size, Field(description="Thickness of the lines of a ring, cross or corner.")] = 1
    corner: Annotated[
        Literal["upper-left", "upper-right", "lower-left", "lower-right"],
        Field(description="Of a corner: which two sides of its rectangle are lines: upper-left is ┌."),
    ] = "upper-left"
    path: Annotated[
        FilePath | None,
        Field(
            description=(
                "Of an image: file of a picture of the mark alone (PNG or JPEG), beside this definition. "
                'Example: "omr_marker.jpg".'
            )
        ),
    ] = None

    @model_validator(mode="after")
    def _has_its_picture(self) -> AnchorMark:
        if (self.shape == "image") != (self.path is not None):
            raise ValueError("path нужен метке вида image и только ей")
        return self

    @property
    def height(self) -> float:
        return self.w_mm if self.h_mm is None else self.h_mm


class MarkAnchors(Strict):
    """Marks printed on the sheet, at least three, not on one line; four near the corners are best."""

    kind: Annotated[
        Literal["marks"], Field(description="The sheet is found by marks printed on it for this purpose.")
    ]
    marks: Annotated[
        tuple[AnchorMark, ...],
        Field(
            min_length=3,
            max_length=40,
            description=(
                "The marks. Example of four discs of 5 mm: "
                '[{"shape": "disc", "cx_mm": 10, "cy_mm": 10, "w_mm": 5}, '
                '{"shape": "disc", "cx_mm": 200, "cy_mm": 10, "w_mm": 5}, '
                '{"shape": "disc", "cx_mm": 10, "cy_mm": 287, "w_mm": 5}, '
                '{"shape": "disc", "cx_mm": 200, "cy_mm": 287, "w_mm": 5}].'
            ),
        ),
    ]

    @model_validator(mode="after")
    def _spans_the_page(self) -> MarkAnchors:
        (ax, ay), *others = ((mark.cx_mm, mark.cy_mm) for mark in self.marks)
        areas = [
            abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
            for n, (bx, by) in enumerate(others)
            for cx, cy in others[n + 1 :]
        ]
        if max(areas) < 1:
            raise ValueError("метки стоят на одной прямой: по ним лист не выровнять")
        return self


class FrameAnchor(Strict):
    """A rectangle of lines printed around what is filled in."""

    kind: Annotated[
        Literal["frame"], Field(description="The sheet is found by a printed rectangle, its largest frame.")
    ]
    x_mm: Annotated[
        Millimetres, Field(description="Middle of its left line, from the left edge of the page.")
    ]
    y_mm: Annotated[
        Millimetres, Field(description="Middle of its upper line, from the upper edge of the page.")
    ]
    w_mm: Annotated[Size, Field(description="From the middle of the left line to that of the right one.")]
    h_mm: Annotated[Size, Field(description="From the middle of the upper line to that of the lower one.")]


class ImageAnchor(Strict):
    """Nothing but what is printed: the scan is laid over the picture of the empty sheet."""

    kind: Annotated[
        Literal["image"],
        Field(description="The sheet is found by all that is printed on it: `foreign.image` shows it empty."),
    ]


class PaperAnchor(Strict):
    """The edges of the paper itself: a photograph on a darker ground, or a scan of the whole sheet."""

    kind: Annotated[
        Literal["paper"],
        Field(
            description=(
                "The page is the paper: of a photograph the bright sheet on a darker ground, of a scan "
                "without visible edges the whole scan. Choose another kind when something is printed to go "
                "by."
            )
        ),
    ]


Anchors: TypeAlias = Annotated[
    MarkAnchors | FrameAnchor | ImageAnchor | PaperAnchor,
    Field(discriminator="kind", description="By what the sheet is found and laid straight."),
]


class Foreign(Strict):
    """A sheet that Oko did not print: it has no page code, and is known by its anchors and by its boxes.

    Such a definition is read (`oko blank read`) and shown (`oko blank layout`), and is not printed.
    """

    anchors: Anchors
    size_px: Annotated[
        tuple[Pixels, Pixels] | None,
        Field(
            description=(
                "Width and height of the page in pixels of a picture of it. When given, ALL positions and "
                "sizes in this definition (whatever their key ends in) are such pixels; `width_mm`, "
                "`height_mm` only say how large the page really is. None: they are millimetres. Example: "
                "[1846, 1500], the templateDimensions of OMRChecker."
            )
        ),
    ] = None
    image: Annotated[
        FilePath | None,
        Field(
            description=(
                "A picture of the whole empty page, its edges the edges of the page, in any resolution "
                "(PNG, JPEG), beside this definition; {page} in it is the number of the page. Needed for "
                "anchors of kind image; with others it tells printed letters from marks and which way up a "
                'sheet is. Example: "reference.jpg".'
            )
        ),
    ] = None
    serial: Annotated[
        tuple[str, ...],
        Field(
            max_length=60,
            description=(
                "Ids of the fields of marks whose values, one after another, are the serial (roll number) of "
                "the sheet. A repeated field is named as it is written, with {n}. "
                'Example: ["roll{n}"]. None: the serial stays empty.'
            ),
        ),
    ] = ()

    @model_validator(mode="after")
    def _has_what_its_anchors_need(self) -> Foreign:
        if self.anchors.kind == "image" and self.image is None:
            raise ValueError("для anchors вида image нужен ключ image: снимок пустого листа")
        return self
