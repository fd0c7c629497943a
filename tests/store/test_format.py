"""``docs/format.md`` is true: its tables are those of real stores, its numbers are recomputed."""

import hashlib
import json
import re
from pathlib import Path

import google_crc32c
import nibabel
import numpy as np
import pyarrow.parquet as parquet
import pytest
import torch

from phasegen.cli import main
from phasegen.diffusion import weights
from phasegen.diffusion.denoiser import Denoiser
from phasegen.fourier import to_kspace
from phasegen.paths import Grid
from phasegen.seeds import sequence
from phasegen.settings import Network, PhaseModel
from phasegen.steps.verify import verify
from phasegen.store.arrays import FORMAT_VERSION, KINDS
from phasegen.store.columns import ALWAYS, BY_KIND, COLUMNS, KEYS
from phasegen.store.metadata import array_metadata
from phasegen.store.quantised import QUANTISED
from phasegen.store.reading import open_store
from phasegen.store.shards import write_shard

from .independent_reader import crc32c, index, metadata, slices

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text()
PARQUET = {
    "string": "BYTE_ARRAY (String)",
    "int32": "INT32",
    "int64": "INT64",
    "float": "FLOAT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
}
NAMES = ("phasegen", "simulated-magnitude", "sub-013", "sub-013_T1w", 3)
VALUES = np.array([[[1, 0.5j], [-1.5 + 2j, 0]]], "<c8")
# Of quantised stores, and what is inspected in files.
ELSEWHERE = set()


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A store of ``phasegen sample``."""
    folder = tmp_path_factory.mktemp("sampled")
    torch.manual_seed(0)
    model = PhaseModel(network=Network(widths=[4], bottleneck=4, embedding=8))
    weights.save(folder / "model.safetensors", Denoiser(model), {})
    volume = np.random.default_rng(0).uniform(0, 500, (16, 18, 2)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / "head.nii.gz")
    words = ["--weights", str(folder / "model.safetensors"), "--steps", "2"]
    assert (
        main(["sample", str(folder / "head.nii.gz"), "-o", str(folder / "out.zarr"), *words]) == 0
    )
    return folder / "out.zarr"


@pytest.fixture(scope="module")
def real(stores, sampled):
    for source, kind in QUANTISED.items():
        words = ["quantise", str(stores / f"{source}.zarr"), "-o", str(stores / f"{kind}.zarr")]
        if not (stores / f"{kind}.zarr").exists():
            assert main(words) == 0
    return [*(stores / f"{kind}.zarr" for kind in KINDS), sampled]


def table(heading):
    """Cells of the table below a heading, without its head; back quotes dropped."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows]


def test_kinds():
    listed = {name: (dtype, axes) for name, dtype, axes, *_ in table("Kinds")}
    found = {name: (kind.dtype, ", ".join(kind.axes)) for name, kind in KINDS.items()}
    assert {name: listed.get(name) for name in found} == found
    assert listed.keys() == found.keys()


def test_columns_are_those_of_the_validator():
    listed = {name: (kind, unit, missing) for name, kind, unit, missing, *_ in table("Index")}
    found = {
        name: (PARQUET[column.type], column.unit, "yes" if column.may_miss else "")
        for name, column in COLUMNS.items()
    }
    assert listed == found
    assert list(listed) == list(COLUMNS)


def test_columns_are_those_of_real_stores(real):
    seen = {}
    for store in real:
        schema = parquet.read_schema(store / "index.parquet")
        found = {field.name: str(field.type).removeprefix("large_") for field in schema}
        kind = metadata(store)["attributes"]["phasegen"]["kind"]
        assert set(ALWAYS) | set(BY_KIND[kind]) <= found.keys()
        seen |= found
    assert seen == {name: COLUMNS[name].type for name in COLUMNS if name in seen}
    assert COLUMNS.keys() - seen.keys() <= ELSEWHERE


def test_a_missing_number_is_a_null_of_parquet(stores):
    columns = parquet.read_table(stores / "images.zarr" / "index.parquet")
    assert columns["pixel_row_mm"].null_count == 10


def test_required_columns_are_told():
    told = " ".join(PAGE.split("\n## Index\n")[1].split("\n## ")[0].split())
    assert ", ".join(f"`{name}`" for name in ALWAYS) in told
    assert ", ".join(f"`{name}`" for name in KEYS) in told
    for kind, names in BY_KIND.items():
        assert f"{kind}: {', '.join(f'`{name}`' for name in names)}" in told


def test_attributes(real):
    listed = [name for name, *_ in table("Attributes")]
    seen = set()
    for store in real:
        seen |= metadata(store)["attributes"]["phasegen"].keys()
    assert set(listed) == seen
    assert len(listed) == len(seen)
    assert f"This page describes format {FORMAT_VERSION}." in PAGE


def test_the_example_of_metadata():
    block = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1)
    example = json.loads(block)
    attributes = example.pop("attributes")["phasegen"]
    assert example == array_metadata("kspace", (144, 1, 64, 64), 36)
    assert attributes["kind"] == "kspace"


def test_the_independent_reader_reads_the_same_bits(real):
    for store in real:
        data = open_store(store)[:]
        found = np.stack(list(slices(store)))
        assert found.dtype == data.dtype
        assert found.tobytes() == data.tobytes()
        assert index(store)["row"] == list(range(len(data)))


def test_every_store_is_sound(real):
    for store in real:
        assert verify(store) == []


def test_two_crc32c():
    assert crc32c(b"123456789") == 0xE3069283
    assert "`0xE3069283`" in PAGE
    assert crc32c(VALUES.tobytes()) == google_crc32c.value(VALUES.tobytes())


def examples(folder):
    """Lines of the worked examples, as the page has them."""
    text = "\x1f".join(map(str, NAMES))
    digest = hashlib.sha256(text.encode())
    words = np.frombuffer(digest.digest(), "<u4")
    seeds = sequence(2026, *NAMES)
    state = seeds.generate_state(4, np.uint64)
    raw = np.random.PCG64(seeds).random_raw(3)
    yield f"SHA-256  {digest.hexdigest()}"
    yield f"words    {' '.join(map(str, words))}"
    yield f"state    {' '.join(f'0x{word:016x}' for word in state)}"
    yield f"PCG64    {' '.join(f'0x{word:016x}' for word in raw)}"
    yield f"uniform  {np.random.Generator(np.random.PCG64(seeds)).random()!r}"
    data = VALUES.tobytes()
    yield f"bytes    {data.hex(' ', 4)}"
    yield f"SHA-256  {hashlib.sha256(data).hexdigest()}"
    yield f"CRC32C   0x{crc32c(data):08x}, in the file {crc32c(data).to_bytes(4, 'little').hex()}"
    mask = np.array([[[[1, 0], [1, 1]]]], bool)
    write_shard(folder, "mask", Grid(3, 2), 1, mask)
    shard = (folder / "c/1/0/0/0").read_bytes()
    for start, end, name in ((0, 4, "values"), (4, 8, "CRC32C"), (8, 24, "slot 0")):
        yield f"{start:2}-{end - 1:2}  {shard[start:end].hex(' ')}  {name}"
    yield f"24-39  {shard[24:40].hex(' ')}  slot 1"
    yield f"40-43  {shard[40:].hex(' ')}  CRC32C of the 32 bytes before"
    kspace = to_kspace(np.array([[1.0, 2.0, 3.0]]))[0]
    yield f"k-space  {' '.join(f'{value:.6f}' for value in kspace.round(6) + 0)}"


def test_the_worked_numbers(tmp_path):
    missing = [line for line in examples(tmp_path) if line not in PAGE]
    assert not missing
