"""The configuration: its one definition, its defaults and its checks."""

import csv
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from phasegen.errors import UserError

Device = Literal["cpu", "cuda"]
PhaseSource = Literal["none", "random", "naive", "phasegen"]
Contrast = Literal["T1w", "T2w", "PDw", "GRE"]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["float32", "bfloat16"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
SamplerName = Literal["ancestral", "ddim", "dpm", "heun"]


class ConfigError(UserError):
    """A configuration that cannot be run; the message has one line per fault."""


class Strict(BaseModel):
    """Base of all sections: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Simulation(Strict):
    """Simulated subjects, for a cohort with known phase and no licence to ask for."""

    folder: str = Field("results/simulated", description="where the files go")
    groups: dict[str, Count] = Field(
        {"train": 12, "convert": 6},
        description="subjects per group; numbering runs on, so no subject is in two groups",
    )
    contrasts: list[Contrast] = Field(["T1w", "T2w", "PDw"], min_length=1)
    slices: Count = Field(8, description="axial slices per volume")
    matrix: Annotated[int, Field(ge=32)] = Field(128, description="in-plane size [pixel]")
    field_strength: Positive = Field(3.0, description="[T]")
    snr: Positive = Field(
        40.0,
        description="mean white-matter signal over the standard deviation of one noise channel",
    )

    def subjects(self) -> dict[str, list[str]]:
        """Names of the subjects of each group, numbered on over the groups."""
        names = iter(f"sub-{number:03d}" for number in range(1, sum(self.groups.values()) + 1))
        return {group: [next(names) for _ in range(count)] for group, count in self.groups.items()}

    def group_of(self, subject: str) -> str:
        """Group of a subject; KeyError if there is no such subject."""
        groups = {name: group for group, names in self.subjects().items() for name in names}
        return groups[subject]

    def raw_file(self, subject: str, contrast: Contrast) -> str:
        """Raw data (HDF5) of one contrast, below the folder of the simulation."""
        return f"{self.group_of(subject)}/{subject}/{subject}_{contrast}.h5"

    def magnitude_file(self, subject: str, contrast: Contrast) -> str:
        """Magnitude volume (NIfTI) of one contrast, likewise."""
        return f"{self.group_of(subject)}/{subject}/{subject}_{contrast}.nii.gz"

    def mask_file(self, subject: str) -> str:
        """Brain mask (NIfTI), likewise."""
        return f"{self.group_of(subject)}/{subject}/{subject}_mask.nii.gz"

    def files(self, subject: str) -> list[str]:
        """All files of one subject, likewise."""
        return [
            *(self.raw_file(subject, contrast) for contrast in self.contrasts),
            *(self.magnitude_file(subject, contrast) for contrast in self.contrasts),
            self.mask_file(subject),
        ]


class Ingest(Strict):
    """Volumes of any size to slices of one size."""

    size: Annotated[int, Field(ge=16)] = Field(64, description="rows and columns [pixel]")
    slices_per_shard: Count = Field(
        16, description="slices in one file of a store, which is also one job"
    )


class Network(Strict):
    """The complex residual U-Net (k-Strip, Rempe et al. 2024)."""

    widths: list[Count] = Field(
        [16, 32, 64], min_length=1, description="complex channels of each level"
    )
    bottleneck: Count = 128
    extra_blocks: Annotated[int, Field(ge=0)] = Field(
        0, description="residual blocks after the first of each level"
    )
    embedding: Annotated[int, Field(ge=2, multiple_of=2)] = Field(
        64, description="length of the step embedding"
    )
    dropout: Share = 0.0
    context: Annotated[int, Field(ge=0)] = Field(
        0,
        description="channels of a small encoder that tells from the whole magnitude what kind of "
        "image it is; 0: there is none (the paper)",
    )
    patch: Count = Field(
        1, description="edge of the square of pixels folded into channels; 1 is the paper's network"
    )


class Diffusion(Strict):
    """The forward process (Rempe et al. 2025, Alg. 1)."""

    timesteps: Annotated[int, Field(ge=2)] = 1000
    noise: Literal["unit", "gaussian"] = Field(
        "gaussian",
        description="unit: magnitude one, uniform phase (the paper); gaussian: circular complex normal",
    )
    forward: Literal["linear", "polar"] = Field(
        "linear",
        description="how noise enters: linear (the paper's Alg. 1) or polar (its Eq. 3, closed; "
        "there is no sampler for it but the linear one, a mismatch)",
    )
    condition: Literal["channel", "modulation"] = Field(
        "modulation",
        description="how the magnitude enters: as a channel (the paper), or also by "
        "multiplication at both ends of the network",
    )
    prediction: Literal["eps", "v"] = Field(
        "v",
        description="what the network learns: the noise (the paper), or the velocity, which is "
        "well conditioned at every step",
    )
    steps: Literal["uniform", "lognormal"] = Field(
        "lognormal",
        description="law of the training steps: uniform (the paper), or by a normal law of "
        "ln(noise / signal), which spends more on the noisy steps that lay out the phase",
    )
    level_mean: float = Field(
        0.2,
        description="of ln(noise / signal) under lognormal; higher than EDM's -1.2, since noisy "
        "steps lay out the phase",
    )
    level_spread: Positive = Field(1.3, description="its standard deviation")
    smallest: Annotated[int, Field(ge=0)] = Field(
        0,
        description="shorter edge [pixel] of the grid on which sampling starts, k-space growing "
        "outwards as the noise falls; level_mean and level_spread are then of this grid. 0: the "
        "full grid throughout (the paper)",
    )
    receiver: Literal["diffused", "drawn"] = Field(
        "diffused",
        description="how the receiver's noise comes about: diffused with all the rest (the "
        "paper), or drawn in the end by a signal-to-noise ratio that the network gives each pixel",
    )
    loss: Literal["l1", "l2"] = Field(
        "l2", description="l1 is the published code's, l2 the paper's"
    )

    @model_validator(mode="after")
    def _polar_is_of_phases(self) -> "Diffusion":
        if self.forward == "polar" and (self.noise, self.prediction) != ("unit", "eps"):
            raise ValueError("forward: polar needs noise: unit and prediction: eps")
        return self

    @model_validator(mode="after")
    def _growing_noise_is_gaussian(self) -> "Diffusion":
        if self.smallest and (self.forward, self.noise) != ("linear", "gaussian"):
            raise ValueError("smallest needs forward: linear and noise: gaussian")
        return self


class Training(Strict):
    """How the phase model is fitted."""

    epochs: Count = 60
    batch: Count = 16
    learning_rate: Positive = 2e-3
    decay: Annotated[float, Field(gt=0, le=1)] = Field(
        0.98, description="factor on the learning rate after every epoch"
    )
    betas: tuple[Share, Share] = (0.9, 0.99)
    average: Share = Field(
        0.99,
        description="decay of the moving average of the weights that is kept; 0 keeps the last",
    )
    clip: Positive = Field(1.0, description="largest norm of the gradient")
    sizes: list[Annotated[int, Field(ge=16)]] = Field(
        [],
        description="rows and columns, drawn for each batch, to which slices are brought by the "
        "centre of k-space; empty: the slices as they are",
    )
    norm_epochs: Annotated[int, Field(ge=0)] = Field(
        0,
        description="epochs after which batch normalisation keeps its averages, so that training "
        "goes on with the network that samples; 0: it never does (the paper)",
    )
    noise: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0,
        description="largest standard deviation of noise added to slices, over their scale",
    )
    precision: Precision = Field(
        "float32", description="of the convolutions; weights and losses are float32"
    )
    devices: Count = Field(1, description="GPUs, or CPU processes, that share each step")
    validation: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.15, description="share of the subjects held out for early stopping"
    )
    patience: Count = Field(30, description="epochs without a better validation loss")
    threads: Count = Field(
        2, description="numerical threads; part of the result, so never automatic"
    )
    device: Device = "cpu"


class PhaseModel(Strict):
    """A conditional diffusion model that gives a magnitude image its phase."""

    weights: str = Field(
        "",
        description="file of a trained model, used as it is; empty: train by the sections below",
    )
    network: Network = Network()
    diffusion: Diffusion = Diffusion()
    training: Training = Training()

    @model_validator(mode="after")
    def _grids_are_trained(self) -> "PhaseModel":
        smallest, sizes = self.diffusion.smallest, self.training.sizes
        if not smallest or self.weights:
            return self
        if not sizes or min(sizes) <= smallest:
            raise ValueError("with diffusion.smallest, training.sizes must hold larger edges")
        if smallest % self.multiple:
            raise ValueError(f"diffusion.smallest must be a multiple of {self.multiple}")
        return self

    @property
    def multiple(self) -> int:
        """Rows and columns of all grids must be multiples of this."""
        return self.network.patch * 2 ** len(self.network.widths)

    @model_validator(mode="after")
    def _trained_or_not(self) -> "PhaseModel":
        if self.weights and self.model_fields_set - {"weights"}:
            raise ValueError("a model with weights is complete; leave out its other sections")
        return self


class Synthesis(Strict):
    """Phase for magnitude slices, one store per source."""

    sources: list[PhaseSource] = Field(["none", "random", "naive", "phasegen"], min_length=1)
    model: str = Field("phasegen", description="one of phase_models, for the source phasegen")
    sampler: SamplerName = "dpm"
    steps: Count = Field(20, description="network evaluations per slice")
    precision: Precision = Field("float32", description="of the convolutions")
    batch: Count = Field(16, description="slices sampled together")
    threads: Count = Field(
        1, description="numerical threads; part of the result, so never automatic"
    )
    device: Device = "cpu"


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


class Settings(Strict):
    """Everything a run depends on."""

    seed: Annotated[int, Field(ge=0)] = 2026
    results: str = Field("results", description="folder of all that a run writes")
    cohorts: str = Field("config/cohorts.tsv", description="table of data sets")
    simulation: Simulation = Simulation()
    ingest: Ingest = Ingest()
    phase_models: dict[Name, PhaseModel] = {"phasegen": PhaseModel(), "paper": PhaseModel()}
    synthesis: Synthesis = Synthesis()
    quality: Quality = Quality()

    @model_validator(mode="after")
    def _sizes_fit(self) -> "Settings":
        if max(self.quality.sizes) > self.ingest.size:
            raise ValueError("quality.sizes are larger than ingest.size, which would be made up")
        for name, model in self.phase_models.items():
            if not model.weights:
                _fits(model, name, self.ingest.size)
        return self

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


class Cohort(Strict):
    """One row of the cohort table: a data set and how to read it."""

    name: Name
    role: Literal["raw", "magnitude", "test"]
    reader: Literal["nifti", "fastmri"]
    path: Annotated[str, Field(min_length=1)]
    mask: str = ""
    subject: str = ""
    slices: Annotated[str, Field(pattern=r"^(-?\d*:-?\d*(:\d*)?)?$")] = ""
    turn: Literal["0", "90", "180", "270"] = "0"

    @property
    def data(self) -> Literal["raw", "magnitude"]:
        """What the files hold; raw data of the role ``test`` are kept from every training."""
        return "magnitude" if self.role == "magnitude" else "raw"


Section = TypeVar("Section", bound=Strict)


def validate(config: dict, section: type[Section] = Settings) -> Section:
    """Settings, or one section of them, from a plain mapping; every fault is one line.

    Raises:
        ConfigError: unknown keys, wrong types, values out of range.
    """
    try:
        return section.model_validate(config)
    except ValidationError as error:
        raise ConfigError(_one_line_each("config", error)) from None


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


def read_cohorts(path: str | Path) -> dict[str, Cohort]:
    """Cohorts by name from a tab-separated table with a header; ``#`` starts a comment line.

    Raises:
        ConfigError: a missing file, an unknown column, a faulty row, a name used twice.
    """
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise ConfigError(f"cohort table {path}: {error.strerror} (config key 'cohorts')") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    cohorts: dict[str, Cohort] = {}
    faults = []
    for row in csv.DictReader(lines, delimiter="\t", restkey="(extra column)", restval=""):
        try:
            cohort = Cohort.model_validate({key: value for key, value in row.items() if value})
        except ValidationError as error:
            faults.append(_one_line_each(f"cohort table {path}, row {row.get('name')!r}", error))
            continue
        if cohort.name in cohorts:
            faults.append(f"cohort table {path}: the name {cohort.name!r} stands twice")
        cohorts[cohort.name] = cohort
    if not cohorts and not faults:
        faults.append(f"cohort table {path} has no rows")
    if faults:
        raise ConfigError("\n".join(faults))
    return cohorts


def _one_line_each(place: str, error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            lines.append(f"{place}: unknown key '{key}'")
        else:
            message = fault["msg"].removeprefix("Value error, ")
            lines.append(f"{place}: {key + ': ' if key else ''}{message}")
    return "\n".join(lines)
