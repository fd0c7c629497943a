"""Ways to read batches of slices in a given order; all give complex64 ``(slice, 1, y, x)``."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import tensorstore
import torch
import zarr

from benchmarks.slices import BYTES, PER_SHARD, PER_VOLUME
from phasegen.data.loading import loader
from phasegen.data.stored import StoredSlices
from phasegen.paths import shard_key
from phasegen.store.concurrent import CACHE, REQUESTS

Order = list[list[int]]
Read = Callable[[Order], Iterator[torch.Tensor]]


def one_pt_a_slice(folder: Path) -> Read:
    def read(order: Order) -> Iterator[torch.Tensor]:
        for rows in order:
            yield torch.stack([torch.load(folder / f"{row}.pt") for row in rows])

    return read


def h5py_opened_per_slice(folder: Path) -> Read:
    def one(row: int) -> torch.Tensor:
        volume, place = divmod(row, PER_VOLUME)
        with h5py.File(folder / f"{volume}.h5", "r") as file:
            return torch.from_numpy(file["kspace"][place])

    def read(order: Order) -> Iterator[torch.Tensor]:
        for rows in order:
            yield torch.stack([one(row) for row in rows])

    return read


def zarr_python(store: Path) -> Read:
    def read(order: Order) -> Iterator[torch.Tensor]:
        array = zarr.open_array(store, mode="r")
        for rows in order:
            yield torch.stack([torch.from_numpy(array[row]) for row in rows])

    return read


def tensorstore_concurrent(store: Path) -> Read:
    """All slices of a batch at once; the cache and the requests as ours has them."""
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(store)}}
    limits = {
        "cache_pool": {"total_bytes_limit": CACHE},
        "file_io_concurrency": {"limit": REQUESTS},
    }

    def read(order: Order) -> Iterator[torch.Tensor]:
        context = tensorstore.Context(limits)
        array = tensorstore.open(spec, context=context, read=True).result()
        for rows in order:
            reads = [array[row].read() for row in rows]
            yield torch.from_numpy(np.stack([read.result() for read in reads]))

    return read


def ours(store: Path, batch: int, workers: int) -> Read:
    """Its own order, which is as random; the processes are started beforehand, as for training."""
    data = StoredSlices([store])
    batches = loader(data, batch, seed=0, workers=workers)
    batches.load_state_dict({"epoch": 0, "position": batches.batch_sampler.batches - 1})
    list(batches)

    def read(order: Order) -> Iterator[torch.Tensor]:
        for values, _ in batches:
            yield values

    return read


def raw_random(store: Path) -> Read:
    """What the storage gives: as many bytes at random places of the shards, by threads."""
    shards = [os.open(path, os.O_RDONLY) for path in _shards(store)]
    buffers = [bytearray(BYTES) for _ in range(REQUESTS)]

    def read(order: Order) -> Iterator[torch.Tensor]:
        rows = [row for rows in order for row in rows]
        with ThreadPoolExecutor(REQUESTS) as pool:
            list(pool.map(one, buffers, [rows[start::REQUESTS] for start in range(REQUESTS)]))
        return iter(())

    def one(buffer: bytearray, rows: list[int]) -> None:
        for row in rows:
            shard, place = divmod(row, PER_SHARD)
            os.preadv(shards[shard], [buffer], place * BYTES)

    return read


def raw_sequential(store: Path) -> Read:
    """What the storage gives from the first byte of every shard to the last."""
    buffer = bytearray(2**23)

    def read(order: Order) -> Iterator[torch.Tensor]:
        for path in _shards(store):
            with path.open("rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
        return iter(())

    return read


def _shards(store: Path) -> list[Path]:
    count = len(list((store / "c").iterdir()))
    return [store / shard_key(shard) for shard in range(count)]
