"""The published network of skull-stripping: its count, and a step of training at its size."""

import numpy as np
import pytest
import torch
import yaml

from phasegen.nn.complex import ComplexConv2d
from phasegen.settings import TaskModel
from phasegen.tasks.skull_strip import SkullStripTask
from phasegen.tasks.skull_strip_network import ImageNetwork

from ..test_settings import REPOSITORY

PUBLISHED = 33.5e6
SIZE = 256


@pytest.fixture(scope="module")
def model():
    config = yaml.safe_load((REPOSITORY / "config" / "paper.yaml").read_text())
    return TaskModel.model_validate(config["skull_strip"]["model"])


def test_the_network_has_the_published_number_of_complex_weights(model):
    with torch.device("meta"):
        network = ImageNetwork(model)
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    weights = sum(layer.weight.numel() + layer.bias.numel() for layer in layers) / 2
    assert abs(weights / PUBLISHED - 1) < 0.05


@pytest.mark.slow
def test_one_step_of_training(model):
    torch.manual_seed(0)
    on_cpu = model.training.model_copy(update={"device": "cpu"})
    task = SkullStripTask(model.model_copy(update={"training": on_cpu}), 0)
    # A task on its own has nobody to log to.
    task.log = lambda *_, **__: None
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    head, brain = np.hypot(x, y) < 0.8, np.hypot(x, y) < 0.6
    values = torch.from_numpy(np.stack([head * np.exp(1j * x), brain])[None].astype(np.complex64))
    optimizer = task.configure_optimizers()
    loss = task.training_step((values, torch.tensor([0])), 0)
    loss.backward()
    optimizer.step()
    assert torch.isfinite(loss)
    assert all(weight.grad.abs().sum() > 0 for weight in task.parameters())
    assert all(torch.isfinite(weight).all() for weight in task.parameters())
