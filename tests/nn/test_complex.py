"""Layers on real pairs are the complex layers that they stand for."""

import pytest
import torch
from torch.nn import functional

from phasegen.nn.complex import (
    ComplexBatchNorm2d,
    ComplexConv2d,
    ComplexDropout,
    SpectralPool,
    to_complex,
    to_pairs,
)


def images(*shape):
    return torch.randn(*shape, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))


def test_pairs_and_back():
    values = images(2, 3, 4, 5)
    assert torch.equal(to_complex(to_pairs(values)), values)


@pytest.mark.parametrize("kernel", [1, 3])
def test_convolution_is_the_native_complex_one(kernel):
    layer = ComplexConv2d(3, 5, kernel)
    torch.nn.init.normal_(layer.bias)
    weight, bias = torch.complex(*layer.weight), torch.complex(*layer.bias)
    values = images(2, 3, 8, 6)
    expected = functional.conv2d(values, weight, bias, padding=kernel // 2)
    torch.testing.assert_close(to_complex(layer(to_pairs(values))), expected, atol=1e-5, rtol=1e-5)


def test_convolution_starts_with_the_variance_of_its_input():
    torch.manual_seed(0)
    out = to_complex(ComplexConv2d(64, 64)(to_pairs(images(1, 64, 32, 32)))).detach()
    # He: twice that of the input, for what a rectifier cuts.
    assert float(out.abs().square().mean()) == pytest.approx(2, rel=0.1)


def test_norm_gives_each_part_mean_zero_and_variance_one():
    layer = ComplexBatchNorm2d(3)
    out = layer(to_pairs(5 * images(8, 3, 16, 16) + 2 - 1j))
    torch.testing.assert_close(out.mean(dim=(0, 2, 3)), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(dim=(0, 2, 3)), torch.ones(6), atol=1e-2, rtol=0)


def test_dropout_takes_whole_complex_numbers():
    torch.manual_seed(0)
    out = to_complex(
        ComplexDropout(0.5)(
            to_pairs(torch.complex(torch.ones(99), torch.ones(99))[None, :, None, None])
        )
    )
    assert set(out.flatten().tolist()) == {0j, 2 + 2j}


@pytest.mark.parametrize("shape", [(8, 8), (12, 8), (6, 10)])
def test_pooling_keeps_what_both_grids_can_hold(shape):
    y, x = (torch.arange(n) - n // 2 for n in shape)
    wave = torch.exp(2j * torch.pi * (y[:, None] / shape[0] + x[None, :] / shape[1]))
    pooled = to_complex(SpectralPool()(to_pairs(wave[None, None])))[0, 0]
    y, x = (torch.arange(n // 2) - n // 4 for n in shape)
    rows, columns = shape[0] // 2, shape[1] // 2
    expected = torch.exp(2j * torch.pi * (y[:, None] / rows + x[None, :] / columns))
    torch.testing.assert_close(pooled, expected.to(pooled.dtype), atol=1e-5, rtol=0)


def test_pooling_takes_away_what_the_small_grid_cannot_hold():
    wave = torch.cos(torch.pi * torch.arange(8)).expand(8, 8)  # the highest frequency
    pooled = SpectralPool()(to_pairs(wave[None, None].to(torch.complex64)))
    assert pooled.abs().max() < 1e-6
