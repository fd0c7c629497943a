"""Which lines of k-space a reconstruction is given."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from phasegen.settings.base import Strict, without_null

Factor = Annotated[int, Field(ge=2)]
MaskKind = Literal["random", "random_fixed", "equispaced", "equispaced_fixed"]


class Undersampling(Strict):
    """Cartesian masks as in the public fastMRI challenge."""

    kind: MaskKind = Field(
        "random", description="fixed: with exactly the share of lines that the factor says"
    )
    factors: dict[Factor, Annotated[float, Field(gt=0, lt=1)]] = Field(
        {4: 0.08, 8: 0.04},
        min_length=1,
        description="acceleration factors, each with the share of the lines that are all kept in "
        "the centre; null takes one out that another file has put there",
    )
    per: Literal["volume", "slice"] = Field(
        "volume", description="what has one mask at validation and test"
    )

    @field_validator("factors", mode="before")
    @classmethod
    def _without_null(cls, factors: object) -> object:
        return without_null(factors)

    @field_validator("factors")
    @classmethod
    def _leave_lines_out(cls, factors: dict[int, float]) -> dict[int, float]:
        for factor, centre in factors.items():
            if centre * factor >= 1:
                raise ValueError(
                    f"a centre of {centre:g} is as much as factor {factor} keeps in all; the "
                    f"share must be below 1/{factor}"
                )
        return factors
