"""The parts of the loss, and SSIM against the field's reference."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from phasegen.settings import Loss, ReconstructionLoss
from phasegen.tasks.complex_loss import complex_loss
from phasegen.tasks.reconstruction_loss import mean_ssim, reconstruction_loss


def images(seed, slices=3, size=32):
    """Complex slices of different scale, blank at the edge, where windows reach beyond."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(slices, 1, size, size, dtype=torch.complex64, generator=generator)
    values[..., 8:-8, 8:-8] += 1
    inside = torch.zeros(size, size)
    inside[4:-4, 4:-4] = 1
    return values * inside * torch.tensor([1, 50, 1e-3])[:slices, None, None, None]


def test_ssim_is_that_of_scikit_image():
    target = images(0)
    found = target + 0.5 * images(1)
    expected = [
        structural_similarity(
            t, f, win_size=7, data_range=t.max(), use_sample_covariance=False, full=True
        )[1].mean()
        for t, f in zip(target.abs().numpy()[:, 0], found.abs().numpy()[:, 0], strict=True)
    ]
    assert 0.2 < np.mean(expected) < 0.95
    assert float(mean_ssim(found, target)) == pytest.approx(np.mean(expected), abs=1e-4)


def test_ssim_does_not_depend_on_the_scale_of_a_slice():
    found, target = images(1), images(0)
    factor = torch.tensor([3, 1e-2, 1e4])[:, None, None, None]
    torch.testing.assert_close(mean_ssim(factor * found, factor * target), mean_ssim(found, target))


def test_ssim_is_as_exact_under_autocast():
    found, target = images(1), images(0)
    with torch.autocast("cpu", torch.bfloat16):
        under = mean_ssim(found, target)
    assert torch.equal(under, mean_ssim(found, target))


def test_weights_add_up():
    found, target = images(1), images(0)
    parts = {"image": 2.0, "kspace": 3.0, "ssim": 0.5}
    nothing = dict.fromkeys(parts, 0.0)
    single = [
        weight * reconstruction_loss(found, target, ReconstructionLoss(**nothing | {name: 1.0}))
        for name, weight in parts.items()
    ]
    both = reconstruction_loss(found, target, ReconstructionLoss(**parts))
    torch.testing.assert_close(both, sum(single))
    assert min(single) > 0


def test_by_default_l1_of_complex_images():
    found, target = images(1), images(0)
    expected = (found - target).abs().mean()
    torch.testing.assert_close(reconstruction_loss(found, target, ReconstructionLoss()), expected)
    loss = ReconstructionLoss(norm="l2", kspace=1)
    assert reconstruction_loss(found, target, loss) == complex_loss(
        found, target, Loss(norm="l2", kspace=1)
    )


@pytest.mark.parametrize("loss", [{"of": "magnitude", "kspace": 1}, {"image": 0, "ssim": 1}])
def test_magnitudes_do_not_care_for_phase(loss):
    loss, target = ReconstructionLoss.model_validate(loss), images(0)
    turned = target * torch.exp(torch.tensor(1j))
    assert reconstruction_loss(turned, target, loss) < 1e-5
    assert reconstruction_loss(images(1), target, loss) > 1e-2
    of_magnitude = reconstruction_loss(
        images(1), target, ReconstructionLoss(of="magnitude", kspace=0)
    )
    torch.testing.assert_close(of_magnitude, (images(1).abs() - target.abs()).abs().mean())


@pytest.mark.parametrize("of", ["complex", "magnitude"])
def test_gradients_are_finite_with_no_error_and_blank_slices(of):
    target = images(0)
    target[1] = 0
    for found in (target.clone(), torch.zeros_like(target), images(1)):
        found.requires_grad_()
        loss = ReconstructionLoss(of=of, kspace=1, ssim=1)
        reconstruction_loss(found, target, loss).backward()
        assert torch.isfinite(torch.view_as_real(found.grad)).all()
    assert (found.grad.abs().amax(dim=(1, 2, 3)) > 0).all()


def test_a_step_down_the_gradient_makes_images_more_alike():
    target, found = images(0), images(1).requires_grad_()
    before = mean_ssim(found, target)
    (1 - before).backward()
    peak = target.abs().amax(dim=(-2, -1), keepdim=True)
    assert mean_ssim(found - 10 * peak**2 * found.grad, target) > before


def test_a_loss_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        ReconstructionLoss(image=0)
