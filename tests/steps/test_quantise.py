"""``phasegen quantise``: a smaller store that loads as the same complex slices, to its noise."""

import shutil

import numpy as np
import pytest

from phasegen.cli import main
from phasegen.data.slices import ImageSlices
from phasegen.data.stored import StoredSlices
from phasegen.fourier import to_kspace
from phasegen.mri import scan
from phasegen.settings import Simulation
from phasegen.steps import quantise
from phasegen.steps.verify import verify
from phasegen.store.concurrent import ConcurrentReader
from phasegen.store.quantised import QUANTISED
from phasegen.store.reading import open_store, provenance, read_index
from phasegen.store.seal import DamagedStore

from ..sealed import complex_slices, seal_slices


@pytest.fixture(scope="module")
def heads():
    simulation = Simulation(matrix=64, slices=2)
    subject = scan.make_subject("sub-001", simulation, 5)
    clean = {name: scan.image(subject, name, simulation, 5) for name in ("T1w", "GRE")}
    noisy = [scan.add_noise(image, subject, name, simulation, 5) for name, image in clean.items()]
    return np.concatenate(noisy)[:, None].astype(np.complex64)


@pytest.fixture(scope="module", params=list(QUANTISED))
def stores(request, heads, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    values = to_kspace(heads) if request.param == "kspace" else heads
    source = seal_slices(folder / "source.zarr", request.param, values, 3, ("s1", "s2"))
    assert run(source, folder / "out.zarr") == 0
    return source, folder / "out.zarr"


def run(source, out, *more):
    return main(["quantise", str(source), "-o", str(out), *more])


def size(store):
    return sum(file.stat().st_size for file in (store / "c").rglob("*") if file.is_file())


def test_simulated_heads_become_less_than_a_third_and_a_half(stores):
    source, out = stores
    assert size(source) > 3.5 * size(out)


def test_the_array_is_int16_with_its_parts_last(stores):
    source, out = stores
    array = open_store(out)
    assert array.dtype == np.int16 and array.shape == (*open_store(source).shape, 2)
    assert array.metadata.dimension_names == (*open_store(source).metadata.dimension_names, "part")
    facts = provenance(out)
    assert facts["step_over_noise"] == 0.5
    assert facts["quantised_from"]["facts"] == provenance(source)


def test_the_index_says_how_far_every_slice_is_off(stores):
    source, out = stores
    values, index = open_store(source)[:], read_index(out)
    again = ConcurrentReader(out).read(np.arange(len(values)))
    error = np.abs(again - values).max(axis=(1, 2, 3)) / np.abs(values).max(axis=(1, 2, 3))
    np.testing.assert_allclose(index["quantisation_error"], error, rtol=1e-5)
    half = index["quantisation_step"] / 2**0.5 * (1 + 1e-3)
    assert (error * np.abs(values).max(axis=(1, 2, 3)) <= half).all()
    assert (index["quantisation_error_rms"] < index["quantisation_error"]).all()
    np.testing.assert_allclose(index["quantisation_step"], 0.5 * index["noise_level"], rtol=1e-6)
    assert not index["step_grown"].any()
    assert index["magnitude_psnr"].min() > 45
    known = read_index(source)
    for name in known.columns.drop("sha256"):
        assert index[name].equals(known[name])


def test_the_dataset_reads_complex_slices(stores):
    source, out = stores
    order = [3, 0, 2]
    plain, small = (StoredSlices([store]).__getitems__(order).batch[0] for store in stores)
    assert small.dtype == plain.dtype and small.shape == plain.shape
    index = read_index(out).iloc[order]
    bound = index["quantisation_error"] * np.abs(plain.numpy()).max(axis=(1, 2, 3))
    error = np.abs((small - plain).numpy()).max(axis=(1, 2, 3))
    assert (error <= bound * (1 + 1e-5)).all()
    if "images" in provenance(source)["kind"]:
        trained = ImageSlices([source, out])
        assert len(trained) == 8


def test_a_validator_finds_it_sound_and_every_changed_byte(stores, tmp_path):
    _, out = stores
    assert verify(out) == []
    changed = tmp_path / "changed.zarr"
    shutil.copytree(out, changed)
    file = changed / "c/0/0/0/0/0"
    content = file.read_bytes()
    for place in (0, 5, len(content) // 2, len(content) - 40, len(content) - 1):
        damaged = bytearray(content)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        assert verify(changed), place
    for short in (0, 3, 60, len(content) - 1):
        file.write_bytes(content[:short])
        assert verify(changed), short


def test_a_run_cut_short_goes_on_to_the_same_bytes(stores, tmp_path, monkeypatch):
    source, out = stores
    calls = []

    def stops(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(*arguments)

    write = quantise.write_shard
    monkeypatch.setattr(quantise, "write_shard", stops)
    cut = tmp_path / "cut.zarr"
    with pytest.raises(KeyboardInterrupt):
        run(source, cut)
    with pytest.raises(FileNotFoundError):
        open_store(cut)
    assert run(source, cut) == 0
    # one whole shard, the one that was cut, and it again
    assert len(calls) == 3
    assert files(cut) == files(out)
    assert run(source, cut) == 1


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_larger_step_is_a_smaller_store(stores, tmp_path):
    source, out = stores
    assert run(source, tmp_path / "coarse.zarr", "--step", "2") == 0
    assert size(tmp_path / "coarse.zarr") < 0.8 * size(out)


def test_steps_that_had_to_grow_are_told(tmp_path, capsys, heads):
    source = seal_slices(tmp_path / "a.zarr", "images", heads, 3)
    assert run(source, tmp_path / "out.zarr", "--step", "1e-5") == 0
    assert "4 slices needed a larger step" in capsys.readouterr().out
    assert read_index(tmp_path / "out.zarr")["step_grown"].all()


@pytest.mark.parametrize("fault", ["kind", "twice", "nowhere", "step", "not a number"])
def test_bad_input_is_told(tmp_path, capsys, fault):
    values = complex_slices(3)
    if fault == "not a number":
        values[1, 0, 2, 2] = np.nan
    kind, stored = ("magnitude", np.abs(values)) if fault == "kind" else ("images", values)
    source = seal_slices(tmp_path / "a.zarr", kind, stored, 2)
    out, more = tmp_path / "out.zarr", []
    if fault == "twice":
        assert run(source, out) == 0
        source, out = out, tmp_path / "again.zarr"
    source = tmp_path / "b.zarr" if fault == "nowhere" else source
    more = ["--step", "-1"] if fault == "step" else more
    assert run(source, out, *more) == 1
    message = {
        "kind": "a.zarr holds magnitude; kspace and images can be quantised",
        "twice": "out.zarr holds quantised_images",
        "nowhere": "b.zarr",
        "step": "above 0",
        "not a number": "a.zarr: slice 1 has values that are no finite numbers",
    }[fault]
    error = capsys.readouterr().err.splitlines()
    assert any(line.startswith("error: ") and message in line for line in error)
    assert not (out / "zarr.json").exists()


def test_a_damaged_quantised_store_is_named(tmp_path, heads):
    source = seal_slices(tmp_path / "a.zarr", "images", heads, 3)
    assert run(source, tmp_path / "out.zarr") == 0
    file = tmp_path / "out.zarr" / "c/1/0/0/0/0"
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedStore, match="c/1/0/0/0/0"):
        StoredSlices([tmp_path / "out.zarr"])[3]
