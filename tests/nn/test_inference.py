"""What samples computes what was trained: the fast form, the training form and the oracle."""

import copy

import pytest
import torch

from phasegen.nn import fixed
from phasegen.nn.complex import SpectralPool
from phasegen.nn.inference import for_inference
from phasegen.nn.pooling import spectral_pool
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import Network

from .oracle import Oracle

SMALL = Network(widths=[4, 6], bottleneck=8, embedding=8, dropout=0.3)
CASES = [
    pytest.param({}, (16, 16), id="small"),
    pytest.param({"extra_blocks": 2}, (16, 12), id="extra blocks, not square"),
    pytest.param({"patch": 2}, (24, 40), id="patches"),
    pytest.param({"widths": [5], "bottleneck": 5}, (6, 10), id="odd width and pooled size"),
    pytest.param({"widths": [16, 32, 64], "bottleneck": 128}, (64, 64), id="demo"),
]
STEPS = torch.tensor([1, 500, 1000])


@pytest.fixture(params=[True, False], ids=["oneDNN", "plain"])
def packed(request, monkeypatch):
    """Weights in oneDNN's layout where it exists, and without it, as on a GPU."""
    if not request.param:
        monkeypatch.setattr(fixed, "packs", lambda weight: False)


def trained(changes):
    """A network whose statistics, slopes and biases are those of no fresh one."""
    torch.manual_seed(3)
    network = ComplexUNet(
        SMALL.model_copy(update=changes), channels_in=2, channels_out=1, embedding=SMALL.embedding
    ).eval()
    for name, values in [*network.named_parameters(), *network.named_buffers()]:
        if values.dim() == 1 and "frequencies" not in name:
            torch.nn.init.uniform_(values, 0.2, 1.2)
    for layer in network.modules():
        if hasattr(layer, "running_mean"):
            torch.nn.init.uniform_(layer.running_mean, -1, 1)
            torch.nn.init.uniform_(layer.bias, -1, 1)
    return network


def pairs(size, seed=1):
    return torch.randn(3, 4, *size, generator=torch.Generator().manual_seed(seed))


def error(found, expected):
    return float((found - expected).abs().max() / expected.abs().max())


@torch.inference_mode()
def test_the_context_reaches_both_forms_alike():
    network = trained({})
    context = torch.randn(3, SMALL.embedding)
    expected = network(pairs((16, 16)), STEPS, context)
    assert error(for_inference(network)(pairs((16, 16)), STEPS, context), expected) < 1e-4
    assert error(network(pairs((16, 16)), STEPS), expected) > 1e-2


@torch.inference_mode()
@pytest.mark.parametrize(("changes", "size"), CASES)
def test_training_form_is_the_oracle(changes, size):
    network = trained(changes)
    assert error(network(pairs(size), STEPS), Oracle(network)(pairs(size), STEPS)) < 1e-4


@torch.inference_mode()
@pytest.mark.parametrize(("changes", "size"), CASES)
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_fast_form_is_the_oracle(packed, changes, size, precision, tolerance):
    """Bfloat16 keeps 8 bits, so a part in 256 for each of some ten layers."""
    network = trained(changes)
    found = for_inference(network, precision)(pairs(size), STEPS)
    assert found.dtype == torch.float32
    assert found.is_contiguous()
    assert error(found, Oracle(network)(pairs(size), STEPS)) < tolerance


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_row_does_not_depend_on_the_others_nor_on_its_place(precision):
    fast = for_inference(trained({"widths": [16, 32], "bottleneck": 64}), precision)
    values = pairs((32, 32))
    others = pairs((32, 32), seed=2)
    others[0], step = values[2], torch.tensor([1000, 7, 8])
    assert torch.equal(fast(others, step)[0], fast(values, STEPS)[2])


def test_the_original_stays_as_it_is_and_the_fast_form_too():
    network = trained({})
    before = copy.deepcopy(network.state_dict())
    fast = for_inference(network)
    found = fast(pairs((8, 8)), STEPS)
    for name, values in network.state_dict().items():
        assert torch.equal(values, before[name])
        values.zero_()
    assert torch.equal(fast(pairs((8, 8)), STEPS), found)


def test_a_network_in_training_is_evaluated_all_the_same():
    network = trained({})
    fast, slow = for_inference(network), for_inference(network.train())
    assert torch.equal(slow(pairs((8, 8)), STEPS), fast(pairs((8, 8)), STEPS))
    assert network.training


def test_no_gradients():
    values = pairs((8, 8)).requires_grad_()
    fast = for_inference(trained({}))
    assert not fast(values, STEPS).requires_grad
    assert not any(weight.requires_grad for weight in fast.parameters())


@pytest.mark.parametrize("size", [(8, 8), (12, 8), (6, 10), (2, 4)])
def test_pooling_by_matrices_is_pooling_of_the_spectrum(size):
    values = pairs(size).contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(spectral_pool(values), SpectralPool()(values), atol=1e-6, rtol=0)
