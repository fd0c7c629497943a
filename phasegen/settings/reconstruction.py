"""Accelerated reconstruction (Rempe et al. 2025, Tables II and III)."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from phasegen.settings.base import Count, Name, PhaseSource, Positive, Strict, without_null
from phasegen.settings.experiment import Experiment
from phasegen.settings.tasks import ReconstructionModel
from phasegen.settings.undersampling import Factor, Undersampling

Percent = Annotated[float, Field(gt=0, le=100)]
MixMode = Literal["mixed", "only", "tuned"]


class Run(Strict):
    """What is trained of one model at one factor."""

    model: Name
    factor: Factor
    arms: list[str] | None = Field(None, min_length=1, description="null: all")
    seeds: Count | None = Field(None, description="null: as many as the section says")


class Mixes(Strict):
    """Part of the training slices with their original phase, the others with another (Table III)."""

    models: list[Name] = Field(["small"], min_length=1)
    factor: Factor = 4
    shares: list[Percent] = Field(
        [0.1, 1, 5, 10, 15, 20, 100],
        description="percent of the training slices that keep their original phase; empty: no mixes",
    )
    modes: list[MixMode] = Field(
        ["mixed", "only", "tuned"],
        description="what is done with the others: mixed, they have synthetic phase; only, they "
        "are left out; tuned, left out too, of a network that was trained on synthetic phase",
    )
    phase: PhaseSource = Field("phasegen", description="arm that the synthetic phase is of")

    @field_validator("models", "shares", "modes")
    @classmethod
    def _once(cls, values: list) -> list:
        if len(set(values)) < len(values):
            raise ValueError("holds a value twice")
        return values


class CompressedSensing(Strict):
    """The classical floor."""

    weights: list[Positive] = Field(
        [], description="weights of the penalty to choose from, on validation subjects; empty: none"
    )


class Reconstruction(Experiment):
    """One network for each arm, model, factor and seed, tested on undersampled raw data."""

    section: ClassVar[str] = "reconstruction"

    comparisons: list[tuple[str, str]] = Field(
        [
            ("original", "phasegen"),
            ("phasegen", "naive"),
            ("phasegen", "none"),
            ("phasegen", "zerofilling"),
        ],
        description="arms, zerofilling or compressed_sensing that are compared in pairs, left "
        "minus right; pairs of which one is not there are left out",
    )
    undersampling: Undersampling = Undersampling()
    models: dict[Name, ReconstructionModel] = Field(
        {"small": ReconstructionModel(), "large": ReconstructionModel()},
        min_length=1,
        description="networks by name; null takes one out that another file has put there",
    )
    runs: list[Run] = Field(
        [],
        description="what is trained, where it is not every model at every factor; what is not "
        "listed is said to be not run at this size. Empty: all",
    )
    mixes: Mixes = Mixes()
    compressed_sensing: CompressedSensing = CompressedSensing()
    split: Literal["subject", "paper"] = Field(
        "subject",
        description="paper: the test slices are a fifth of the slices of original, whatever their "
        "subject, as the paper seems to have drawn its own; every table says so",
    )

    @field_validator("models", mode="before")
    @classmethod
    def _models_without_null(cls, models: object) -> object:
        return without_null(models)

    @model_validator(mode="after")
    def _runs_exist(self) -> Self:
        for number, run in enumerate(self.runs):
            key = f"reconstruction.runs.{number}"
            self._check_cell(key, run.model, run.factor)
            if missing := sorted(set(run.arms or []) - set(self.arms)):
                raise ValueError(f"{key}.arms has {missing[0]!r}, and there is no such arm")
        cells = [(run.model, run.factor) for run in self.runs]
        for model, factor in cells:
            if cells.count((model, factor)) > 1:
                raise ValueError(f"reconstruction.runs has model {model} at factor {factor} twice")
        return self

    @model_validator(mode="after")
    def _mixes_exist(self) -> Self:
        if self.has_mixes:
            for model in self.mixes.models:
                self._check_cell("reconstruction.mixes", model, self.mixes.factor)
            if len({self.models[name].training.validation for name in self.mixes.models}) > 1:
                raise ValueError(
                    "reconstruction.mixes.models must have one share of validation subjects, since "
                    "they have one split"
                )
            if self.mixes.phase not in self.arms:
                raise ValueError(
                    f"reconstruction.mixes.phase is {self.mixes.phase!r}, and there is no such "
                    "arm; add it, or empty mixes.shares"
                )
        return self

    @model_validator(mode="after")
    def _paper_split_has_data(self) -> Self:
        if self.split == "paper" and not self.original:
            raise ValueError("reconstruction.split paper draws its test slices from 'original'")
        return self

    @property
    def has_mixes(self) -> bool:
        """Whether there is anything to mix."""
        return bool(self.original and self.mixes.shares and self.mixes.modes)

    @property
    def mixed_shares(self) -> list[float]:
        """Shares that are trained as mixes; all of the slices are the arm of original phase."""
        return [share for share in self.mixes.shares if share < 100] if self.has_mixes else []

    @property
    def original_arm(self) -> str:
        """Arm that is trained on original phase alone."""
        return next(arm for arm in self.arms if self.phase_of(arm) == "original")

    def arm_of_mix(self, mode: str) -> str:
        """Arm whose hyperparameters a mix has."""
        return self.original_arm if mode == "only" else self.mixes.phase

    def sampling(self, factor: int, axis: str) -> dict[str, str | int | float]:
        """Undersampling at one factor, as `phasegen.tasks.measurement.Sampling` takes it.

        Args:
            axis: phase-encode axis of a cohort.
        """
        chosen = self.undersampling
        own = {"factor": factor, "centre": chosen.factors[factor], "axis": axis}
        return own | {"kind": chosen.kind, "per": chosen.per}

    def seeds_for(self, arm: str, model: str, factor: int) -> int:
        """Trainings of an arm with a model at a factor; 0: not run at this size."""
        if not self.runs:
            return self.seeds
        for run in self.runs:
            if (run.model, run.factor) == (model, factor) and arm in (run.arms or self.arms):
                return run.seeds or self.seeds
        return 0

    def _check_cell(self, key: str, model: str, factor: int) -> None:
        if model not in self.models:
            raise ValueError(
                f"{key} has the model {model!r}, and there is no reconstruction.models.{model}"
            )
        if factor not in self.undersampling.factors:
            raise ValueError(
                f"{key} has the factor {factor}, and reconstruction.undersampling.factors has not"
            )
