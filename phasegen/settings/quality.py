"""How the realism of the phase is measured."""

from typing import Annotated

from pydantic import Field

from phasegen.settings.base import Count, Positive, SamplerName, Strict


class Quality(Strict):
    """How real the phase is, measured on the cohorts of the role ``test``."""

    sizes: list[Annotated[int, Field(ge=16)]] = Field(
        [64],
        min_length=1,
        description="rows and columns [pixel] of the tables, by the centre of k-space; samplers "
        "are compared at the first",
    )
    slices: Count = Field(640, description="slices of the table, at most")
    samples: Count = Field(8, description="samples of one magnitude whose spread is measured")
    compared: Count = Field(32, description="slices on which samplers are compared")
    samplers: dict[SamplerName, str] = Field(
        {"ancestral": "paper", "ddim": "phasegen", "dpm": "phasegen", "heun": "phasegen"},
        description="the phase model that each sampler suits",
    )
    evaluations: list[Count] = Field([100, 50, 20, 10, 5], description="network evaluations")
    longest: Count = Field(1000, description="network evaluations of ancestral and ddim alone")
    margin: Positive = Field(
        0.1,
        description="residues per 1000 loops by which fewer evaluations may be worse than the "
        "longest run, at the upper end of the 95 % interval",
    )
