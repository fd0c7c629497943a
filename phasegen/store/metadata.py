"""Reading ``zarr.json`` as the format has it, whatever became of it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from phasegen.paths import Grid
from phasegen.store.arrays import FORMAT_VERSION, KINDS
from phasegen.store.digest import metadata_digest
from phasegen.store.faults import Faults
from phasegen.store.places import ObjectPath

HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Sealed:
    """What the metadata of a store say."""

    kind: str
    shape: tuple[int, ...]
    grid: Grid
    attributes: dict

    @property
    def dtype(self) -> np.dtype:
        """Of a value, as it lies in a chunk."""
        return np.dtype(KINDS[self.kind].dtype).newbyteorder("<")


def read_metadata(store: Path | ObjectPath, faults: Faults) -> Sealed | None:
    """Metadata of ``store``; None, and why among ``faults``, if they say too little to go on."""
    text = _bytes(store, faults)
    if text is None:
        return None
    try:
        document = json.loads(text)
        sealed = _sealed(document)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        faults.add("metadata", f"zarr.json: is not that of a store ({reason})")
        return None
    _check_digest(text, sealed.attributes, faults)
    _check_document(document, sealed, faults)
    return sealed


def array_metadata(kind: str, shape: tuple[int, ...], per_shard: int) -> dict:
    """The Zarr v3 metadata that the format demands, but for the attributes."""
    codecs = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
    if np.dtype(KINDS[kind].dtype).itemsize == 1:
        codecs = [{"name": "bytes"}, {"name": "crc32c"}]
    # Those that compress lie between the two.
    codecs[1:1] = [codec.to_dict() for codec in KINDS[kind].codecs]
    index_codecs = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
    sharding = {
        "chunk_shape": [1, *shape[1:]],
        "codecs": codecs,
        "index_codecs": index_codecs,
        "index_location": "end",
    }
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": KINDS[kind].dtype,
        "chunk_grid": {
            "name": "regular",
            "configuration": {"chunk_shape": [per_shard, *shape[1:]]},
        },
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": {"c": [0.0, 0.0], "f": 0.0, "i": 0, "b": False}[
            np.dtype(KINDS[kind].dtype).kind
        ],
        "codecs": [{"name": "sharding_indexed", "configuration": sharding}],
        "dimension_names": list(KINDS[kind].axes),
        "storage_transformers": [],
    }


def _bytes(store: Path | ObjectPath, faults: Faults) -> bytes | None:
    if not store.is_dir():
        faults.add("metadata", "there is no such folder")
        return None
    try:
        return (store / "zarr.json").read_bytes()
    except FileNotFoundError:
        faults.add("metadata", "zarr.json: is missing, so the store was never sealed")
    except OSError as error:
        faults.add("metadata", f"zarr.json: cannot be read ({error.strerror})")
    return None


def _sealed(document: dict) -> Sealed:
    attributes = document["attributes"]["phasegen"]
    if attributes["format"] != FORMAT_VERSION:
        raise ValueError(f"format {attributes['format']!r}, where {FORMAT_VERSION} is known")
    kind = attributes["kind"]
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}")
    shape = tuple(document["shape"])
    per_shard = document["chunk_grid"]["configuration"]["chunk_shape"][0]
    if any(type(edge) is not int or edge < 1 for edge in (*shape, per_shard)):
        raise ValueError(f"shape {shape} in shards of {per_shard!r}")
    if len(shape) != len(KINDS[kind].axes):
        raise ValueError(f"{len(shape)} axes, where {kind} has {len(KINDS[kind].axes)}")
    return Sealed(kind, shape, Grid(shape[0], per_shard), attributes)


def _check_digest(text: bytes, attributes: dict, faults: Faults) -> None:
    recorded = attributes.get("digest")
    if not isinstance(recorded, str) or not HEX.fullmatch(recorded):
        faults.add("metadata", "zarr.json: has no attribute 'digest' of 64 hexadecimal digits")
    elif metadata_digest(text, recorded) != recorded:
        faults.add("metadata", "zarr.json: has changed since it was sealed (its digest differs)")


def _check_document(document: dict, sealed: Sealed, faults: Faults) -> None:
    due = array_metadata(sealed.kind, sealed.shape, sealed.grid.per_shard)
    # Zarr lets a writer leave out an empty list.
    found = {"storage_transformers": []} | document
    for key in due.keys() | found.keys() - {"attributes"}:
        if key not in due:
            faults.add("metadata", f"zarr.json: {key!r} is no key of the format")
        elif found.get(key) != due[key]:
            faults.add(
                "metadata", f"zarr.json: {key!r} is {found.get(key)!r}, where {due[key]!r} is due"
            )
