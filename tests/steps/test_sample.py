"""``phasegen sample``: one file in, one store out, whatever its size and whatever happens."""

import nibabel as nib
import numpy as np
import pytest
import torch

from phasegen.cli import main
from phasegen.diffusion import weights
from phasegen.diffusion.denoiser import Denoiser
from phasegen.fourier import to_image
from phasegen.settings import Network, PhaseModel
from phasegen.steps import sample
from phasegen.store.reading import open_store, provenance, read_index

SHAPE = (19, 22, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    torch.manual_seed(0)
    model = PhaseModel(network=Network(widths=[4], bottleneck=4, embedding=8))
    weights.save(folder / "model.safetensors", Denoiser(model), {})
    volume = np.random.default_rng(0).uniform(0, 500, SHAPE).astype(np.float32)
    volume[:, :, 2] = 0
    nib.save(nib.Nifti1Image(volume, np.diag([2.0, 3.0, 4.0, 1.0])), folder / "head.nii.gz")
    return folder


def run(folder, out, *more):
    words = ["sample", str(folder / "head.nii.gz"), "-o", str(out), "--steps", "2", "--batch", "2"]
    return main([*words, "--weights", str(folder / "model.safetensors"), *more])


def test_the_store_has_the_magnitude_of_the_file_at_its_own_size(folder, tmp_path):
    out = tmp_path / "out.zarr"
    assert run(folder, out) == 0
    kspace = open_store(out)
    assert kspace.shape == (5, 1, 22, 19)
    volume = nib.load(folder / "head.nii.gz").get_fdata()
    magnitude = volume[:, ::-1].transpose(2, 1, 0)
    np.testing.assert_allclose(np.abs(to_image(kspace[:, 0])), magnitude, atol=1e-5 * 500)
    index = read_index(out)
    assert list(index["slice"]) == [0, 1, 2, 3, 4]
    assert set(index["cohort"]) == {"input"}
    lengths = index[["pixel_row_mm", "pixel_column_mm", "spacing_slice_mm"]]
    assert (lengths.to_numpy() == [3.0, 2.0, 4.0]).all()
    assert provenance(out)["source"] == "phasegen"
    assert not (out / ".unfinished").exists()


def test_several_samples_of_one_slice_differ_in_phase_alone(folder, tmp_path):
    out = tmp_path / "out.zarr"
    assert run(folder, out, "--samples", "3", "--slices", "0:2") == 0
    images = to_image(open_store(out)[:, 0])
    index = read_index(out)
    assert list(index["slice"]) == [0, 0, 0, 1, 1, 1]
    assert list(index["sample"]) == [0, 1, 2] * 2
    np.testing.assert_allclose(np.abs(images[0]), np.abs(images[2]), atol=1e-3)
    assert np.abs(images[0] - images[2]).max() > 1


def test_pixels_turn_with_the_slices(folder, tmp_path):
    assert run(folder, tmp_path / "out.zarr", "--turn", "90", "--slices", "0:1") == 0
    index = read_index(tmp_path / "out.zarr")
    assert index[["pixel_row_mm", "pixel_column_mm"]].to_numpy().tolist() == [[2.0, 3.0]]


def test_a_run_cut_short_goes_on_to_the_same_bytes(folder, tmp_path, monkeypatch):
    assert run(folder, tmp_path / "whole.zarr") == 0
    cut, calls = tmp_path / "cut.zarr", []

    def stops(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(*arguments, **options)

    write = sample.write_shard
    monkeypatch.setattr(sample, "write_shard", stops)
    with pytest.raises(KeyboardInterrupt):
        run(folder, cut)
    with pytest.raises(FileNotFoundError):
        open_store(cut)
    assert run(folder, cut) == 0
    # two whole shards, the one that was cut, and the rest: none was made twice
    assert len(calls) == 4
    sums = [read_index(store)["sha256"].tolist() for store in (cut, tmp_path / "whole.zarr")]
    assert sums[0] == sums[1]


def test_other_arguments_start_anew(folder, tmp_path, monkeypatch):
    out = tmp_path / "out.zarr"
    monkeypatch.setattr(sample, "seal", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(folder, out)
    monkeypatch.undo()
    assert run(folder, out, "--seed", "5") == 0
    assert run(folder, tmp_path / "fresh.zarr", "--seed", "5") == 0
    sums = [read_index(store)["sha256"].tolist() for store in (out, tmp_path / "fresh.zarr")]
    assert sums[0] == sums[1]


def test_nothing_of_the_user_is_overwritten(folder, tmp_path, capsys):
    out = tmp_path / "out.zarr"
    out.mkdir()
    (out / "diary.txt").write_text("dear")
    assert run(folder, out) == 1
    assert "no store of phasegen" in capsys.readouterr().err
    assert (out / "diary.txt").read_text() == "dear"
    assert run(folder, tmp_path / "done.zarr", "--slices", "0:1") == 0
    assert run(folder, tmp_path / "done.zarr") == 1
    assert "finished store" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--weights", "nowhere.safetensors"], "nowhere.safetensors"),
        (["--samples", "0"], "--samples"),
        (["--steps", "0"], "steps"),
        (["--turn", "45"], "turn"),
        (["--slices", "7:9"], "slices"),
    ],
)
def test_bad_arguments_are_told_before_any_work(folder, tmp_path, capsys, words, message):
    assert run(folder, tmp_path / "out.zarr", *words) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out.zarr").exists()
