"""``phasegen info``: facts from the metadata and the index alone."""

import shutil

import pytest

from phasegen.cli import main
from phasegen.steps.info import describe


def test_facts_of_synthetic_kspace(stores):
    facts = describe(stores / "kspace.zarr")
    assert facts["kind"] == "kspace"
    assert facts["shape"] == "10 x 1 x 16 x 16"
    assert facts["dtype"] == "complex64"
    assert facts["shards"] == "3 of 4 slices"
    assert (facts["slices"], facts["volumes"], facts["subjects"]) == ("10", "2", "2")
    assert (facts["source"], facts["seed"], facts["cohort"]) == ("naive", "5", "magnitude-heads")
    assert facts["operations"] == "resample 20x20 to 16x16, linear, anti-aliased (10)"
    assert "zarr " in facts["versions"]
    size = sum(path.stat().st_size for path in (stores / "kspace.zarr").rglob("*"))
    assert float(facts["on disk"].split(" MB")[0]) == pytest.approx(size / 1e6, rel=0.6)


def test_no_data_are_read(stores, tmp_path):
    store = shutil.copytree(stores / "magnitude.zarr", tmp_path / "m.zarr")
    whole = describe(store)
    for path in (store / "c").glob("*/0/0/0"):
        path.write_bytes(b"\0" * path.stat().st_size)
    assert describe(store) == whole


def test_the_sampler_is_named(stores, tmp_path, monkeypatch):
    from phasegen.steps import info

    sealed, index = info.sealed_store(stores / "kspace.zarr")
    sealed.attributes["synthesis"] = {"sampler": "dpm", "steps": 10, "precision": "float32"}
    monkeypatch.setattr(info, "sealed_store", lambda _: (sealed, index))
    assert info.describe(stores / "kspace.zarr")["sampler"] == "dpm, 10 steps, float32"


@pytest.mark.parametrize("name", ["zarr.json", "index.parquet"])
def test_damage_is_one_line(stores, tmp_path, capsys, name):
    store = shutil.copytree(stores / "magnitude.zarr", tmp_path / "m.zarr")
    (store / name).write_text("[]")
    assert main(["info", str(store)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line


def test_the_command_prints_them(stores, capsys):
    assert main(["info", str(stores / "mask.zarr")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(stores / "mask.zarr")
    assert lines[1].split() == ["kind", "mask"]
