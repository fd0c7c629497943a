"""Raters: what extracts the brain of one volume, for a consensus of several."""

import shlex
from string import Formatter
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from phasegen.settings.base import Positive, Strict

THICK = 20
"""Slices from which on a stack is thick, so that extraction in 3D makes sense."""

PLACES = {"volume", "mask", "folder"}

Method = Literal[
    "", "atlas", "median_otsu", "median_otsu_2d", "threshold", "watershed", "watershed_2d"
]
"""Extractors that are built in."""


class Rater(Strict):
    """One brain extractor, built in or any other program."""

    method: Method = Field("", description="one that is built in; or")
    command: str = Field(
        "",
        description="template of any other: {volume} is the NIfTI file to read, {mask} the one to write; a "
        "program that names its mask by itself gets {folder}, and leaves there no other NIfTI "
        "file. No shell sees it.",
    )
    environment: str = Field(
        "",
        description="conda environment, by name or folder, that the command runs in; empty: that "
        "of PhaseGen",
    )
    stacks: Literal["all", "thick", "thin"] = Field(
        "all", description=f"which volumes it looks at: thick has {THICK} slices or more"
    )
    seconds: Positive = Field(600, description="time limit of a command for one volume")

    @field_validator("command")
    @classmethod
    def _has_places(cls, command: str) -> str:
        if not command:
            return command
        try:
            words = shlex.split(command)
            fields = [field for word in words for _, field, _, _ in Formatter().parse(word)]
        except ValueError as error:
            raise ValueError(f"{command!r} cannot be split into words: {error}") from None
        places = {field for field in fields if field is not None}
        if unknown := sorted(places - PLACES):
            raise ValueError(f"{command!r} has {{{unknown[0]}}}, only {sorted(PLACES)} are known")
        if "volume" not in places or not places & {"mask", "folder"}:
            raise ValueError(f"{command!r} needs {{volume}}, and {{mask}} or {{folder}}")
        return command

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.method) == bool(self.command):
            raise ValueError("needs either a method, which is built in, or a command")
        return self

    def words(self, volume: str, mask: str, folder: str) -> list[str]:
        """The command and its arguments; a path with spaces stays one of them."""
        places = {"volume": volume, "mask": mask, "folder": folder}
        return [word.format(**places) for word in shlex.split(self.command)]

    def takes(self, slices: int) -> bool:
        """Whether it looks at a volume of so many slices."""
        return self.stacks == "all" or (self.stacks == "thick") == (slices >= THICK)
