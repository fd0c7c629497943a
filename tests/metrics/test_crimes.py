"""Data crimes are found in simulated heads that committed them, and in no others.

The heads are others than those on which the thresholds were fixed.
"""

import io
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import zoom

from phasegen.fourier import centre_crop_or_pad, resample, to_kspace
from phasegen.metrics.crimes import (
    BLOCK_RATIO,
    CRIMES,
    LEAST_FILLED,
    MAGNITUDE_CLIFF,
    MEASURES,
    ONE_PHASE,
    PERIODICITY,
    RAW_CLIFF,
    ROLL_OFF,
    SMALLEST_SIDE,
    inspect_magnitude,
    inspect_raw,
)
from phasegen.mri import scan
from phasegen.settings import Simulation
from phasegen.store.columns import CRIMES as COLUMNS

RATIOS = (10, 20, 40, 80, 120)
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"


@pytest.fixture(scope="module")
def images():
    """Complex images of one head, three contrasts and five levels of noise: 120 slices."""
    settings = Simulation(groups={"one": 1}, slices=8, matrix=112)
    subject = scan.make_subject("sub-001", settings, seed=77)
    found = []
    for contrast in settings.contrasts:
        clean = scan.image(subject, contrast, settings, seed=77)
        for snr in RATIOS:
            noisy = settings.model_copy(update={"snr": float(snr)})
            found.append(scan.add_noise(clean, subject, contrast, noisy, seed=snr))
    return np.concatenate(found).astype(np.complex64)


@pytest.fixture(scope="module")
def some(images):
    """Every sixth slice, which are of all contrasts, levels of noise and heights."""
    return images[::6]


def magnitudes(images, change=lambda magnitude: magnitude):
    return [inspect_magnitude(change(np.abs(image)).astype(np.float32)) for image in images]


def raws(images, change=lambda kspace: kspace):
    return [inspect_raw(change(to_kspace(image))[None].astype(np.complex64)) for image in images]


def share(found, name):
    return np.mean([one[name] for one in found])


def guilty(found):
    return np.mean([one["crimes"] != "" for one in found])


def jpeg(quality):
    def change(magnitude):
        grey = Image.fromarray(np.rint(magnitude / magnitude.max() * 255).astype(np.uint8))
        file = io.BytesIO()
        grey.save(file, "JPEG", quality=quality)
        return np.array(Image.open(file)).astype(np.float32)

    return change


def interpolate(factor, order):
    return lambda magnitude: zoom(magnitude, factor, order=order, mode="nearest")


def pad(factor):
    return lambda kspace: centre_crop_or_pad(kspace, tuple(round(factor * n) for n in kspace.shape))


def padded(images, factor):
    size = round(factor * images.shape[-1])
    return resample(images, (size, size))


def test_measured_slices_are_not_accused(images):
    assert len(images) >= 100
    raw, magnitude = raws(images), magnitudes(images)
    assert guilty(raw) <= 0.02
    assert guilty(magnitude) <= 0.02
    assert share(raw, "zero_padded") == share(raw, "lossy") == share(raw, "magnitude_only") == 0
    assert share(magnitude, "zero_padded") == share(magnitude, "lossy") == 0
    assert share(magnitude, "magnitude_only") == 1


@pytest.mark.parametrize("levels", [255, 4095])
def test_integers_are_no_crime(some, levels):
    found = magnitudes(some, lambda image: np.rint(image / image.max() * levels))
    assert guilty(found) <= 0.05


@pytest.mark.parametrize("factor", [1.25, 1.5, 2.0])
def test_zero_padding_of_raw_data_is_found_to_the_line(some, factor):
    found = raws(some, pad(factor))
    assert share(found, "zero_padded") == 1
    size = some.shape[-1]
    expected = pytest.approx(size / round(factor * size))
    assert all(one["filled_rows"] == expected == one["filled_columns"] for one in found)
    assert all(f"zero-padded {factor:.2g}x" in one["crimes"] for one in found)


def test_axes_are_told_apart(some):
    found = raws(some, lambda k: centre_crop_or_pad(k, (160, k.shape[1])))
    assert {(one["filled_rows"], one["filled_columns"]) for one in found} == {(np.float32(0.7), 1)}


def test_lines_missing_on_one_side(some):
    def cut(kspace):
        kspace[:, :28] = 0
        return kspace

    assert {one["filled_columns"] for one in raws(some, cut)} == {np.float32(0.75)}


def test_one_missing_line_is_no_crime(some):
    def cut(kspace):
        kspace[:, 0] = 0
        return kspace

    assert guilty(raws(some, cut)) == 0


@pytest.mark.parametrize(("factor", "least"), [(1.25, 0.85), (1.5, 0.95), (2.0, 0.95)])
def test_zero_padding_of_magnitudes(some, factor, least):
    found = magnitudes(padded(some, factor))
    assert guilty(found) >= least
    assert share(found, "zero_padded") >= 0.8
    shares = [one["filled_rows"] for one in found if one["filled_rows"] < 1]
    assert np.median(shares) == pytest.approx(1 / factor, abs=0.05)


@pytest.mark.parametrize(
    ("factor", "order", "least"), [(1.25, 1, 0.7), (1.5, 1, 0.95), (2, 1, 0.95), (2, 3, 0.9)]
)
def test_interpolation(some, factor, order, least):
    found = magnitudes(some, interpolate(factor, order))
    assert guilty(found) >= least
    if order == 1:
        assert share(found, "interpolated") >= least


@pytest.mark.parametrize(("quality", "least"), [(50, 1), (75, 0.95), (90, 0.6)])
def test_jpeg(some, quality, least):
    assert share(magnitudes(some, jpeg(quality)), "lossy") >= least


def test_lossy_is_said_of_nothing_else(some):
    few = some[::3]
    for found in (magnitudes(padded(few, 2)), magnitudes(few, interpolate(2, 1)), raws(few)):
        assert share(found, "lossy") == 0


@pytest.mark.parametrize(("slope", "factor"), [(0, 1), (0.013, 1), (-0.3, 1), (0, 1.5)])
def test_raw_data_made_of_magnitudes(some, slope, factor):
    """Also with a constant phase, a shift of k-space, signs, and zero-padding on top."""
    rows = np.arange(some.shape[-1])[:, None]
    fakes = np.abs(some) * np.exp(1j * (1.3 + slope * rows))
    fakes[:, 40:60] *= -1
    found = raws(fakes, pad(factor))
    assert share(found, "magnitude_only") == 1
    assert all("made of a magnitude" in one["crimes"] for one in found)


def test_coils_are_taken_together(some):
    coils = np.linspace(0.5, 1.5, 3)[:, None, None] * np.exp(1j * np.arange(3.0))[:, None, None]
    noise = np.random.default_rng(0).standard_normal((3, *some.shape[1:])) * np.abs(some).max() / 50
    kspace = to_kspace(some[3] * coils + noise).astype(np.complex64)
    assert inspect_raw(kspace)["crimes"] == ""
    assert inspect_raw(pad(1.5)(kspace[0])[None])["zero_padded"]


@pytest.mark.parametrize("shape", [(16, 16), (64, 64), (31, 200)])
def test_of_an_empty_or_small_slice_nothing_is_said(shape):
    for found in (
        inspect_raw(np.zeros((1, *shape), "c8")),
        inspect_magnitude(np.zeros(shape, "f4")),
    ):
        assert found["crimes"] == ""
        assert not any(found[name] for name in CRIMES[:3])
        assert all(np.isnan(found[name]) for name in MEASURES)


def test_columns_are_those_of_the_format(some):
    kinds = {"float": np.float32, "bool": bool, "string": str}
    for found in (raws(some[:1])[0], magnitudes(some[:1])[0]):
        assert list(found) == list(COLUMNS)
        assert {name: type(value) for name, value in found.items()} == {
            name: kinds[column.type] for name, column in COLUMNS.items()
        }


@pytest.mark.parametrize("size", [33, 48, 64, 97])
def test_any_size(some, size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inspect_magnitude(np.abs(resample(some[2], (size, size + 7))))
        inspect_raw(to_kspace(resample(some[2], (size + 7, size)))[None])


def test_the_page_has_the_thresholds():
    page = (Path(__file__).parents[2] / "docs" / "data_crimes.md").read_text()
    assert f"cliff of {RAW_CLIFF:g} dB (raw) or {MAGNITUDE_CLIFF:g} dB (magnitude)" in page
    assert f"share below {LEAST_FILLED:g}" in page
    assert f"below {ROLL_OFF:g} dB" in page
    assert f"`interpolated`: above {PERIODICITY:g}" in page
    assert f"`lossy`: below {BLOCK_RATIO:g}" in page
    assert f"`magnitude_only`: above {ONE_PHASE:g}" in page
    assert f"below {SMALLEST_SIDE} pixels" in " ".join(page.split())


@pytest.mark.skipif(not REAL.is_dir(), reason="needs real data that are not part of the project")
def test_real_raw_data_of_one_scanner():
    """FLAIR was measured with 117 of 126 columns, the others in full but for a line."""
    for path in sorted((REAL / "ulf").glob("P1_*.h5")):
        with h5py.File(path) as file:
            found = [inspect_raw(kspace[None]) for kspace in file["kspace"]]
        if "FLAIR" in path.name:
            assert {one["filled_columns"] for one in found} == {np.float32(117 / 126)}
        else:
            assert guilty(found) == 0
