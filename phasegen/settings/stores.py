"""How stores are made and filled."""

from typing import Annotated, Literal

from pydantic import Field

from phasegen.settings.base import (
    Count,
    Device,
    ExportFormat,
    PhaseSource,
    Precision,
    SamplerName,
    Strict,
)


class Ingest(Strict):
    """Volumes of any size to slices of one size."""

    size: Annotated[int, Field(ge=16)] = Field(64, description="rows and columns [pixel]")
    slices_per_shard: Count = Field(16, description="slices in one file of a store")
    shards_per_job: Count = Field(
        1, description="shards that one job makes, one after the other; the values are the same"
    )
    coils: Literal["combined", "kept"] = Field(
        "combined",
        description="multi-coil raw data: combined to one complex image per slice (Walsh et al. "
        "2000), or kept as they are",
    )


class Synthesis(Strict):
    """Phase for magnitude slices, one store per source."""

    sources: list[PhaseSource] = Field(["none", "random", "naive", "phasegen"], min_length=1)
    model: str = Field("phasegen", description="one of phase_models, for the source phasegen")
    sampler: SamplerName = "dpm"
    steps: Count = Field(20, description="network evaluations per slice")
    precision: Precision = Field("float32", description="of the convolutions")
    batch: Count = Field(16, description="slices sampled together")
    shards_per_job: Count = Field(
        1,
        description="shards that one job draws with the phase model; of other sources, which take "
        "no longer than reading, as many as of ingest",
    )
    threads: Count = Field(
        1, description="numerical threads; part of the result, so never automatic"
    )
    device: Device = "cpu"


class Export(Strict):
    """Synthetic stores in the formats of other programs, for the target ``exports``."""

    formats: list[ExportFormat] = Field([], description="each of every store")
