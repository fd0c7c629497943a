"""The published reconstruction: counts of weights, and a step of training of every arm."""

import numpy as np
import pytest
import torch
import yaml

from phasegen.nn.complex import ComplexConv2d
from phasegen.settings import Reconstruction
from phasegen.tasks.measurement import Sampling
from phasegen.tasks.reconstruction import ReconstructionTask
from phasegen.tasks.reconstruction_network import ReconstructionNetwork

from ..test_settings import REPOSITORY

PUBLISHED = {"small": 209e3, "large": 3.3e6}
# Table A3 of the paper; original, which it does not have, as phasegen.
RECIPES = {
    "none": (3.8e-4, 32, 0.1, 180),
    "naive": (3.8e-4, 32, 0.1, 185),
    "phasegen": (4.4e-4, 128, 0.4, 275),
    "original": (4.4e-4, 128, 0.4, 275),
}
SIZE = 320


@pytest.fixture(scope="module")
def task():
    config = yaml.safe_load((REPOSITORY / "config" / "paper.yaml").read_text())
    return Reconstruction.model_validate(config["reconstruction"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_networks_have_the_published_number_of_complex_weights(task, name):
    with torch.device("meta"):
        network = ReconstructionNetwork(task.models[name])
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    weights = sum(layer.weight.numel() + layer.bias.numel() for layer in layers) / 2
    assert abs(weights / PUBLISHED[name] - 1) < 0.05


@pytest.mark.parametrize("arm", RECIPES)
def test_hyperparameters_are_the_published_ones(task, arm):
    model = task.models["large"].having(task.arms[arm])
    fit = model.training
    assert (fit.learning_rate, fit.batch, model.network.dropout, fit.epochs) == RECIPES[arm]
    assert fit.optimizer == "adamw" and model.network.activation == "relu"


@pytest.mark.parametrize("factor", [4, 8])
@pytest.mark.parametrize("name", PUBLISHED)
def test_one_step_of_training(task, name, factor):
    torch.manual_seed(0)
    model = task.models[name].having(task.arms["phasegen"])
    on_cpu = model.training.model_copy(update={"device": "cpu"})
    lines = Sampling(**task.sampling(factor, "kx"), seed=0)
    fitted = ReconstructionTask(
        model.model_copy(update={"training": on_cpu}), lines, np.zeros((0, SIZE), bool), 0
    )
    # A task on its own has nobody to log to.
    fitted.log = lambda *_, **__: None
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    knee = (np.hypot(x, y) < 0.8) * np.exp(1j * x) * (1 + np.cos(9 * y))
    optimizer = fitted.configure_optimizers()
    assert isinstance(optimizer, torch.optim.AdamW)
    before = [weight.detach().clone() for weight in fitted.parameters()]
    loss = fitted.training_step((torch.from_numpy(knee[None, None].astype(np.complex64)), None), 0)
    loss.backward()
    optimizer.step()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(weight).all() for weight in fitted.parameters())
    moved = [not torch.equal(a, b) for a, b in zip(before, fitted.parameters(), strict=True)]
    assert all(moved)
