"""Every file of a chain is looked at, once, and whatever happened to one of them is told."""

import shutil
from pathlib import Path

import pytest

from phasegen.provenance import file_digest
from phasegen.record.chain import Chain

from .conftest import STORES, slices_of, weights_of

RAW = STORES / "v1_T1w.nii.gz"


def chain_of(name, sha256=None):
    chain = Chain(".")
    link = chain.follow(Path(name).as_posix(), sha256 or file_digest(name))
    return link, chain


def test_a_chain_reaches_the_raw_files(run):
    _, chain = chain_of(slices_of("phasegen", 0))
    names = {name for name, _ in chain.links}
    assert {weights_of("phasegen", 0).as_posix(), RAW.as_posix()} <= names
    for store in ("images", "kspace", "magnitude", "mask"):
        assert (STORES / f"{store}.zarr" / "zarr.json").as_posix() in names
    assert {(STORES / f"{cohort}-heads.parquet").as_posix() for cohort in ("raw", "magnitude")} <= (
        names
    )
    masks = {(STORES / f"v{number}_T1w_mask.nii").as_posix() for number in range(2)}
    assert masks <= names and (STORES / "v0.h5").as_posix() in names
    assert chain.faults() == []


def test_a_file_that_several_came_from_is_looked_at_once(run):
    link, chain = chain_of(slices_of("original", 0))
    (weights,) = (part for part in link.parts if part.facts.kind == "weights")
    stores = [
        part
        for part in [*link.parts, *weights.parts]
        if part.name.endswith("images.zarr/zarr.json")
    ]
    assert len(stores) == 2 and stores[0] is stores[1]
    assert len(chain.links) == len(set(chain.links))


def test_facts_are_those_of_the_files(run):
    link, _ = chain_of(weights_of("phasegen", 1))
    assert (link.facts.kind, link.facts.told["number"]) == ("weights", "1")
    kspace = next(part for part in link.parts if "kspace" in part.name)
    assert kspace.facts.told["source"] == "naive"
    assert kspace.facts.told["cohort"] == "magnitude-heads"


@pytest.mark.parametrize(
    "file",
    [
        slices_of("phasegen", 0),
        weights_of("phasegen", 0),
        STORES / "kspace.zarr" / "zarr.json",
        STORES / "magnitude.zarr" / "index.parquet",
        STORES / "magnitude-heads.parquet",
        RAW,
    ],
    ids=lambda file: file.name,
)
@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_whatever_happens_to_a_file_is_told(run, file, harm):
    start = slices_of("phasegen", 0)
    before = file_digest(start)
    if harm == "gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    _, chain = chain_of(start, before)
    assert any(harm in fault for fault in chain.faults())
    place = file.parent if file.parent.suffix == ".zarr" else file
    assert any(fault.startswith(place.as_posix()) for fault in chain.faults())


def test_a_missing_shard_is_told(run):
    shutil.rmtree(STORES / "kspace.zarr" / "c" / "1")
    _, chain = chain_of(weights_of("phasegen", 0))
    (fault,) = chain.faults()
    assert "shard c/1/0/0/0 is gone" in fault


def test_shipped_files_are_found_in_the_checkout(run):
    link, chain = chain_of("resources/weights/phasegen.safetensors", "0" * 64)
    assert link.facts.kind == "weights" and not link.parts
    assert chain.faults() == [f"{link.name}: has changed since (another SHA-256)"]
