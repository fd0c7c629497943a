"""The two published sizes of the network of reconstruction, and the grids that they take."""

import pytest
import torch

from phasegen.nn.complex import ComplexConv2d
from phasegen.settings import ReconstructionModel
from phasegen.tasks.reconstruction_network import ReconstructionNetwork

SMALL = {"widths": [5, 10, 20, 40], "bottleneck": 75}
LARGE = {"widths": [16, 32, 64, 160], "bottleneck": 320}
# Complex weights of the convolutions, one each; and all real numbers that are fitted.
SIZES = pytest.mark.parametrize(
    ("shape", "published", "weights", "fitted"),
    [
        pytest.param(SMALL, 209e3, 209_131, 420_062, id="small"),
        pytest.param(LARGE, 3.3e6, 3_317_729, 6_642_370, id="large"),
    ],
)


def build(shape):
    with torch.device("meta"):
        return ReconstructionNetwork(ReconstructionModel.model_validate({"network": shape}))


@SIZES
def test_complex_weights_are_the_published_number(shape, published, weights, fitted):
    network = build(shape)
    layers = [part for part in network.modules() if isinstance(part, ComplexConv2d)]
    found = sum(layer.weight.numel() + layer.bias.numel() for layer in layers) // 2
    assert abs(found / published - 1) < 0.05
    assert (found, sum(part.numel() for part in network.parameters())) == (weights, fitted)


@SIZES
@pytest.mark.parametrize("edge", [64, 320])
def test_both_sizes_of_slices_fit(shape, published, weights, fitted, edge):
    network = build(shape)
    kspace = torch.zeros(2, 1, edge, edge, dtype=torch.complex64, device="meta")
    mask = torch.ones(2, 1, 1, edge, dtype=torch.bool, device="meta")
    assert network(kspace, mask).shape == kspace.shape
