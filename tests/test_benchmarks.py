"""The benchmarks of slices run, in small; what they compare is the same slices. No test of time."""

import json
import sys

import pytest

from benchmarks import compression, loader, writer

pytestmark = pytest.mark.long

SMALL = ["--slices", "64", "--rounds", "1"]


def run(module, folder, monkeypatch, *more):
    out = folder / "out.json"
    words = ["bench", *SMALL, "--data", str(folder / "data"), "--out", str(out), *more]
    monkeypatch.setattr(sys, "argv", words)
    module.main()
    return json.loads(out.read_text())


@pytest.fixture(autouse=True)
def one_subject(monkeypatch):
    """Heads of one size take seconds to simulate; the forms are what is looked at."""
    from benchmarks import slices

    monkeypatch.setattr(slices, "CONTRASTS", ("T1w",))


def test_all_ways_to_load_are_measured_cold_and_warm(tmp_path, monkeypatch, capsys):
    found = run(loader, tmp_path, monkeypatch)
    for state in ("cold", "warm"):
        assert {*loader.AIMS, *loader.OTHERS, *loader.OURS} <= found[state].keys()
        assert all(len(rates) == 1 and rates[0] > 0 for rates in found[state].values())
    raw = 64 * 256 * 256 * 8
    sizes = found["bytes"]
    for form in ("pt", "h5", "kspace.zarr"):
        assert raw < sizes[form] < 1.02 * raw + 64 * 4096
    assert sizes["quantised.zarr"] < raw / 3.5
    told = capsys.readouterr().out
    assert told.count("aim of 3.0 times") == told.count("aim of 0.9 times") == 4
    made = (tmp_path / "data" / "slices-64" / "pt" / "0.pt").stat().st_mtime_ns
    run(loader, tmp_path, monkeypatch)
    assert (tmp_path / "data" / "slices-64" / "pt" / "0.pt").stat().st_mtime_ns == made


def test_all_ways_to_write_are_measured(tmp_path, monkeypatch):
    found = run(writer, tmp_path, monkeypatch)["seconds"]
    assert found.keys() == writer.WAYS.keys()
    for seconds in found.values():
        assert 0 < seconds["written"][0] <= seconds["on the disk"][0]
    assert not (tmp_path / "data" / "written").exists()


def test_codecs_lose_nothing_and_are_measured(tmp_path, monkeypatch):
    import numpy as np
    import zarr

    found = run(compression, tmp_path, monkeypatch)
    folder = tmp_path / "data" / "compressed-kspace-64"
    arrays = [zarr.open_array(folder / name, mode="r")[:] for name in compression.CODECS]
    assert all(np.array_equal(arrays[0], other) for other in arrays[1:])
    for domain in compression.DOMAINS:
        ratio = found[domain]["ratio"]
        assert ratio["none"] == pytest.approx(1, abs=0.01)
        assert min(ratio[name] for name in compression.CODECS if name != "none") > 1.03
