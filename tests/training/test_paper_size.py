"""The published network, at the published size of image, fits into a workstation."""

import resource
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from phasegen.data.slices import ImageSlices
from phasegen.diffusion.generate import sample_phase
from phasegen.settings import PhaseModel, Synthesis
from phasegen.training.task import PhaseTask

from ..sealed import seal_slices

SIZE = 256
CONFIG = Path(__file__).parents[2] / "config" / "paper.yaml"


def published():
    """The paper's network and recipe, on this processor."""
    model = yaml.safe_load(CONFIG.read_text())["phase_models"]["published"]
    return PhaseModel.model_validate(model | {"training": model["training"] | {"device": "cpu"}})


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    torch.manual_seed(0)
    phase = np.linspace(-3, 3, SIZE, dtype=np.float32)
    image = np.exp(1j * phase * phase[:, None]).astype(np.complex64)
    store = tmp_path_factory.mktemp("slices") / "images.zarr"
    slices = ImageSlices([seal_slices(store, "images", image[None, None], 1)])
    # A task on its own has nobody to log to.
    task = PhaseTask(published(), 0, slices)
    task.log = lambda *_, **__: None
    return task


@pytest.mark.slow
def test_one_step_of_training(task):
    optimizer = task.configure_optimizers()
    loss = task.training_step(task.validation.__getitems__([0]).batch, 0)
    loss.backward()
    optimizer.step()
    print_peak("training, batch 1")
    assert torch.isfinite(loss)
    assert all(torch.isfinite(weight).all() for weight in task.parameters())
    assert all(weight.grad.abs().sum() > 0 for weight in task.parameters())


@pytest.mark.slow
def test_one_sample(task):
    magnitude = np.hypot(*np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j])[None].astype(np.float32)
    synthesis = Synthesis(steps=2, batch=1)
    phase = sample_phase(task.denoiser, magnitude, [np.random.default_rng(0)], synthesis)
    print_peak("sampling, batch 1")
    assert phase.shape == (1, SIZE, SIZE)
    assert np.isfinite(phase).all()


def print_peak(what):
    """The largest memory of this process so far; Linux counts in KiB."""
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}: at most {gigabytes:.1f} GiB")
