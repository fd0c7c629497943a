"""Augmentation keeps image, mask and k-space together; losses agree where Parseval says so."""

import numpy as np
import pytest
import torch

from phasegen.fourier import to_image, to_kspace
from phasegen.nn.ghosts import without_ghosts
from phasegen.settings import Loss, TaskModel, TaskTraining
from phasegen.tasks.augment import augment
from phasegen.tasks.complex_loss import complex_loss
from phasegen.tasks.skull_strip_network import ImageNetwork


def pairs(count, size=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(count, 1, size, size, dtype=torch.complex64, generator=generator)
    return torch.cat([image, (image.abs() > 1).to(torch.complex64)], dim=1)


def test_the_mask_goes_where_its_image_goes():
    values = augment(pairs(20), TaskTraining(global_phase=True), np.random.default_rng(0))
    torch.testing.assert_close(values[:, 1].real, (values[:, 0].abs() > 1).float())
    assert not torch.allclose(values[:, 0].abs(), pairs(20)[:, 0].abs())


@pytest.mark.parametrize("size", [8, 9])
def test_a_mirrored_image_has_mirrored_kspace(size):
    """Mirrored about ``n // 2``: the DFT of x[-n] is X[-k], with no ramp."""
    training = TaskTraining(global_phase=False)
    values = pairs(12, size)
    turned = augment(values, training, np.random.default_rng(1))
    places = (size // 2 - (torch.arange(size) - size // 2)) % size
    for before, after in zip(values[:, 0], turned[:, 0], strict=True):
        kspace = to_kspace(before)
        forms = [kspace, kspace[places], kspace[:, places], kspace[places][:, places]]
        assert min((to_kspace(after) - form).abs().max() for form in forms) < 1e-5


def test_the_global_phase_is_one_for_a_slice_and_leaves_the_mask_real():
    training = TaskTraining(flips=False, global_phase=True)
    values = pairs(30)
    turned = augment(values, training, np.random.default_rng(2))
    ratio = (turned / values)[:, 0].flatten(1)
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-4, atol=1e-4)
    assert ratio[:, 0].angle().std() > 1
    assert torch.equal(turned[:, 1], values[:, 1])


def test_nothing_is_changed_where_nothing_is_asked_for():
    training = TaskTraining(flips=False, global_phase=False)
    assert torch.equal(augment(pairs(3), training, np.random.default_rng(0)), pairs(3))


def test_under_l2_image_and_kspace_agree():
    found, target = pairs(4)[:, :1], pairs(4, seed=1)[:, :1]
    image = complex_loss(found, target, Loss(norm="l2", kspace=0))
    kspace = complex_loss(found, target, Loss(norm="l2", image=0))
    torch.testing.assert_close(image, kspace)
    torch.testing.assert_close(image, (found - target).abs().square().mean())


def test_weights_add_up():
    found, target = pairs(4)[:, :1], pairs(4, seed=1)[:, :1]
    both = complex_loss(found, target, Loss(image=2, kspace=3))
    image = complex_loss(found, target, Loss(kspace=0))
    kspace = complex_loss(found, target, Loss(image=0))
    torch.testing.assert_close(both, 2 * image + 3 * kspace)
    torch.testing.assert_close(image, (found - target).abs().mean())
    assert abs(image - kspace) > 1e-3


def test_the_gradient_of_no_error_is_finite():
    found = pairs(2)[:, :1].requires_grad_()
    complex_loss(found, found.detach(), Loss()).backward()
    assert torch.isfinite(found.grad.abs()).all()


def test_a_network_of_kspace_is_that_of_images_seen_through_the_transform():
    networks = {}
    for domain in ("kspace", "image"):
        torch.manual_seed(0)
        shape = {"domain": domain, "widths": [4], "bottleneck": 4, "patch": 2}
        networks[domain] = ImageNetwork(TaskModel.model_validate({"network": shape})).eval()
    images = pairs(2)[:, :1]
    found = networks["kspace"](images)
    seen = to_image(networks["image"](to_kspace(images)))
    torch.testing.assert_close(found, without_ghosts(seen, 2))
    assert not torch.allclose(found, networks["image"](images))
