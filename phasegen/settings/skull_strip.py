"""Skull-stripping in k-space (Rempe et al. 2025, Table I)."""

from collections.abc import Mapping
from itertools import product
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from phasegen.settings.base import ConfigError, Count, Name, Strict
from phasegen.settings.cohort import Cohort
from phasegen.settings.tasks import Arm, TaskModel, TrainingSource

Knob = Literal["echo_shift", "coil_phase", "phase_times"]
AS_RECORDED: dict[Knob, float] = {"echo_shift": 0.0, "coil_phase": 0.0, "phase_times": 1.0}
"""Level of each knob at which the test data are as they were recorded."""

HyperparameterName = Literal["learning_rate", "batch", "decay", "epochs", "dropout"]


class SkullStrip(Strict):
    """One network for each arm and seed, tested on raw data."""

    cohort: str = Field("", description="cohort of magnitudes with masks to train on")
    original: str = Field(
        "",
        description="cohort of the role original that holds raw data of the same volumes, for "
        "arms whose phase is original",
    )
    test: list[str] = Field([], description="cohorts of the role test")
    arms: dict[Name, Arm] = Field(
        {"none": Arm(), "naive": Arm(), "phasegen": Arm()},
        min_length=1,
        description="rows of the table: sources of phase to train on; null takes one out that "
        "another file has put there",
    )
    seeds: Count = Field(3, description="trainings of each arm")
    model: TaskModel = TaskModel()
    search: dict[HyperparameterName, Annotated[list[float], Field(min_length=1)]] = Field(
        {},
        description="hyperparameters to choose from for each arm, by the Dice of validation "
        "subjects; an arm that states one itself keeps it. Empty: no search",
    )
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

    @field_validator("arms", mode="before")
    @classmethod
    def _without_null(cls, arms: object) -> object:
        return {n: a for n, a in arms.items() if a is not None} if isinstance(arms, dict) else arms

    @field_validator("sweep")
    @classmethod
    def _whole(cls, sweep: dict[Knob, list[float]]) -> dict[Knob, list[float]]:
        """Phase is known up to whole turns, which only a whole multiple leaves whole."""
        if not all(float(level).is_integer() for level in sweep.get("phase_times", [])):
            raise ValueError("phase_times takes whole numbers")
        return sweep

    @model_validator(mode="after")
    def _complete(self) -> "SkullStrip":
        if self.test and not self.cohort:
            raise ValueError("skull_strip.test needs skull_strip.cohort to train on")
        if self.test and len(self.raters) < 2:
            raise ValueError("skull_strip.raters: a consensus needs two or more")
        for name in self.arms:
            if self.phase_of(name) not in get_args(TrainingSource):
                raise ValueError(f"skull_strip.arms.{name}: say its 'phase'")
        if ("original" in map(self.phase_of, self.arms)) != bool(self.original):
            raise ValueError("an arm of phase original and skull_strip.original go together")
        return self

    def phase_of(self, arm: str) -> str:
        """Source of phase of an arm."""
        return self.arms[arm].phase or arm

    def candidates(self, arm: str) -> list[dict[str, float]]:
        """All combinations of what is searched for, with what an arm states itself as it is."""
        own = self.arms[arm].changes()
        values = ([own[name]] if name in own else asked for name, asked in self.search.items())
        return [dict(zip(self.search, point, strict=True)) for point in product(*values)]

    def is_searched(self, arm: str) -> bool:
        """Whether there is anything to choose for an arm."""
        return len(self.candidates(arm)) > 1

    def check_cohorts(self, cohorts: Mapping[str, Cohort]) -> None:
        """Whether the cohorts that are named exist and have the role that is due.

        Not checked before the task is asked for, so that cohorts may be taken out of the table.

        Raises:
            ConfigError: one does not, or none is named.
        """
        if not self.test:
            raise ConfigError("config: skull_strip.test names no cohort to test on")
        named = [("cohort", self.cohort, "magnitude"), *(("test", n, "test") for n in self.test)]
        named += [("original", self.original, "original")] if self.original else []
        for key, name, role in named:
            if name not in cohorts or cohorts[name].role != role:
                raise ConfigError(
                    f"config: skull_strip.{key} is {name!r}, and the cohort table has no such row "
                    f"of the role {role!r}"
                )
        if not cohorts[self.cohort].mask:
            raise ConfigError(f"config: the cohort {self.cohort!r} of skull_strip has no 'mask'")
