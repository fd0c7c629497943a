"""The complex residual U-Net."""

import pytest
import torch

from phasegen.nn.unet import ComplexUNet
from phasegen.settings import Network


def small(**changes):
    return Network(widths=[4, 6], bottleneck=8, embedding=8).model_copy(update=changes)


def output(network, size, seed=0):
    torch.manual_seed(seed)
    model = ComplexUNet(network, channels_in=2, channels_out=1, embedding=network.embedding).eval()
    pairs = torch.randn(3, 4, *size, generator=torch.Generator().manual_seed(1))
    return model, pairs, model(pairs, torch.tensor([1, 500, 1000]))


@pytest.mark.parametrize("size", [(8, 8), (16, 12)])
@pytest.mark.parametrize("patch", [1, 2])
def test_same_size_out_as_in(size, patch):
    size = (size[0] * patch, size[1] * patch)
    _, _, out = output(small(patch=patch), size)
    assert out.shape == (3, 2, *size)
    assert torch.isfinite(out).all()


def test_every_weight_gets_a_gradient():
    model, pairs, _ = output(small(extra_blocks=1), (8, 8))
    model.train()
    model(pairs, torch.tensor([1, 500, 1000])).square().sum().backward()
    idle = [name for name, weight in model.named_parameters() if not weight.grad.abs().sum() > 0]
    assert idle == []


def test_the_step_matters():
    model, pairs, out = output(small(), (8, 8))
    assert not torch.allclose(out, model(pairs, torch.tensor([2, 501, 999])))


def test_slices_of_a_batch_do_not_mix():
    model, pairs, out = output(small(), (8, 8))
    alone = model(pairs[1:2], torch.tensor([500]))
    torch.testing.assert_close(alone, out[1:2], atol=1e-5, rtol=1e-5)


def test_patches_keep_real_and_imaginary_parts_apart():
    """The folding alone: a network of patch 2 on folded images sees what one of patch 1 would."""
    values = torch.randn(1, 2, 4, 4, dtype=torch.complex64)
    pairs = torch.cat([values.real, values.imag], dim=1)
    folded = torch.nn.functional.pixel_unshuffle(pairs, 2)
    expected = torch.nn.functional.pixel_unshuffle(values.real, 2)
    torch.testing.assert_close(folded[:, :8], expected)


def test_weights_of_the_paper():
    """About 28 M complex weights at the published widths (counted without building them twice)."""
    network = Network(
        widths=[16, 32, 64, 128, 256], bottleneck=512, extra_blocks=3, embedding=256, dropout=0.2
    )
    with torch.device("meta"):
        model = ComplexUNet(network, channels_in=2, channels_out=1, embedding=network.embedding)
    weights = sum(
        weight.numel() for name, weight in model.named_parameters() if "embed" not in name
    )
    assert 25e6 < weights / 2 < 32e6
