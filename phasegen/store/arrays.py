"""The arrays that a store can hold, and their Zarr v3 metadata."""

from dataclasses import dataclass
from pathlib import Path

import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from phasegen.paths import Grid

FORMAT_VERSION = 1


# Noise takes the low bits of an int16 alone: sorted by bits, the rest is nearly all zeros.
PACKED = BloscCodec(typesize=2, cname="zstd", clevel=1, shuffle="bitshuffle")


@dataclass(frozen=True)
class Kind:
    """One kind of array; the first of its axes is the slice."""

    dtype: str
    axes: tuple[str, ...]
    codecs: tuple[BloscCodec, ...] = ()
    """Of an inner chunk, before its CRC32C."""


KINDS = {
    "kspace": Kind("complex64", ("slice", "coil", "ky", "kx")),
    "images": Kind("complex64", ("slice", "coil", "y", "x")),
    "magnitude": Kind("float32", ("slice", "coil", "y", "x")),
    "mask": Kind("bool", ("slice", "coil", "y", "x")),
    "quantised": Kind("int16", ("slice", "coil", "ky", "kx", "part"), (PACKED,)),
    "quantised_images": Kind("int16", ("slice", "coil", "y", "x", "part"), (PACKED,)),
}


def create(folder: Path, kind: str, grid: Grid, slice_shape: tuple[int, ...]) -> zarr.Array:
    """Array metadata in ``folder``: one slice per chunk, one shard per file, CRC32C on both."""
    return zarr.create_array(
        store=folder,
        shape=(grid.slices, *slice_shape),
        chunks=(1, *slice_shape),
        shards=(grid.per_shard, *slice_shape),
        dtype=KINDS[kind].dtype,
        compressors=[*KINDS[kind].codecs, Crc32cCodec()],
        dimension_names=KINDS[kind].axes,
        fill_value=0,
    )
