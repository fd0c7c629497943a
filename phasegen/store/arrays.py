"""The arrays that a store can hold, and their Zarr v3 metadata."""

from dataclasses import dataclass
from pathlib import Path

import zarr
from zarr.codecs import Crc32cCodec

from phasegen.paths import Grid

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Kind:
    """One kind of array: four axes, the first of them the slice."""

    dtype: str
    axes: tuple[str, str, str, str]


KINDS = {
    "kspace": Kind("complex64", ("slice", "coil", "ky", "kx")),
    "images": Kind("complex64", ("slice", "coil", "y", "x")),
    "magnitude": Kind("float32", ("slice", "coil", "y", "x")),
    "mask": Kind("bool", ("slice", "coil", "y", "x")),
}


def create(folder: Path, kind: str, grid: Grid, slice_shape: tuple[int, int, int]) -> zarr.Array:
    """Array metadata in ``folder``: one slice per chunk, one shard per file, CRC32C on both."""
    return zarr.create_array(
        store=folder,
        shape=(grid.slices, *slice_shape),
        chunks=(1, *slice_shape),
        shards=(grid.per_shard, *slice_shape),
        dtype=KINDS[kind].dtype,
        compressors=[Crc32cCodec()],
        dimension_names=KINDS[kind].axes,
        fill_value=0,
    )
