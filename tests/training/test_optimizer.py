"""The optimiser that the configuration names is the one that fits, whatever the model."""

import numpy as np
import pytest
import torch

from phasegen.settings import Fitting, ReconstructionModel, TaskModel
from phasegen.tasks.measurement import Sampling
from phasegen.tasks.reconstruction import ReconstructionTask
from phasegen.tasks.skull_strip import SkullStripTask
from phasegen.training.fitted import Fitted

RATE = 0.5
LINES = Sampling(kind="random", factor=4, centre=0.08, axis="kx", per="volume", seed=0)


def fitted(training):
    model = Fitted(Fitting(**training), 0)
    model.weight = torch.nn.Parameter(torch.ones(1))
    return model


def strip(training):
    return SkullStripTask(TaskModel.model_validate({"training": training}), 0)


def reconstruct(training):
    model = ReconstructionModel.model_validate({"training": training})
    return ReconstructionTask(model, LINES, np.zeros((0, 8), bool), 0)


@pytest.mark.parametrize("make", [fitted, strip, reconstruct])
@pytest.mark.parametrize(("name", "decay"), [("adam", 0.0), ("adamw", 0.01)])
def test_without_a_gradient_only_adamw_shrinks_the_weights(make, name, decay):
    model = make({"optimizer": name, "learning_rate": RATE})
    optimizer = model.configure_optimizers()
    before = [weight.detach().clone() for weight in model.parameters()]
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    for old, new in zip(before, model.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * (1 - RATE * decay))
