"""Skull-stripping in k-space (Rempe et al. 2025, Table I)."""

from itertools import product
from typing import Annotated, Literal

from pydantic import Field, model_validator

from phasegen.settings.base import Count, Name, Strict
from phasegen.settings.tasks import Hyperparameters, TaskModel, TrainingSource

Knob = Literal["echo_shift", "coil_phase"]
HyperparameterName = Literal["learning_rate", "batch", "decay", "epochs", "dropout"]


class SkullStrip(Strict):
    """One network for each source of phase and seed, tested on raw data."""

    cohort: str = Field("", description="cohort of magnitudes with masks to train on")
    original: str = Field(
        "",
        description="cohort of the role original that holds raw data of the same volumes, for the "
        "source original",
    )
    test: list[str] = Field([], description="cohorts of the role test")
    sources: dict[TrainingSource, Hyperparameters] = Field(
        {"none": Hyperparameters(), "naive": Hyperparameters(), "phasegen": Hyperparameters()},
        min_length=1,
        description="sources of phase to train on, and hyperparameters of their own",
    )
    seeds: Count = Field(3, description="trainings of each source")
    model: TaskModel = TaskModel()
    search: dict[HyperparameterName, Annotated[list[float], Field(min_length=1)]] = Field(
        {},
        description="hyperparameters to choose from for each source, by the Dice of validation "
        "subjects; they take the place of those under sources. Empty: no search",
    )
    raters: list[Name] = Field(
        [], description="brain extractors, of the section raters, whose consensus is the truth"
    )
    sweep: dict[Knob, list[float]] = Field(
        {},
        description="phase that is added to the test data: the peak of k-space moved along the "
        "rows by so many samples, or a parabola of so many radians half a field of view off the "
        "centre, as a coil's",
    )

    @model_validator(mode="after")
    def _complete(self) -> "SkullStrip":
        if self.test and not self.cohort:
            raise ValueError("skull_strip.test needs skull_strip.cohort to train on")
        if self.test and len(self.raters) < 2:
            raise ValueError("skull_strip.raters: a consensus needs two or more")
        if ("original" in self.sources) != bool(self.original):
            raise ValueError("the source original and the key skull_strip.original go together")
        return self

    def candidates(self) -> list[dict[str, float]]:
        """All combinations of what is searched for."""
        return [
            dict(zip(self.search, values, strict=True)) for values in product(*self.search.values())
        ]
