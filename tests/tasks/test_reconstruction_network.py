"""The network of reconstruction: what was measured is kept, and no slice sees another."""

import copy

import pytest
import torch

from phasegen.fourier import to_image, to_kspace
from phasegen.nn.complex import SpectralPool, to_complex, to_pairs
from phasegen.nn.inference import for_inference
from phasegen.settings import Hyperparameters, ReconstructionModel
from phasegen.tasks.reconstruction_network import BadSlices, ReconstructionNetwork

SHAPE = {"widths": [3, 5], "bottleneck": 7}
DOMAINS = pytest.mark.parametrize("domain", ["image", "kspace"])
KINDS = pytest.mark.parametrize("consistency", ["pooling", "output", "both", "none"])


def fresh(**changes):
    torch.manual_seed(0)
    return ReconstructionNetwork(
        ReconstructionModel.model_validate({"network": SHAPE | changes})
    ).eval()


def network(**changes):
    """One that says much, as after training."""
    net = fresh(**changes)
    with torch.no_grad():
        net.unet.last.weight *= 100
    return net


def measured(slices=3, size=(24, 16)):
    """Full k-space and columns, others in each slice."""
    generator = torch.Generator().manual_seed(1)
    kspace = torch.randn(slices, 1, *size, dtype=torch.complex64, generator=generator)
    columns = torch.rand(slices, 1, 1, size[1], generator=generator) < 0.4
    columns[..., size[1] // 2 - 1 : size[1] // 2 + 2] = True
    return kspace, columns


@DOMAINS
@KINDS
def test_images_of_the_same_size_from_what_was_acquired_alone(domain, consistency):
    net, (kspace, mask) = network(domain=domain, consistency=consistency), measured()
    found = net(kspace, mask)
    assert (found.shape, found.dtype) == (kspace.shape, torch.complex64)
    assert torch.equal(net(kspace * mask, mask), found)
    assert not torch.allclose(net(kspace, ~mask), found)


@DOMAINS
@KINDS
def test_acquired_kspace_of_the_output_is_the_measured_if_so_asked(domain, consistency):
    kspace, mask = measured()
    found = to_kspace(network(domain=domain, consistency=consistency)(kspace, mask))
    where = mask.expand(kspace.shape)
    exact = torch.allclose(found[where], kspace[where], atol=1e-5)
    assert exact == (consistency in ("output", "both"))
    assert found[~where].abs().mean() > 1e-3


@DOMAINS
def test_a_full_mask_gives_the_image_back(domain):
    kspace, _ = measured()
    found = network(domain=domain, consistency="output")(kspace, torch.tensor(True))
    torch.testing.assert_close(found, to_image(kspace), atol=1e-5, rtol=1e-5)


@DOMAINS
@pytest.mark.parametrize("activation", ["relu", "prelu"])
def test_what_training_starts_from_is_about_zero_filling(domain, activation):
    kspace, mask = measured()
    found = fresh(domain=domain, consistency="both", activation=activation)(kspace, mask)
    filled = to_image(kspace * mask)
    assert 0 < (found - filled).norm() < 0.05 * filled.norm()


@DOMAINS
@pytest.mark.parametrize("patch", [1, 2])
@pytest.mark.parametrize("consistency", ["pooling", "none"])
def test_every_level_below_a_pooling_sees_the_measurement(domain, patch, consistency):
    net = network(domain=domain, consistency=consistency, patch=patch)
    kspace, mask = measured()
    below = []
    for level in net.unet.down[1:]:
        level.register_forward_pre_hook(lambda _, given: below.append(to_complex(given[0])))
    net(kspace, mask)
    assert len(below) == 2
    acquired = (kspace * mask) if domain == "kspace" else to_image(kspace * mask)
    for values in below:
        step = kspace.shape[-1] // values.shape[-1]
        pooled = to_pairs(acquired)
        for _ in range(step.bit_length() - 1):
            pooled = SpectralPool()(pooled)
        pooled = to_complex(pooled)
        if domain == "image":
            values, pooled = to_kspace(values), to_kspace(pooled)
        # The central column is acquired in all slices.
        column = values.shape[-1] // 2
        ratio = values[..., column] / pooled[..., column]
        same = torch.allclose(ratio, ratio[:, :1, :1].expand_as(ratio), rtol=1e-3, atol=1e-5)
        assert same == (consistency == "pooling")


@DOMAINS
@KINDS
@pytest.mark.parametrize("activation", ["relu", "prelu"])
def test_every_weight_gets_a_gradient(domain, consistency, activation):
    net = network(domain=domain, consistency=consistency, activation=activation, extra_blocks=1)
    net.train()(*measured()).abs().square().sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in net.parameters())
    idle = [name for name, weight in net.named_parameters() if not weight.grad.abs().sum() > 0]
    assert idle == []


@DOMAINS
@pytest.mark.parametrize("consistency", ["both", "none"])
def test_a_blank_slice_harms_no_gradient(domain, consistency):
    net, (kspace, mask) = network(domain=domain, consistency=consistency), measured()
    kspace[1] = 0
    net.train()(kspace, mask).abs().sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in net.parameters())


@DOMAINS
def test_slices_with_masks_of_their_own_do_not_mix(domain):
    net, (kspace, mask) = network(domain=domain, consistency="both"), measured()
    found = net(kspace, mask)
    for number in range(len(kspace)):
        row = slice(number, number + 1)
        torch.testing.assert_close(net(kspace[row], mask[row]), found[row], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("shape", [(16,), (24, 16), (1, 1, 1, 16), (3, 1, 24, 16)])
def test_any_mask_that_broadcasts(shape):
    net, (kspace, mask) = network(consistency="both"), measured()
    columns = mask[:1].expand(3, 1, 24, 16)
    given = mask[0, 0, 0] if len(shape) == 1 else columns[: shape[0], :, : shape[-2]]
    given = columns[0, 0] if len(shape) == 2 else given
    assert given.shape == shape
    assert torch.equal(net(kspace, given), net(kspace, columns))


def test_activations_are_what_was_asked_for():
    slopes = [name for name, _ in network().named_parameters() if "activation" in name]
    assert slopes == []
    slopes = [name for name, _ in network(activation="prelu").named_parameters()]
    assert any("activation" in name for name in slopes)


@pytest.mark.parametrize(
    ("kspace", "mask", "message"),
    [
        (torch.zeros(2, 24, 16) + 0j, torch.ones(16) > 0, r"k-space must be complex64 \(batch"),
        (torch.zeros(2, 2, 24, 16) + 0j, torch.ones(16) > 0, r"\(2, 2, 24, 16\)"),
        (torch.zeros(2, 1, 24, 16), torch.ones(16) > 0, "not torch.float32"),
        (torch.zeros(2, 1, 24, 18) + 0j, torch.ones(18) > 0, "must be multiples of 4"),
        (torch.zeros(2, 1, 24, 16) + 0j, torch.ones(16), "must be bool"),
        (torch.zeros(2, 1, 24, 16) + 0j, torch.ones(24) > 0, r"\(24,\) does not broadcast"),
        (torch.zeros(2, 1, 24, 16) + 0j, torch.ones(3, 1, 1, 16) > 0, "does not broadcast"),
    ],
)
def test_wrong_shapes_are_named(kspace, mask, message):
    with pytest.raises(BadSlices, match=message):
        network()(kspace, mask)


@torch.inference_mode()
@DOMAINS
@pytest.mark.parametrize(
    "changes",
    [
        {"consistency": "pooling"},
        {"consistency": "both", "activation": "prelu"},
        {"consistency": "none"},
        {"consistency": "pooling", "patch": 2, "extra_blocks": 1},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_the_fast_form_is_the_same_map(domain, changes, precision, tolerance):
    net, (kspace, mask) = network(domain=domain, **changes), measured()
    for layer in net.modules():
        if hasattr(layer, "running_mean"):
            torch.nn.init.uniform_(layer.running_mean, -1, 1)
            torch.nn.init.uniform_(layer.running_var, 0.5, 1.5)
    fast = copy.deepcopy(net)
    fast.unet = for_inference(net.unet, precision)
    expected = net(kspace, mask)
    error = (fast(kspace, mask) - expected).abs().max() / expected.abs().max()
    assert error < tolerance


def test_hyperparameters_of_a_source_leave_the_rest_of_the_model():
    model = ReconstructionModel.model_validate(
        {"network": {"consistency": "both"}, "loss": {"ssim": 1}}
    )
    having = model.having(Hyperparameters(dropout=0.4, domain="kspace", learning_rate=3.8e-4))
    assert isinstance(having, ReconstructionModel)
    assert having.network == model.network.model_copy(update={"dropout": 0.4, "domain": "kspace"})
    assert having.training.learning_rate == 3.8e-4
    assert having.loss == model.loss
