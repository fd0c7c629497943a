"""How fast slices are written, against three other ways, with and without waiting for the disk."""

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import Crc32cCodec

from benchmarks.slices import PER_SHARD, SIZE, noisy, write_h5, write_pt
from benchmarks.timing import quartiles
from phasegen.paths import Grid
from phasegen.store.shards import write_shard

Shards = list[np.ndarray]
OURS = "ours"


def main() -> None:
    options = _parser().parse_args()
    shards = list(noisy(options.slices))
    folder = options.data / "written"
    found = measure(folder, shards, options.rounds)
    megabytes = sum(shard.nbytes for shard in shards) / 1e6
    print("\n".join(table(found, megabytes)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"slices": options.slices, "megabytes": megabytes, "seconds": found}
    options.out.write_text(json.dumps(result, indent=2) + "\n")


def ours(folder: Path, shards: Shards) -> None:
    """Shard by shard; each is on the disk before it has its name."""
    grid = _grid(shards)
    for shard, values in enumerate(shards):
        write_shard(folder / "kspace.zarr", "kspace", grid, shard, values)


def one_pt_a_slice(folder: Path, shards: Shards) -> None:
    for shard, values in enumerate(shards):
        write_pt(folder, _grid(shards).rows(shard), values)


def h5py_per_volume(folder: Path, shards: Shards) -> None:
    for shard, values in enumerate(shards):
        write_h5(folder, _grid(shards).rows(shard), values)


def zarr_python(folder: Path, shards: Shards) -> None:
    """The same array as ours, one shard after the other."""
    grid, shape = _grid(shards), (1, SIZE, SIZE)
    array = zarr.create_array(
        folder / "kspace.zarr",
        shape=(grid.slices, *shape),
        chunks=(1, *shape),
        shards=(PER_SHARD, *shape),
        dtype="complex64",
        compressors=[Crc32cCodec()],
    )
    for shard, values in enumerate(shards):
        rows = grid.rows(shard)
        array[rows.start : rows.stop] = values


def raw(folder: Path, shards: Shards) -> None:
    """What the storage takes: the same bytes into one file."""
    with (folder / "raw").open("wb", buffering=0) as file:
        for values in shards:
            file.write(values)


WAYS: dict[str, Callable[[Path, Shards], None]] = {
    OURS: ours,
    "one .pt a slice": one_pt_a_slice,
    "h5py per volume": h5py_per_volume,
    "zarr-python": zarr_python,
    "storage, one file": raw,
}


def measure(folder: Path, shards: Shards, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds until written and until on the disk; the first round does not count."""
    found = {name: {"written": [], "on the disk": []} for name in WAYS}
    for number in range(-1, rounds):
        for name, write in WAYS.items():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            os.sync()
            start = time.perf_counter()
            write(folder, shards)
            written = time.perf_counter()
            _flush(folder)
            if number >= 0:
                found[name]["written"].append(written - start)
                found[name]["on the disk"].append(time.perf_counter() - start)
    shutil.rmtree(folder)
    return found


def table(found: dict, megabytes: float) -> list[str]:
    """Lines of all ways; the ratio is of the turns of one round."""
    text = ["MB/s written, MB/s until on the disk [quartiles], times as fast as .pt, on the disk"]
    for name, seconds in found.items():
        line = f"  {name:20}"
        for values in seconds.values():
            rate = quartiles(megabytes / np.array(values))
            line += f"{rate['median']:8.0f} [{rate['low']:.0f}, {rate['high']:.0f}]".ljust(26)
        pt = np.array(found["one .pt a slice"]["on the disk"])
        text.append(line + f"{np.median(pt / np.array(seconds['on the disk'])):6.2f}")
    return text


def _grid(shards: Shards) -> Grid:
    return Grid(sum(map(len, shards)), PER_SHARD)


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.writer",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--slices", type=int, default=512, help="of 256 x 256")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path("results/bench/data"), help="emptied")
    parser.add_argument("--out", type=Path, default=Path("results/bench/writer.json"))
    return parser


if __name__ == "__main__":
    main()
