"""What experiments share: a network trained on every source of phase, tested on raw data."""

from collections.abc import Mapping
from itertools import product
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from phasegen.settings.base import ConfigError, Count, Name, Strict, without_null
from phasegen.settings.cohort import Cohort
from phasegen.settings.tasks import Arm, TrainingSource

HyperparameterName = Literal["learning_rate", "batch", "decay", "epochs", "dropout"]
ARMS = ("none", "naive", "phasegen")


class Experiment(Strict):
    """Trainings on arms, each a source of phase, and tests on raw data."""

    section: ClassVar[str]
    """Its name in the configuration."""

    cohort: str = Field("", description="cohort of magnitudes to train on")
    original: str = Field(
        "",
        description="cohort of the role original that holds raw data of the same volumes, for "
        "arms whose phase is original",
    )
    test: list[str] = Field([], description="cohorts of the role test")
    arms: dict[Name, Arm] = Field(
        {name: Arm() for name in ARMS},
        min_length=1,
        description="rows of the table: sources of phase to train on; null takes one out that "
        "another file has put there. Left out: none, naive, phasegen, and original where there is "
        "such a cohort",
    )
    seeds: Count = Field(3, description="trainings of each arm")
    search: dict[HyperparameterName, Annotated[list[float], Field(min_length=1)]] = Field(
        {},
        description="hyperparameters to choose from for each arm, by the score on validation "
        "subjects; an arm that states one itself keeps it. Empty: no search",
    )
    comparisons: list[tuple[str, str]] = Field(
        [],
        description="rows that are compared in pairs, left minus right; pairs of rows that are "
        "not there are left out",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_original(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("original") and "arms" not in given:
            return given | {"arms": {name: {} for name in (*ARMS, "original")}}
        return given

    @field_validator("arms", mode="before")
    @classmethod
    def _without_null(cls, arms: object) -> object:
        return without_null(arms)

    @model_validator(mode="after")
    def _arms_have_data(self) -> Self:
        if self.test and not self.cohort:
            raise ValueError(f"{self.section}.test needs {self.section}.cohort to train on")
        for name in self.arms:
            if self.phase_of(name) not in get_args(TrainingSource):
                raise ValueError(f"{self.section}.arms.{name}: say its 'phase'")
        if ("original" in map(self.phase_of, self.arms)) != bool(self.original):
            raise ValueError(f"an arm of phase original and {self.section}.original go together")
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
            raise ConfigError(f"config: {self.section}.test names no cohort to test on")
        named = [("cohort", self.cohort, "magnitude"), *(("test", n, "test") for n in self.test)]
        named += [("original", self.original, "original")] if self.original else []
        for key, name, role in named:
            if name not in cohorts or cohorts[name].role != role:
                raise ConfigError(
                    f"config: {self.section}.{key} is {name!r}, and the cohort table has no such "
                    f"row of the role {role!r}"
                )
