"""BART: its dimensions, and that its transform gives our images."""

import shutil
import subprocess

import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.steps.export import export

needs_bart = pytest.mark.skipif(not shutil.which("bart"), reason="BART is not installed")


def read_cfl(path):
    sizes = [int(n) for n in path.with_suffix(".hdr").read_text().splitlines()[1].split()]
    return np.fromfile(path.with_suffix(".cfl"), "<c8").reshape(sizes, order="F")


def bart(*words, folder):
    done = subprocess.run(
        ["bart", *words], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def test_axes_are_row_column_coil_and_slice(make_store, tmp_path):
    store, data = make_store(coils=2)
    export(store, tmp_path / "out", "bart")
    values = read_cfl(tmp_path / "out" / "sub-2_GRE")
    assert values.shape == (12, 10, 1, 2, *[1] * 9, 3, 1, 1)
    np.testing.assert_array_equal(values.squeeze(), data[5:].transpose(2, 3, 1, 0))


@needs_bart
@pytest.mark.parametrize("size", [(12, 10), (11, 9)])
def test_its_unitary_transform_is_ours(make_store, tmp_path, size):
    store, data = make_store(coils=2, size=size)
    folder = tmp_path / "out"
    export(store, folder, "bart")
    sizes = {n: bart("show", "-d", str(n), "sub-1_T1w", folder=folder) for n in (0, 1, 3, 13)}
    assert sizes == {0: str(size[0]), 1: str(size[1]), 3: "2", 13: "5"}
    bart("fft", "-u", "-i", "3", "sub-1_T1w", "image", folder=folder)
    image = read_cfl(folder / "image").squeeze().transpose(3, 2, 0, 1)
    np.testing.assert_allclose(image, to_image(data[:5]), atol=1e-5)
