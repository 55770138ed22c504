"""The definition of a blank: a JSON file with a version, checked when it is loaded."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator

from oko.engines.blanks.examples import EXAMPLES
from oko.engines.blanks.foreign import Foreign
from oko.engines.blanks.measures import LONGEST, Millimetres, Shift, Size, Strict
from oko.engines.strict_json import JsonError, read_json
from oko.engines.wording import in_russian

SHIPPED = Path(__file__).with_name("definitions")

#: Of many things that are wrong in one definition, so many are told.
MOST_TOLD = 30

#: Sets of characters that a field of characters may hold.
CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
CHARACTER_SETS = {"digits": "0123456789", "capitals": CAPITALS, "minus": "-", "comma": ","}


class DefinitionError(ValueError):
    """A definition that cannot be used; each line says where, what was found, and what is expected."""


class Repeat(Strict):
    """The same field several times: question after question, or column after column of a number."""

    count: Annotated[int, Field(ge=1, le=300, description="How many fields there are.")]
    first: Annotated[int, Field(ge=0, description="The number that {n} stands for in the first one.")] = 1
    per_row: Annotated[
        int | None, Field(ge=1, description="After how many fields a new row begins; none: all in one row.")
    ] = None
    step_mm: Annotated[
        tuple[Shift, Shift],
        Field(description="From a field to the next: right, down. [0, 9]: each 9 mm under the one before."),
    ]
    row_mm: Annotated[tuple[Shift, Shift], Field(description="From a row to the next: right, down.")] = (0, 0)


class ExplicitCell(Strict):
    """One cell in its place on the page."""

    x_mm: Annotated[Millimetres, Field(description="Left edge, from the left edge of the page.")]
    y_mm: Annotated[Millimetres, Field(description="Upper edge, from the upper edge of the page.")]
    w_mm: Annotated[Size, Field(description="Width.")]
    h_mm: Annotated[Size, Field(description="Height.")]
    value: Annotated[str, Field(description="What a mark in this cell means.")] = ""


def _with_paired_braces(text: str) -> str:
    """Columns of the data stand in braces: one that is not closed names none."""
    try:
        list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError("фигурные скобки окружают имя столбца: {class}; одна из них без пары") from error
    return text


Template = Annotated[str, AfterValidator(_with_paired_braces)]


class FieldBase(Strict):
    """What every field has."""

    id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_.{}-]{1,40}$",
            description=(
                "Unique in the blank; with `repeat` it holds {n}, its number: q{n} becomes q1, q2 …"
            ),
        ),
    ]
    x_mm: Annotated[
        Millimetres, Field(description="Left edge of the first cell, from the left edge of the page.")
    ] = 0
    y_mm: Annotated[
        Millimetres, Field(description="Upper edge of the first cell, from the upper edge of the page.")
    ] = 0
    label: Annotated[str, Field(description="Printed beside the field; {n} is its number.")] = ""
    label_at: Annotated[Literal["left", "above"], Field(description="Where the label stands.")] = "left"
    repeat: Annotated[Repeat | None, Field(description="More fields of the same kind.")] = None


class Marks(FieldBase):
    """Boxes or bubbles to be marked: single or multiple choice.

    A column of bubbles that spells one digit of a number is such a field: values 0 … 9, step [0, distance].
    """

    kind: Annotated[Literal["marks"], Field(description="Boxes or bubbles to be marked.")]
    values: Annotated[
        tuple[str, ...],
        Field(
            description='What each box means, in order, e.g. ["A", "B", "C", "D"]; not with `cells`.',
            max_length=100,
        ),
    ] = ()
    cell_mm: Annotated[tuple[Size, Size], Field(description="Width and height of a box.")] = (5, 5)
    step_mm: Annotated[tuple[Shift, Shift], Field(description="From a box to the next: right, down.")] = (
        8,
        0,
    )
    cells: Annotated[
        tuple[ExplicitCell, ...],
        Field(
            description=("Boxes by place instead of `values`, not in an even row. With `repeat` they shift."),
            max_length=100,
        ),
    ] = ()
    multiple: Annotated[bool, Field(description="More than one mark is an answer and not a mistake.")] = False
    shape: Annotated[
        Literal["box", "circle", "none"],
        Field(
            description=(
                "What is printed around each place for a mark: a rectangle, a circle (an ellipse that fills"
                " the cell; a letter or digit inside does no harm), or nothing to be seen. Only on foreign "
                "sheets other than box."
            )
        ),
    ] = "box"
    filled: Annotated[
        Literal["cancelled", "mark"],
        Field(
            description=(
                "What a box filled whole means. cancelled: the mark was taken back (Russian state blanks). "
                "mark: it is the mark (bubble sheets); then nothing cancels. Only on foreign sheets mark."
            )
        ),
    ] = "cancelled"
    show_values: Annotated[
        Literal["above", "left", "none"], Field(description="Where the meaning of a box is printed.")
    ] = "above"

    @model_validator(mode="after")
    def _has_boxes_once(self) -> Marks:
        if bool(self.values) == bool(self.cells):
            raise ValueError("укажите либо values, либо cells")
        meanings = self.values or tuple(cell.value for cell in self.cells)
        if len(set(meanings)) != len(meanings) or "" in meanings:
            raise ValueError("у каждой клетки должно быть своё непустое значение")
        return self


class Characters(FieldBase):
    """A row of cells for hand-printed characters, one in each."""

    kind: Annotated[Literal["characters"], Field(description="Cells for characters.")]
    length: Annotated[int, Field(ge=1, le=100, description="How many cells.")] = 1
    cell_mm: Annotated[tuple[Size, Size], Field(description="Width and height of a cell.")] = (5, 7)
    step_mm: Annotated[tuple[Shift, Shift], Field(description="From a cell to the next: right, down.")] = (
        6,
        0,
    )
    cells: Annotated[
        tuple[ExplicitCell, ...],
        Field(
            description="Cells by place instead of `length`, when they stand in no even row.", max_length=100
        ),
    ] = ()
    permitted: Annotated[
        tuple[Literal["digits", "capitals", "minus", "comma"], ...],
        Field(description="Sets of characters that may stand here.", min_length=1),
    ] = ("digits", "capitals", "minus", "comma")
    also: Annotated[
        str, Field(max_length=60, description="Further single characters that may stand here.")
    ] = ""
    dictionary: Annotated[
        tuple[str, ...], Field(description="The only values that there are, where they are known.")
    ] = ()
    check_digit: Annotated[
        Literal["none", "luhn"], Field(description="How the last digit follows from the others.")
    ] = "none"
    value: Annotated[
        Template, Field(description="Printed into the cells; columns of the data in braces.")
    ] = ""

    @property
    def alphabet(self) -> str:
        """All characters that may stand here."""
        return "".join(CHARACTER_SETS[name] for name in self.permitted) + self.also


class Box(FieldBase):
    """One rectangle."""

    w_mm: Annotated[Size, Field(description="Width.")]
    h_mm: Annotated[Size, Field(description="Height.")]


class Area(Box):
    """Room for a free answer; it is cut out for experts."""

    kind: Annotated[Literal["area"], Field(description="Room for a free answer.")]
    ruling: Annotated[
        Literal["none", "lines", "squares"], Field(description="What is printed inside, in light grey.")
    ] = "lines"
    ruling_mm: Annotated[Size, Field(ge=1, description="Distance of lines.")] = 8


class Signature(Box):
    """Room for a signature: told signed or empty."""

    kind: Annotated[Literal["signature"], Field(description="Room for a signature.")]


class Text(FieldBase):
    """Printed text; columns of the data stand in braces: {class}."""

    kind: Annotated[Literal["text"], Field(description="Printed text, not read.")]
    text: Annotated[Template, Field(description="The text; also {serial}, {page}, {pages}, {code}.")]
    w_mm: Annotated[Size, Field(description="Room for the text; longer text is broken into lines.")] = 180
    h_mm: Annotated[Size, Field(description="Height of that room.")] = 5
    size_pt: Annotated[float, Field(ge=5, le=40, description="Size of the letters in points.")] = 9
    bold: Annotated[bool, Field(description="Bold letters.")] = False
    align: Annotated[Literal["left", "centre", "right"], Field(description="Where lines begin.")] = "left"


AnyField: TypeAlias = Annotated[
    Marks | Characters | Area | Signature | Text, Field(discriminator="kind", description="A field.")
]


class Samples(Strict):
    """How letters are to be written, printed as a row of cells."""

    x_mm: Annotated[Millimetres, Field(description="Left edge of the first cell.")]
    y_mm: Annotated[Millimetres, Field(description="Upper edge of the first cell.")]
    characters: Annotated[str, Field(description="The characters shown.", min_length=1, max_length=60)]
    cell_mm: Annotated[tuple[Size, Size], Field(description="Width and height of a cell.")] = (3.6, 5)
    step_mm: Annotated[tuple[Shift, Shift], Field(description="From a cell to the next: right, down.")] = (
        4.2,
        0,
    )


class Frame(Strict):
    """A rectangle that is only printed; of no height or no width it is a line."""

    x_mm: Annotated[Millimetres, Field(description="Left edge.")]
    y_mm: Annotated[Millimetres, Field(description="Upper edge.")]
    w_mm: Annotated[Millimetres, Field(description="Width; 0: a line downwards.")]
    h_mm: Annotated[Millimetres, Field(description="Height; 0: a line to the right.")]
    line_pt: Annotated[float, Field(gt=0, le=10, description="Thickness of the line in points.")] = 0.7


class Page(Strict):
    """One side of a sheet."""

    fields: Annotated[
        tuple[AnyField, ...],
        Field(max_length=1000, description="What is filled in and what is printed, at most 1000."),
    ]
    samples: Annotated[tuple[Samples, ...], Field(max_length=50, description="Sample letters.")] = ()
    frames: Annotated[
        tuple[Frame, ...], Field(max_length=500, description="Lines and rectangles, only printed.")
    ] = ()


class CodeColumns(Strict):
    """Which columns of the data stand in the page code. Letters, digits, full stop, hyphen, underscore."""

    assessment: Annotated[str, Field(description="Column of the code of the assessment.")] = "assessment"
    organisation: Annotated[str, Field(description="Column of the organisation's code.")] = "organisation"
    serial: Annotated[
        str, Field(description="Column of the code of the participant, or of another number of the set.")
    ] = "participant"


class Definition(Strict):
    """A blank as it is printed and read back, or a foreign sheet that is only read.

    Millimetres from the upper left corner of a page; with `foreign.size_px`, pixels.
    """

    model_config = ConfigDict(json_schema_extra={"examples": list(EXAMPLES)})

    format: Annotated[
        Literal["oko-blank/1"], Field(description="The version of this format, always oko-blank/1.")
    ]
    blank: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9-]{0,19}$",
            description="Its code, in the page code too: small Latin letters, digits, hyphen.",
        ),
    ]
    version: Annotated[int, Field(ge=1, le=999, description="Raised with every change of a field.")]
    title: Annotated[str, Field(min_length=1, max_length=120, description="The name of the blank.")]
    width_mm: Annotated[
        float,
        Field(
            ge=20,
            le=1200,
            description=(
                "Width of the page in millimetres (of a printed blank 140 … 297); A4 when not given, with "
                "`foreign.size_px` the shorter side is taken for 210."
            ),
        ),
    ] = 210
    height_mm: Annotated[
        float, Field(ge=20, le=1200, description="Height of the page in millimetres, likewise.")
    ] = 297
    code: Annotated[CodeColumns, Field(description="What the page code is made of.")] = CodeColumns()
    foreign: Annotated[
        Foreign | None,
        Field(description="How a sheet that Oko did not print is found; none: Oko prints this blank."),
    ] = None
    pages: Annotated[tuple[Page, ...], Field(min_length=1, max_length=20, description="The sides, in order.")]

    @model_validator(mode="before")
    @classmethod
    def _has_the_proportions_of_its_picture(cls, content: Any) -> Any:
        """A page told in pixels, of a size that nobody knows, is as long as its picture is."""
        if not isinstance(content, dict) or "width_mm" in content or "height_mm" in content:
            return content
        match content.get("foreign"):
            case {"size_px": [int(width), int(height)]} if 0 < width <= LONGEST and 0 < height <= LONGEST:
                shorter = min(width, height)
                return content | {"width_mm": 210 * width / shorter, "height_mm": 210 * height / shorter}
        return content


def definition_schema() -> dict[str, Any]:
    """The JSON Schema of a definition, each key with its description."""
    schema = Definition.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def shipped_definitions() -> dict[str, Path]:
    """The definitions that come with Oko, by the names of their files."""
    return {path.name: path for path in sorted(SHIPPED.glob("*.json"))}


def load_definition(path: Path) -> Definition:
    """Read a definition and check that all its cells can be printed and told apart.

    A name without a folder that is not a file here (`answers-1.json`) means the one that comes with Oko.

    Raises:
        DefinitionError: it cannot be read, lacks something, or fields overlap or leave the page.
    """
    from oko.engines.blanks.layout import placement_faults  # both are made of a definition
    from oko.engines.blanks.pictures import with_pictures

    found = _found(path)
    try:
        content = read_json(found)
    except JsonError as error:
        raise DefinitionError(f"Описание бланка «{path}» не читается: {error}.") from error
    try:
        definition = Definition.model_validate(content)
    except ValidationError as error:
        raise DefinitionError(
            "\n".join(f"«{path.name}», {line}" for line in in_russian(error, "oko blank schema"))
        ) from error
    definition, faults = with_pictures(definition, found.parent)
    faults = faults or placement_faults(definition)
    if faults:
        shown = faults[:MOST_TOLD] + [f"и ещё {len(faults) - MOST_TOLD}."] * (len(faults) > MOST_TOLD)
        raise DefinitionError("\n".join(f"«{path.name}», {fault}" for fault in shown))
    return definition


def _found(path: Path) -> Path:
    """A file here, else the one of that name that comes with Oko."""
    try:
        return path if path.exists() else shipped_definitions().get(str(path), path)
    except (OSError, ValueError):  # a name that no file can have
        return path
