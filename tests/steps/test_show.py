"""``phasegen show``: a picture of every kind, of what the store holds."""

import shutil

import pytest
from matplotlib.image import imread

from phasegen.cli import main
from phasegen.steps.show import show


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("kind", ["magnitude", "mask", "images", "kspace"])
def test_a_picture_of_every_kind(stores, tmp_path, kind, beside):
    magnitude = stores / "magnitude.zarr" if beside else None
    for name, slices in (("one", 1), ("two", 2)):
        show(stores / f"{kind}.zarr", tmp_path / f"{name}.png", slices, magnitude)
    one, two = (imread(tmp_path / f"{name}.png") for name in ("one", "two"))
    assert two.std() > 0.1
    assert two.shape[0] * two.shape[1] > 1.3 * one.shape[0] * one.shape[1]


@pytest.mark.parametrize("kind", ["mask", "kspace"])
def test_the_magnitude_is_shown_beside(stores, tmp_path, kind):
    show(stores / f"{kind}.zarr", tmp_path / "alone.png", 2)
    show(stores / f"{kind}.zarr", tmp_path / "beside.png", 2, stores / "magnitude.zarr")
    assert (tmp_path / "beside.png").read_bytes() != (tmp_path / "alone.png").read_bytes()


def test_the_command_names_the_picture_after_the_store(stores, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["show", str(stores / "mask.zarr")]) == 0
    assert capsys.readouterr().out == "mask.zarr.png\n"
    assert (tmp_path / "mask.zarr.png").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--slices", "0"], "--slices must be 1 or more"),
        (["-o", "sheet.jpeg"], "sheet.jpeg: a picture ends in .png or .svg"),
        (["--magnitude", "nowhere"], "nowhere: there is no such folder"),
        (["--magnitude", "MASK"], "holds no magnitude of the slices of"),
    ],
)
def test_a_mistake_is_one_line(stores, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    words = [str(stores / "mask.zarr") if word == "MASK" else word for word in words]
    assert main(["show", str(stores / "kspace.zarr"), *words]) == 1
    told = capsys.readouterr().err.splitlines()
    assert message in told[-1]
    assert not list(tmp_path.iterdir())


def test_a_damaged_shard_is_one_line(stores, tmp_path, capsys):
    store = shutil.copytree(stores / "magnitude.zarr", tmp_path / "m.zarr")
    for path in (store / "c").glob("*/0/0/0"):
        path.write_bytes(b"\0" * path.stat().st_size)
    assert main(["show", str(store), "-o", str(tmp_path / "a.png")]) == 1
    assert "see 'phasegen verify'" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
