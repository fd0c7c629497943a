"""What the jobs of a run will cost: GPU time and disk, before anything is computed.

Time is reckoned from the operations of the convolutions, counted without computing any, at the
speed at which the paper trained and sampled (Rempe et al. 2025, III-E and V: one A100).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from phasegen.diffusion.denoiser import Denoiser
from phasegen.diffusion.grids import Shape
from phasegen.nn.unet import ComplexUNet
from phasegen.paths import Grid
from phasegen.settings import (
    Cohort,
    PhaseModel,
    ReconstructionModel,
    Settings,
    TaskModel,
    size_of,
)
from phasegen.settings.experiment import Experiment
from phasegen.tasks.reconstruction_network import ReconstructionNetwork
from phasegen.tasks.skull_strip_network import ImageNetwork

BYTES = {"images": 8, "kspace": 8, "magnitude": 4, "mask": 1}
"""Of a pixel of a store."""

BACKWARD = 2
"""A step of training computes its forward pass and this many times as much again."""

PUBLISHED = PhaseModel.model_validate(
    {
        "weights": "",
        "network": {
            "widths": [16, 32, 64, 128, 256],
            "bottleneck": 512,
            "extra_blocks": 3,
            "embedding": 256,
        },
        "diffusion": {"condition": "channel", "prediction": "eps", "noise": "unit"},
    }
)
PUBLISHED_SIZE = 256
PUBLISHED_TRAINING_SLICES = 200 * 12_071
PUBLISHED_TRAINING_SECONDS = 10 * 3600
PUBLISHED_EVALUATIONS = 1000
PUBLISHED_SAMPLING_SECONDS = 10


class Cost(NamedTuple):
    """Of one job."""

    gpu_seconds: float = 0.0
    written: float = 0.0
    """Bytes in stores, before compression."""


@dataclass(frozen=True)
class Costs:
    """Costs of jobs by their rule and wildcards.

    Args:
        slices: of each cohort.
    """

    settings: Settings
    cohorts: Mapping[str, Cohort]
    slices: Mapping[str, int]

    def of(self, rule: str, wildcards: Mapping[str, str]) -> Cost:
        """Cost of one job; of rules that need no GPU and fill no store nothing."""
        return self._known[rule](wildcards) if rule in self._known else Cost()

    @cached_property
    def _known(self) -> dict[str, Callable[[Mapping[str, str]], Cost]]:
        return {
            "ingest": self._ingest,
            "synthesize": self._synthesize,
            "train_phase": self._train_phase,
            "search_skull_strip": self._train_skull_strip,
            "train_skull_strip": self._train_skull_strip,
            "evaluate_skull_strip": self._evaluate_skull_strip,
            "search_reconstruction": self._train_reconstruction,
            "train_reconstruction": self._train_reconstruction,
            "train_mix": self._train_reconstruction,
            "evaluate_reconstruction": self._evaluate_reconstruction,
            "evaluate_mix": self._evaluate_reconstruction,
        }

    def _slices(self, wildcards: Mapping[str, str], shards_per_job: int) -> int:
        """Slices of all shards of a job."""
        grid = Grid(self.slices[wildcards["cohort"]], self.settings.ingest.slices_per_shard)
        first = int(wildcards["shard"])
        last = min(first + shards_per_job, grid.shards) - 1
        return grid.rows(last).stop - grid.rows(first).start

    def _size(self, cohort: str) -> int:
        return size_of(self.cohorts[cohort], self.settings)

    def _pixels(self, wildcards: Mapping[str, str]) -> int:
        return self._size(wildcards["cohort"]) ** 2

    def _ingest(self, wildcards: Mapping[str, str]) -> Cost:
        count = self._slices(wildcards, self.settings.ingest.shards_per_job)
        return Cost(written=count * self._pixels(wildcards) * BYTES[wildcards["array"]])

    def _synthesize(self, wildcards: Mapping[str, str]) -> Cost:
        chosen = self.settings.synthesis
        count = self._slices(wildcards, self.settings.shards_per_job(wildcards["source"]))
        written = count * self._pixels(wildcards) * BYTES["kspace"]
        model = self.settings.phase_models[chosen.model]
        # Of a model that comes as a file the size is not known here.
        if wildcards["source"] != "phasegen" or chosen.device != "cuda" or model.weights:
            return Cost(written=written)
        one = flops_of_phase(model, self._size(wildcards["cohort"])).of_sample(chosen.steps)
        return Cost(count * one / sampling_speed(), written)

    def _train_phase(self, wildcards: Mapping[str, str]) -> Cost:
        model = self.settings.phase_models[wildcards["model"]]
        raw = [name for name, cohort in self.cohorts.items() if cohort.role == "raw"]
        sizes = model.training.sizes or [self._size(raw[0])]
        one = sum(flops_of_phase(model, size).of_all_grids for size in sizes) / len(sizes)
        return _training(model, sum(self.slices[name] for name in raw), one)

    def _train_skull_strip(self, wildcards: Mapping[str, str]) -> Cost:
        task = self.settings.skull_strip
        return self._train(task, task.model, wildcards["arm"])

    def _train_reconstruction(self, wildcards: Mapping[str, str]) -> Cost:
        task = self.settings.reconstruction
        arm = wildcards.get("arm") or task.arm_of_mix(wildcards["mode"])
        return self._train(task, task.models[wildcards["model"]], arm)

    def _train(self, task: Experiment, model: TaskModel, arm: str) -> Cost:
        model = model.having(task.arms[arm])
        one = flops_of_task(model, self._size(task.cohort))
        return _training(model, self.slices[task.cohort], one)

    def _evaluate_skull_strip(self, wildcards: Mapping[str, str]) -> Cost:
        return self._evaluate(self.settings.skull_strip.model, wildcards["cohort"])

    def _evaluate_reconstruction(self, wildcards: Mapping[str, str]) -> Cost:
        models = self.settings.reconstruction.models
        return self._evaluate(models[wildcards["model"]], wildcards["cohort"])

    def _evaluate(self, model: TaskModel, cohort: str) -> Cost:
        if model.training.device != "cuda":
            return Cost()
        one = flops_of_task(model, self._size(cohort))
        return Cost(self.slices[cohort] * one / sampling_speed())


def _training(model: PhaseModel | TaskModel, slices: int, flops: int | float) -> Cost:
    """Of all epochs; early stopping may spare some of them."""
    fit = model.training
    if fit.device != "cuda":
        return Cost()
    seen = slices * fit.epochs * ((1 - fit.validation) * (1 + BACKWARD) + fit.validation)
    return Cost(seen * flops / training_speed())


@cache
def training_speed() -> float:
    """Operations per second at which the paper's network was trained."""
    one = flops_of_phase(PUBLISHED, PUBLISHED_SIZE).evaluation * (1 + BACKWARD)
    return PUBLISHED_TRAINING_SLICES * one / PUBLISHED_TRAINING_SECONDS


@cache
def sampling_speed() -> float:
    """The same while it sampled."""
    one = flops_of_phase(PUBLISHED, PUBLISHED_SIZE).evaluation
    return PUBLISHED_EVALUATIONS * one / PUBLISHED_SAMPLING_SECONDS


class PhaseFlops(NamedTuple):
    """Operations for one slice."""

    evaluation: int
    """One evaluation of the network, on the grid that is diffused."""
    refinements: tuple[int, ...]
    """One for each finer grid; none where the full grid is diffused."""

    @property
    def of_all_grids(self) -> int:
        """Each grid once, as a step of training sees them."""
        return self.evaluation + sum(self.refinements)

    def of_sample(self, evaluations: int) -> int:
        """Of them each finer grid takes one, as in ``diffusion.generate.plan``."""
        diffused = max(evaluations - len(self.refinements), 1)
        return diffused * self.evaluation + sum(self.refinements)


def flops_of_phase(model: PhaseModel, size: int) -> PhaseFlops:
    """Operations of a phase model on slices of ``size`` pixels."""
    return _flops_of_phase(model.model_dump_json(), size)


def flops_of_task(model: TaskModel, size: int) -> int:
    """Operations of the network of a task on a slice of ``size`` pixels."""
    return _flops_of_task(type(model), model.model_dump_json(), size)


# Settings have no hash, their text has one.
@cache
def _flops_of_phase(text: str, size: int) -> PhaseFlops:
    with torch.device("meta"):
        denoiser = Denoiser(PhaseModel.model_validate_json(text))
    coarsest, *finer = denoiser.grids(denoiser.frame((size, size)))
    refined = tuple(_flops(denoiser.refiner.network, shape) for shape in finer)
    return PhaseFlops(_flops(denoiser.network, coarsest), refined)


@cache
def _flops_of_task(kind: type[TaskModel], text: str, size: int) -> int:
    network = ReconstructionNetwork if kind is ReconstructionModel else ImageNetwork
    with torch.device("meta"):
        unet = network(kind.model_validate_json(text)).unet
    return _flops(unet, (size, size))


def _flops(unet: ComplexUNet, shape: Shape) -> int:
    pairs = torch.empty(1, 2 * unet.channels_in, *shape, device="meta")
    step = torch.zeros(1, device="meta") if unet.embedding else None
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        unet(pairs, step)
    return counter.get_total_flops()
