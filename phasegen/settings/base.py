"""What all sections of the configuration share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phasegen.errors import UserError

Device = Literal["cpu", "cuda"]
PhaseSource = Literal["none", "random", "naive", "phasegen"]
Contrast = Literal["T1w", "T2w", "PDw", "GRE"]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["float32", "bfloat16"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
ExportFormat = Literal["bart", "bids", "fastmri", "ismrmrd"]
SamplerName = Literal["ancestral", "ddim", "dpm", "heun"]


class ConfigError(UserError):
    """A configuration that cannot be run; the message has one line per fault."""


class Strict(BaseModel):
    """Base of all sections: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def without_null(given: object) -> object:
    """A mapping without what another file has taken out of it."""
    if not isinstance(given, dict):
        return given
    return {key: value for key, value in given.items() if value is not None}


def one_line_each(place: str, error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            lines.append(f"{place}: unknown key '{key}'")
        else:
            message = fault["msg"].removeprefix("Value error, ")
            lines.append(f"{place}: {key + ': ' if key else ''}{message}")
    return "\n".join(lines)
