"""Skull-stripping in k-space (Rempe et al. 2025, Table I)."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from phasegen.settings.base import ConfigError, Name
from phasegen.settings.cohort import Cohort
from phasegen.settings.experiment import Experiment
from phasegen.settings.tasks import TaskModel

Knob = Literal["echo_shift", "coil_phase", "phase_times"]
AS_RECORDED: dict[Knob, float] = {"echo_shift": 0.0, "coil_phase": 0.0, "phase_times": 1.0}
"""Level of each knob at which the test data are as they were recorded."""


class SkullStrip(Experiment):
    """One network for each arm and seed, tested on raw data; the cohort has masks."""

    section: ClassVar[str] = "skull_strip"

    model: TaskModel = TaskModel()
    raters: list[Name] = Field(
        [], description="brain extractors, of the section raters, whose consensus is the truth"
    )
    comparisons: list[tuple[str, str]] = Field(
        [
            ("phasegen", "none"),
            ("phasegen", "naive"),
            ("original", "phasegen"),
            ("original", "none"),
            ("naive", "none"),
        ],
        description="arms that are compared in pairs, left minus right; pairs of arms that are "
        "not there are left out",
    )
    sweep: dict[Knob, list[float]] = Field(
        {},
        description="what is done to the phase of the test data: the peak of k-space moved along "
        "the rows by so many samples; a parabola added of so many radians half a field of view off "
        "the centre, as a coil's; all phase taken so many times (a whole number), as by a longer "
        "echo time or a stronger field, 0 for none",
    )

    @field_validator("sweep")
    @classmethod
    def _whole(cls, sweep: dict[Knob, list[float]]) -> dict[Knob, list[float]]:
        """Phase is known up to whole turns, which only a whole multiple leaves whole."""
        if not all(float(level).is_integer() for level in sweep.get("phase_times", [])):
            raise ValueError("phase_times takes whole numbers")
        return sweep

    @model_validator(mode="after")
    def _has_truth(self) -> Self:
        if self.test and len(self.raters) < 2:
            raise ValueError("skull_strip.raters: a consensus needs two or more")
        return self

    def check_cohorts(self, cohorts: Mapping[str, Cohort]) -> None:
        """As of every experiment; and the cohort to train on must have masks.

        Raises:
            ConfigError: a cohort is not there, or has not what is due.
        """
        super().check_cohorts(cohorts)
        if not cohorts[self.cohort].mask:
            raise ConfigError(f"config: the cohort {self.cohort!r} of skull_strip has no 'mask'")
