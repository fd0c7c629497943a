"""Constants of folded k-space are single pixels of the image, and are taken out of it."""

import pytest
import torch

from phasegen.fourier import to_image
from phasegen.nn.ghosts import without_ghosts


def constants(patch, shape):
    """K-space of so many constants, one for each sample of a patch."""
    values = torch.randn(patch, patch, dtype=torch.complex64)
    return values.repeat(shape[0] // patch, shape[1] // patch)[None, None]


@pytest.mark.parametrize("patch", [1, 2, 4])
@pytest.mark.parametrize("shape", [(16, 16), (12, 24)])
def test_of_constants_the_centre_alone_is_left(patch, shape):
    seen = to_image(constants(patch, shape))
    assert (seen.abs() > 1e-4).sum() == patch**2
    left = without_ghosts(seen, patch)[0, 0]
    centre = shape[0] // 2, shape[1] // 2
    torch.testing.assert_close(left[centre], seen[0, 0][centre])
    left[centre] = 0
    assert left.abs().max() < 1e-5


def test_an_object_loses_nothing_but_those_pixels():
    images = torch.randn(3, 1, 16, 16, dtype=torch.complex64)
    changed = (without_ghosts(images, 2) != images).nonzero()
    assert {tuple(place[2:].tolist()) for place in changed} == {(0, 0), (0, 8), (8, 0)}
    even = torch.ones_like(images)
    torch.testing.assert_close(without_ghosts(even, 4), even)


def test_constants_have_no_gradient():
    kspace = constants(2, (16, 16)).requires_grad_()
    target = torch.zeros(16, 16)
    target[8, 8] = 1
    (without_ghosts(to_image(kspace), 2).abs().square() * (1 - target)).sum().backward()
    torch.testing.assert_close(kspace.grad, torch.zeros_like(kspace), atol=1e-5, rtol=0)
