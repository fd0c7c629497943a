"""Features hold what was measured, at its places, up to one factor for each slice."""

import pytest
import torch

from phasegen.fourier import to_image, to_kspace
from phasegen.nn.complex import SpectralPool, to_complex, to_pairs
from phasegen.nn.consistency import Acquired, hold

SIZE = (24, 16)
DOMAINS = pytest.mark.parametrize("domain", ["image", "kspace"])
POOLINGS = pytest.mark.parametrize("poolings", [0, 1, 2])


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.complex64, generator=torch.Generator().manual_seed(seed))


def measurement(domain, slices=3, seed=1):
    """Columns, another set in each slice; the second slice is acquired in full."""
    generator = torch.Generator().manual_seed(seed)
    columns = torch.rand(slices, 1, 1, SIZE[1], generator=generator) < 0.4
    columns[..., SIZE[1] // 2] = True
    columns[1] = True
    mask = columns.expand(slices, 1, *SIZE)
    return Acquired(torch.where(mask, draw(slices, 1, *SIZE, seed=seed), 0), mask, domain)


def features(poolings, channels=5, slices=3):
    size = [edge // 2**poolings for edge in SIZE]
    # Of far other size in each slice.
    return draw(slices, channels, *size) * torch.tensor([1, 1e-3, 1e3])[:slices, None, None, None]


def seen(values, domain):
    return to_kspace(values) if domain == "image" else values


def by_pooling(acquired, poolings):
    """K-space pooled as features are, by the layer that pools them."""
    in_image = acquired.domain == "image"
    pairs = to_pairs(to_image(acquired.kspace) if in_image else acquired.kspace)
    for _ in range(poolings):
        pairs = SpectralPool()(pairs)
    return seen(to_complex(pairs), acquired.domain)


def places(acquired, poolings):
    """Index by index: same frequency in the image's k-space, each so many-th in k-space itself."""
    mask, step = acquired.mask, 2**poolings
    size = [edge // step for edge in SIZE]
    index = []
    for edge, small in zip(SIZE, size, strict=True):
        offset = torch.arange(small) - small // 2
        index.append(edge // 2 + offset * (1 if acquired.domain == "image" else step))
    return mask[:, :, index[0]][:, :, :, index[1]]


@DOMAINS
@POOLINGS
def test_acquired_positions_are_the_measurement_and_the_others_as_they_were(domain, poolings):
    acquired, before = measurement(domain), features(poolings)
    known, mask = by_pooling(acquired, poolings), places(acquired, poolings)
    after = seen(to_complex(hold(to_pairs(before), acquired)), domain)
    before = seen(before, domain)
    for was, now, data, where in zip(before, after, known, mask, strict=True):
        here = where.expand_as(now)
        factor = was[here].abs().mean() / data[where].abs().mean()
        wanted = torch.where(where, data * factor, was)
        assert (now - wanted).abs().max() < 1e-5 * wanted.abs().max()
    assert not torch.allclose(after, before)


@DOMAINS
@POOLINGS
def test_a_multiple_of_the_measurement_stays_as_it_is(domain, poolings):
    acquired = measurement(domain)
    pairs = to_pairs(acquired.kspace if domain == "kspace" else to_image(acquired.kspace))
    for _ in range(poolings):
        pairs = SpectralPool()(pairs)
    torch.testing.assert_close(hold(7 * pairs, acquired), 7 * pairs, atol=1e-5, rtol=1e-5)


@DOMAINS
def test_pooled_twice_is_pooled_by_four(domain):
    acquired = measurement(domain)
    once, twice = acquired.pooled((6, 4)), acquired.pooled((12, 8)).pooled((6, 4))
    assert torch.equal(once.mask, twice.mask)
    torch.testing.assert_close(once.kspace, twice.kspace)


@pytest.mark.parametrize("pooled", [(12, 8), (6, 4), (3, 2)])
def test_the_centre_of_kspace_stays_in_the_centre(pooled):
    mask = torch.zeros(1, 1, *SIZE, dtype=torch.bool)
    mask[..., SIZE[0] // 2, SIZE[1] // 2] = True
    for domain in ("image", "kspace"):
        small = Acquired(mask.to(torch.complex64), mask, domain).pooled(pooled).mask[0, 0]
        assert small.nonzero().tolist() == [[pooled[0] // 2, pooled[1] // 2]]


@DOMAINS
def test_slices_of_a_batch_do_not_mix(domain):
    acquired, pairs = measurement(domain), to_pairs(features(1))
    together = hold(pairs, acquired)
    for number in range(len(pairs)):
        row = slice(number, number + 1)
        alone = Acquired(acquired.kspace[row], acquired.mask[row], domain)
        torch.testing.assert_close(hold(pairs[row], alone), together[row])


@DOMAINS
def test_without_measurement_features_stay(domain):
    nothing = Acquired(torch.zeros(3, 1, *SIZE) + 0j, torch.zeros(3, 1, *SIZE) > 0, domain)
    pairs = to_pairs(features(1))
    found = hold(pairs, nothing)
    assert (found - pairs).abs().amax() < 1e-5 * pairs.abs().amax()


@DOMAINS
def test_a_blank_slice_writes_zeros_and_has_finite_gradients(domain):
    blank = Acquired(torch.zeros(3, 1, *SIZE) + 0j, torch.ones(3, 1, *SIZE) > 0, domain)
    for pairs in (to_pairs(features(1)), torch.zeros(3, 10, 12, 8)):
        pairs.requires_grad_()
        found = hold(pairs, blank)
        found.square().sum().backward()
        assert found.abs().max() == 0
        assert torch.isfinite(pairs.grad).all()


@DOMAINS
def test_gradients_reach_features_through_factor_and_rest(domain):
    acquired, pairs = measurement(domain), to_pairs(features(0)).requires_grad_()
    hold(pairs, acquired).square().sum().backward()
    # The second slice is acquired in full: what is left of its features is the factor.
    assert torch.isfinite(pairs.grad).all()
    assert (pairs.grad.abs().amax(dim=(1, 2, 3)) > 0).all()


@DOMAINS
def test_features_keep_their_precision(domain):
    pairs = to_pairs(features(1))
    found = hold(pairs.bfloat16(), measurement(domain))
    assert found.dtype == torch.bfloat16
    exact = hold(pairs, measurement(domain))
    assert (found.float() - exact).norm() < 0.02 * exact.norm()
