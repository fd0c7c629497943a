"""A reader of stores written from ``docs/format.md`` alone: no Zarr library, nothing of PhaseGen."""

import hashlib
import json
import struct

import numpy as np
import pyarrow.parquet as parquet
from numcodecs import Blosc

DTYPES = {"complex64": "<c8", "float32": "<f4", "bool": "|b1", "int16": "<i2"}


def crc32c(data):
    """Castagnoli polynomial, bit by bit through a table of 256."""
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def _entry(value):
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value


TABLE = [_entry(byte) for byte in range(256)]


def metadata(store):
    """Parsed ``zarr.json`` after a look at its digest."""
    text = (store / "zarr.json").read_bytes()
    document = json.loads(text)
    own = document["attributes"]["phasegen"]
    assert own["format"] == 1
    blank = text.replace(own["digest"].encode(), b"0" * 64)
    assert hashlib.sha256(blank).hexdigest() == own["digest"]
    return document


def index(store):
    """Columns of the index as lists, a missing value as None."""
    digest = hashlib.sha256((store / "index.parquet").read_bytes()).hexdigest()
    assert digest == metadata(store)["attributes"]["phasegen"]["index"]
    return parquet.read_table(store / "index.parquet").to_pydict()


def slices(store):
    """Every slice in order, after a look at both of its checksums."""
    document, sums = metadata(store), index(store)["sha256"]
    count, *shape = document["shape"]
    per_shard = document["chunk_grid"]["configuration"]["chunk_shape"][0]
    dtype = np.dtype(DTYPES[document["data_type"]])
    for row in range(count):
        shard, place = divmod(row, per_shard)
        key = "/".join(["c", str(shard)] + ["0"] * len(shape))
        data = (store / key).read_bytes()
        offset, size = _place(data, per_shard, place)
        chunk = data[offset : offset + size]
        values, (checksum,) = chunk[:-4], struct.unpack("<I", chunk[-4:])
        assert crc32c(values) == checksum
        if document["data_type"] == "int16":
            values = Blosc().decode(values)
        assert hashlib.sha256(values).hexdigest() == sums[row]
        yield np.frombuffer(values, dtype).reshape(shape)


def _place(data, per_shard, place):
    table, (checksum,) = data[-16 * per_shard - 4 : -4], struct.unpack("<I", data[-4:])
    assert crc32c(table) == checksum
    return struct.unpack_from("<QQ", table, 16 * place)
