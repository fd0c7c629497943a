"""All sections together, and reading them."""

from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from phasegen.settings.base import ConfigError, Count, Name, PhaseSource, Strict, one_line_each
from phasegen.settings.datasets import Datasets
from phasegen.settings.phase_model import PhaseModel
from phasegen.settings.quality import Quality
from phasegen.settings.raters import Rater
from phasegen.settings.reconstruction import Reconstruction
from phasegen.settings.simulation import Simulation
from phasegen.settings.skull_strip import SkullStrip
from phasegen.settings.stores import Export, Ingest, Synthesis
from phasegen.settings.tasks import TaskModel


class Settings(Strict):
    """Everything a run depends on."""

    seed: Annotated[int, Field(ge=0)] = 2026
    results: str = Field("results", description="folder of all that a run writes")
    cohorts: str = Field("config/cohorts.tsv", description="table of cohorts")
    banner: str = Field(
        "", description="what stands above every table, of a run that is no evidence"
    )
    container: str = Field(
        "", description="image that jobs run in, where Snakemake is told to use containers"
    )
    datasets: Datasets = Datasets()
    simulation: Simulation = Simulation()
    ingest: Ingest = Ingest()
    phase_models: dict[Name, PhaseModel] = Field({"phasegen": PhaseModel(), "paper": PhaseModel()})
    synthesis: Synthesis = Synthesis()
    quality: Quality = Quality()
    export: Export = Export()
    raters: dict[Name, Rater] = Field(
        {}, description="brain extractors that a consensus may be made of"
    )
    skull_strip: SkullStrip = SkullStrip()
    reconstruction: Reconstruction = Reconstruction()
    planned: dict[Name, Count] = Field(
        {},
        description="slices of cohorts, for dry runs before their files are there; a run counts "
        "them itself",
    )

    @model_validator(mode="after")
    def _sizes_fit(self) -> "Settings":
        if max(self.quality.sizes) > self.ingest.size:
            raise ValueError("quality.sizes are larger than ingest.size, which would be made up")
        for name, model in self.phase_models.items():
            if not model.weights:
                _fits(model, name, self.ingest.size)
        for key, model in self.task_models().items():
            if self.ingest.size % model.network.multiple:
                raise ValueError(
                    f"ingest.size must be a multiple of {model.network.multiple} (2 to the number "
                    f"of {key}.network.widths, times its patch), not {self.ingest.size}"
                )
        return self

    def shards_per_job(self, source: PhaseSource) -> int:
        """Shards of k-space that one job makes of a source."""
        return (self.synthesis if source == "phasegen" else self.ingest).shards_per_job

    def task_models(self) -> dict[str, TaskModel]:
        """Networks that are trained on synthetic data when asked for, by their key."""
        found = {"skull_strip.model": self.skull_strip.model} if self.skull_strip.test else {}
        if self.reconstruction.test:
            models = self.reconstruction.models
            found |= {f"reconstruction.models.{name}": models[name] for name in models}
        return found

    @model_validator(mode="after")
    def _models_exist(self) -> "Settings":
        used = {"synthesis.model": self.synthesis.model} | {
            f"quality.samplers.{sampler}": model for sampler, model in self.quality.samplers.items()
        }
        for key, name in used.items():
            if name not in self.phase_models:
                raise ValueError(f"{key} is {name!r}, and there is no phase_models.{name}")
        return self

    @model_validator(mode="after")
    def _steps_exist(self) -> "Settings":
        model = self.phase_models[self.synthesis.model]
        if not model.weights and self.synthesis.steps > model.diffusion.timesteps:
            raise ValueError("synthesis.steps is larger than the timesteps of its phase model")
        return self


def _fits(model: PhaseModel, name: str, size: int) -> None:
    factor = model.multiple
    for key, edge in [
        ("ingest.size", size),
        *((f"phase_models.{name}.training.sizes", edge) for edge in model.training.sizes),
    ]:
        if edge % factor:
            raise ValueError(
                f"{key} must be a multiple of {factor} (2 to the number of phase_models.{name}."
                f"network.widths, times its patch), not {edge}"
            )


def models_to_train(settings: Settings) -> list[str]:
    """Phase models that the conversion needs and that are not given as files."""
    model = settings.synthesis.model
    needed = "phasegen" in settings.synthesis.sources
    return [model] if needed and not settings.phase_models[model].weights else []


Section = TypeVar("Section", bound=Strict)


def validate(config: dict, section: type[Section] = Settings) -> Section:
    """Settings, or one section of them, from a plain mapping; every fault is one line.

    Raises:
        ConfigError: unknown keys, wrong types, values out of range.
    """
    try:
        return section.model_validate(config)
    except ValidationError as error:
        raise ConfigError(one_line_each("config", error)) from None


def load(path: str | Path) -> Settings:
    """Settings from a YAML file.

    Raises:
        ConfigError: a missing or unreadable file, or faulty content.
    """
    try:
        config = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise ConfigError(f"config file {path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConfigError(
            f"config file {path} is not YAML: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(config or {}, dict):
        raise ConfigError(f"config file {path} must hold keys and values")
    return validate(config or {})
