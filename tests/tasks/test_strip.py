"""What a network of skull-stripping gives, when it is used."""

import numpy as np
import torch

from phasegen.settings import TaskModel
from phasegen.tasks.skull_strip_network import ImageNetwork
from phasegen.tasks.strip import FastStripper

SHAPE = {"domain": "kspace", "widths": [4], "bottleneck": 4, "patch": 2}


def test_a_stripped_head_is_nowhere_brighter_than_the_head():
    torch.manual_seed(0)
    network = ImageNetwork(TaskModel.model_validate({"network": SHAPE})).eval()
    random = np.random.default_rng(0)
    heads = random.normal(size=(3, 16, 16, 2)).astype(np.float32).view(np.complex64)[..., 0]
    heads[:, 8:] *= 0.01
    with torch.inference_mode():
        said = network(torch.from_numpy(heads[:, None]))[:, 0].abs().numpy()
    bright = said > np.abs(heads)
    assert bright.any() and not bright.all()
    found = FastStripper(network)(heads)
    np.testing.assert_allclose(found, np.where(bright, np.abs(heads), said), rtol=1e-4, atol=1e-6)
