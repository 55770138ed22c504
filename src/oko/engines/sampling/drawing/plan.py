"""The plan of a sample: what is drawn from the frame, and how; `oko sample schema` describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from oko.engines.strict_json import JsonError, read_json
from oko.engines.wording import in_russian

FORMAT = "oko-sample/1"
Column = Annotated[str, Field(min_length=1)]


class PlanError(ValueError):
    """A plan that cannot be followed; the message says what and why, in Russian."""


class Strict(BaseModel):
    """Unknown keys are mistakes; nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exclusion(Strict):
    """Units that are taken out of the frame before drawing. All that is said must hold of a unit."""

    column: Annotated[Column, Field(description="Column of the frame.")]
    values: Annotated[
        tuple[str, ...], Field(description="Out when the column has one of these values, as written.")
    ] = ()
    below: Annotated[float | None, Field(description="Out when the number is less than this.")] = None
    above: Annotated[float | None, Field(description="Out when the number is more than this.")] = None
    missing: Annotated[bool, Field(description="Out when the cell is empty or NA.")] = False
    reason: Annotated[str, Field(description="Why, for the explanation of the draw.")] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Exclusion:
        if not (self.values or self.missing or self.below is not None or self.above is not None):
            raise ValueError("нужно хотя бы одно из values, below, above, missing")
        return self


class Stratum(Strict):
    """How many units of one explicit stratum are drawn."""

    stratum: Annotated[
        str, Field(description="Value of the column of strata; of several columns, values joined by « / ».")
    ]
    n: Annotated[int, Field(ge=0, description="Units to draw.")]
    start: Annotated[
        float | None,
        Field(ge=0, lt=1, description="Random start u: the selection numbers are (u + k) × interval."),
    ] = None
    sd: Annotated[
        float | None, Field(gt=0, description="Standard deviation of what is studied, for allocation neyman.")
    ] = None


class SecondStage(Strict):
    """Classes or students drawn within each selected unit."""

    count: Annotated[Column, Field(description="Column with how many classes (or students) the unit has.")]
    n: Annotated[int, Field(ge=1, description="How many of them are drawn, at most all.")]
    what: Annotated[Literal["classes", "students"], Field(description="What is drawn.")] = "classes"


class Plan(Strict):
    """A plan of a sample. Give `n` in each of `strata`, or `total` with `allocation`."""

    format: Annotated[Literal["oko-sample/1"], Field(description="Always oko-sample/1.")] = "oko-sample/1"
    title: Annotated[str, Field(description="What the sample is for.")] = ""
    id: Annotated[Column, Field(description="Column with the unique code of a unit.")]
    measure: Annotated[
        Column | None, Field(description="Column with the measure of size (students); needed for pps.")
    ] = None
    method: Annotated[
        Literal["pps", "systematic", "simple"],
        Field(
            description=(
                "pps: systematic with probability proportional to the measure, units larger than the "
                "interval with certainty. systematic: every k-th of the ordered frame. simple: simple random."
            )
        ),
    ] = "pps"
    stratify: Annotated[
        tuple[Column, ...], Field(description="Columns of the explicit strata; none: one stratum, «».")
    ] = ()
    strata: Annotated[
        tuple[Stratum, ...], Field(description="The explicit strata, all that the frame has.")
    ] = ()
    total: Annotated[int | None, Field(ge=1, description="Units in all, shared out by `allocation`.")] = None
    allocation: Annotated[
        Literal["proportional", "equal", "neyman"] | None,
        Field(
            description=(
                "How `total` is shared out: proportional to the measure (pps) or to the number of units; "
                "equal; neyman: number of units × sd of the stratum."
            )
        ),
    ] = None
    least: Annotated[
        int, Field(ge=0, description="Fewest units of a stratum when `total` is shared out.")
    ] = 2
    implicit: Annotated[
        tuple[Column, ...],
        Field(description="Columns by which each stratum is ordered before drawing, the first one first."),
    ] = ()
    serpentine: Annotated[
        bool,
        Field(
            description=(
                "Whether a column turns its direction in every second group of the columns before it, "
                "so that neighbours are alike. Ties are ordered by id, ascending."
            )
        ),
    ] = True
    replacements: Annotated[
        int,
        Field(ge=0, le=2, description="Replacements of each unit: the next in the frame, the one before."),
    ] = 2
    exclusions: Annotated[tuple[Exclusion, ...], Field(description="What is taken out of the frame.")] = ()
    second_stage: Annotated[SecondStage | None, Field(description="Classes or students within units.")] = None

    @model_validator(mode="after")
    def _can_be_followed(self) -> Plan:
        if self.method == "pps" and self.measure is None:
            raise ValueError("для method pps нужна measure: столбец с мерой размера")
        if (self.total is None) != (self.allocation is None):
            raise ValueError("total и allocation указывают вместе")
        names = [one.stratum for one in self.strata]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"страта «{doubled[0]}» названа дважды")
        if self.total is None and not self.strata:
            raise ValueError('нужны strata с n (без страт — одна с именем "") или total с allocation')
        if self.allocation == "neyman" and not all(one.sd for one in self.strata):
            raise ValueError("для allocation neyman нужны strata с sd у каждой")
        return self


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of a plan, each key with its description."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Plan.model_json_schema()}


def load_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        PlanError: it is no JSON, lacks something, or says what cannot be.
    """
    try:
        return Plan.model_validate(read_json(path))
    except JsonError as error:
        raise PlanError(f"План «{path}» не читается: {error}.") from error
    except ValidationError as error:
        faults = [f"«{path.name}», {line}" for line in in_russian(error, "oko sample schema")]
        raise PlanError("\n".join(faults)) from error
