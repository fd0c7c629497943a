"""What samples computes what was trained: the fast form, the training form and the oracle."""

import copy

import pytest
import torch
from torch.nn import functional

from phasegen.nn import fixed, inference
from phasegen.nn.complex import ComplexConv2d, SpectralPool
from phasegen.nn.fixed import FixedConv2d, FixedUpConv2d, ThreefoldConv2d
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
        for module in (fixed, inference):
            monkeypatch.setattr(module, "packs", lambda weight: False)


def trained(changes):
    """A network whose statistics, slopes and biases are those of no fresh one."""
    torch.manual_seed(3)
    settings = SMALL.model_copy(update=changes)
    network = ComplexUNet(
        settings, channels_in=2, channels_out=1, embedding=settings.embedding
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


@torch.inference_mode()
@pytest.mark.parametrize("added", [True, False])
def test_three_convolutions_are_one_of_block_weights(packed, added):
    torch.manual_seed(5)
    convolution, scale, bias = ComplexConv2d(6, 10), torch.rand(20), torch.randn(20)
    values = pairs((9, 14)).repeat(1, 3, 1, 1)
    block = FixedConv2d(convolution.block_weight() * scale[:, None, None, None], bias)
    more = torch.randn(3, 20, 9, 14) if added else None
    expected = block(values, more if more is None else more.clone())
    found = ThreefoldConv2d(convolution.weight, scale, bias)(values, more)
    assert error(found, expected) < 1e-5


@torch.inference_mode()
@pytest.mark.skipif(not fixed.packs(torch.zeros(1)), reason="needs oneDNN")
def test_a_weight_is_laid_out_once_for_a_size_of_maps_and_for_few_at_a_time():
    """By a layout for larger maps small ones take far longer than by their own."""
    torch.manual_seed(6)
    layer = FixedConv2d(torch.randn(8, 8, 3, 3), torch.randn(8))
    up = FixedUpConv2d(torch.randn(8, 8, 3, 3), torch.randn(8))
    for edge in (2, 4, 8, 4, 2):
        maps = pairs((edge, edge)).repeat(1, 2, 1, 1)
        plain = functional.conv2d(maps, layer.weight, layer.bias, padding=1)
        assert error(layer(maps), plain) < 1e-5
        layout = layer.layouts[(8, edge, edge)]
        assert torch.equal(layer(maps[:1]), layer(maps)[:1])
        assert layer.layouts[(8, edge, edge)] is layout
        assert up(maps).shape[-1] == 2 * edge
    assert len(layer.layouts) == len(up.layouts) == 3
    for edge in range(2, 20):
        layer(pairs((edge, edge)).repeat(1, 2, 1, 1))
        assert len(layer.layouts) <= fixed.KEPT


@pytest.mark.parametrize(("precision", "used"), [("float32", True), ("bfloat16", False)])
def test_three_convolutions_serve_many_channels_in_float32_alone(precision, used):
    many = for_inference(trained({"widths": [16, 128], "bottleneck": 128}), precision)
    few = for_inference(trained({"widths": [16, 64], "bottleneck": 96}), precision)
    forms = [[type(layer) for layer in network.modules()] for network in (many, few)]
    assert (ThreefoldConv2d in forms[0]) == used
    assert ThreefoldConv2d not in forms[1]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("bottleneck", [64, 128])
def test_a_row_does_not_depend_on_the_others_nor_on_its_place(precision, bottleneck):
    # Functions may round values otherwise that fill no whole vector of the processor.
    changes = {"widths": [16, 32], "bottleneck": bottleneck, "embedding": 32}
    fast = for_inference(trained(changes), precision)
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
