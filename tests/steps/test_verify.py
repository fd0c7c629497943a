"""The laws of every kind, broken by a writer whose checksums are right."""

import shutil

import numpy as np
import pandas as pd
import pytest

from phasegen.cli import main
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import to_kspace
from phasegen.paths import Grid
from phasegen.steps.verify import verify
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

GRID, SIZE = Grid(slices=5, per_shard=3), 16


def values(kind):
    random = np.random.default_rng(0)
    magnitude = random.uniform(1, 9, (5, 1, SIZE, SIZE)).astype(np.float32)
    if kind == "mask":
        return magnitude > 5
    if kind == "magnitude":
        return magnitude
    image = magnitude * np.exp(1j * random.uniform(-3, 3, magnitude.shape))
    return (to_kspace(image) if kind == "kspace" else image).astype(np.complex64)


def make(store, kind, data, scaled=None, facts=None, **columns):
    """A sealed store of ``data``; its scale is that of ``scaled``."""
    records = []
    for shard in range(GRID.shards):
        rows = GRID.rows(shard)
        part = data[rows.start : rows.stop]
        write_shard(store, kind, GRID, shard, part)
        records.append(store.with_suffix(f".{shard}.parquet"))
        write_table(records[-1], pd.DataFrame({"row": list(rows), "sha256": checksums(part)}))
    known = {"subject": "s", "series": "t", "file": "f", "operation": "none"}
    index = pd.DataFrame({"row": range(5), "slice": np.arange(5, dtype="int32")} | known)
    if kind == "mask":
        index["pixels"] = np.sum(data, axis=(1, 2, 3))
    else:
        index["scale"] = slice_scale(np.abs(data if scaled is None else scaled))
    if kind == "kspace":
        index["magnitude_error"] = np.float32(0)
    index = index.assign(**columns)
    seal(store, kind, GRID, (1, SIZE, SIZE), records, facts or {}, index)
    return store


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["magnitude", "images", "kspace"])
def test_values_are_finite(tmp_path, kind, bad):
    data = values(kind)
    data[4, 0, 3, 5] = bad
    with np.errstate(invalid="ignore"):
        store = make(tmp_path / "a.zarr", kind, data, scaled=values("magnitude"))
    assert "row 4 has 1 values that are NaN or infinite" in verify(store)


def test_magnitudes_are_not_negative(tmp_path):
    data = values("magnitude")
    data[2, 0, 0, 0] = -3
    faults = verify(make(tmp_path / "a.zarr", "magnitude", data))
    assert faults[0] == "row 2 has values down to -3"


def test_a_mask_is_nothing_but_0_and_1(tmp_path):
    data = values("mask")
    data.view(np.uint8)[1, 0, 3, 3] = 2
    faults = verify(make(tmp_path / "a.zarr", "mask", data))
    assert "row 1 has a byte 2, where a mask has 0 and 1" in faults


def test_pixels_of_a_mask_are_counted(tmp_path):
    store = make(tmp_path / "a.zarr", "mask", values("mask"), pixels=7)
    assert "where the index has 7" in verify(store)[0]


@pytest.mark.parametrize("kind", ["magnitude", "images", "kspace"])
def test_scale_is_that_of_the_magnitude(tmp_path, kind):
    right = make(tmp_path / "a.zarr", kind, values(kind), scaled=values("magnitude"))
    assert verify(right) == []
    wrong = make(tmp_path / "b.zarr", kind, values(kind), scaled=values("magnitude") * 1.1)
    assert "row 0 has the scale" in verify(wrong)[0]


def test_the_recorded_error_of_the_magnitude_is_small(tmp_path):
    error = np.float32([0, 2e-5, 0, np.inf, 0])
    scaled = values("magnitude")
    store = make(tmp_path / "a.zarr", "kspace", values("kspace"), scaled, magnitude_error=error)
    assert [fault[:20] for fault in verify(store)] == [
        "index.parquet: row 1",
        "index.parquet: row 3",
    ]


def test_kspace_of_another_magnitude(tmp_path):
    """Every checksum is right and the magnitude is not: only the comparison finds it."""
    source = make(tmp_path / "m.zarr", "magnitude", values("magnitude"))
    data = values("kspace")
    data[3] *= np.float32(1.001)
    store = make(tmp_path / "k.zarr", "kspace", data, scaled=values("magnitude"))
    assert verify(store) == []
    faults = verify(store, source)
    assert any(fault.startswith("row 3 has another magnitude than in") for fault in faults)
    assert not any(fault.startswith("row 2 ") for fault in faults)


def test_a_magnitude_that_is_not_the_source(stores, tmp_path):
    store = make(tmp_path / "k.zarr", "kspace", values("kspace"), scaled=values("magnitude"))
    other = make(tmp_path / "m.zarr", "magnitude", 2 * values("magnitude"))
    faults = verify(store, other)
    assert any("is not the store that this one was made from" in fault for fault in faults)
    assert any("differs from that of" in fault for fault in faults)
    assert any("has another magnitude than in" in fault for fault in faults)
    assert "cannot be read" in verify(store, tmp_path)[0]
    assert "of shape (10, 1, 16, 16)" in verify(store, stores / "magnitude.zarr")[0]
    assert "is no magnitude of it: complex64" in verify(store, store)[0]
    assert "it holds magnitude" in verify(other, other)[0]


def test_a_magnitude_with_a_damaged_shard(stores, tmp_path):
    source = shutil.copytree(stores / "magnitude.zarr", tmp_path / "m.zarr")
    shard = bytearray((source / "c/1/0/0/0").read_bytes())
    shard[5] ^= 1
    (source / "c/1/0/0/0").write_bytes(shard)
    faults = verify(stores / "kspace.zarr", source)
    assert [fault[:33] for fault in faults] == ["row 4 has no readable magnitude in"[:33]]


def test_the_command_says_what_it_found(stores, tmp_path, capsys):
    sound, source = str(stores / "kspace.zarr"), str(stores / "magnitude.zarr")
    assert main(["verify", sound, "--magnitude", source]) == 0
    assert capsys.readouterr().out == f"{sound}: 10 slices in 3 shards, sound\n"
    assert main(["verify", sound, str(tmp_path / "none.zarr")]) == 1
    told = capsys.readouterr()
    assert "was not compared" in told.out.splitlines()[0]
    assert told.out.splitlines()[-1] == f"{sound}: 10 slices in 3 shards, sound"
    assert f"error: {tmp_path}/none.zarr: there is no such folder" in told.err
