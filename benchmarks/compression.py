"""What lossless compression saves of complex slices, and what it costs to read and write them."""

import argparse
import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import tensorstore
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec, ZstdCodec

from benchmarks.slices import BYTES, PER_SHARD, SIZE, drop_from_memory, made, noisy, size
from benchmarks.timing import quartiles
from phasegen.data.loading import BatchOrder
from phasegen.paths import Grid
from phasegen.store.concurrent import CACHE, REQUESTS

CODECS = {
    "none": [],
    "zstd 1": [ZstdCodec(level=1)],
    "blosc lz4 1, bytes": [BloscCodec(cname="lz4", clevel=1, shuffle="shuffle")],
    "blosc lz4 1, bits": [BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle")],
    "blosc zstd 1, bits": [BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle")],
    "blosc zstd 3, bytes": [BloscCodec(cname="zstd", clevel=3, shuffle="shuffle")],
}
DOMAINS = ("kspace", "images")


def main() -> None:
    options = _parser().parse_args()
    result = {"slices": options.slices, "batch": options.batch}
    for domain in DOMAINS:
        folder = options.data / f"compressed-{domain}-{options.slices}"
        made(folder, partial(make_all, domain=domain, count=options.slices))
        written = json.loads((folder / "seconds.json").read_text())
        order = BatchOrder(options.slices, options.batch, seed=0)
        rates = {state: measure(folder, order, options.rounds, state) for state in STATES}
        ratios = {name: options.slices * BYTES / size(folder / name) for name in CODECS}
        result[domain] = {"ratio": ratios, "written_seconds": written} | rates
        print("\n".join(table(domain, result[domain], options.slices)), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


STATES = ("cold", "warm")


def make_all(folder: Path, domain: str, count: int) -> None:
    """The same slices once for every codec, and the seconds that writing took."""
    shape, grid = (1, SIZE, SIZE), Grid(count, PER_SHARD)
    arrays = {
        name: zarr.create_array(
            folder / name,
            shape=(count, *shape),
            chunks=(1, *shape),
            shards=(PER_SHARD, *shape),
            dtype="complex64",
            compressors=[*codecs, Crc32cCodec()],
        )
        for name, codecs in CODECS.items()
    }
    seconds = dict.fromkeys(CODECS, 0.0)
    for shard, values in enumerate(noisy(count, domain)):
        rows = grid.rows(shard)
        for name, array in arrays.items():
            start = time.perf_counter()
            array[rows.start : rows.stop] = values
            seconds[name] += time.perf_counter() - start
    (folder / "seconds.json").write_text(json.dumps(seconds))


def measure(folder: Path, order: BatchOrder, rounds: int, state: str) -> dict[str, list[float]]:
    """Slices per second in every round, the codecs taking turns; the first does not count."""
    found = {name: [] for name in CODECS}
    for number in range(-1, rounds):
        order.epoch = number + 1
        batches = list(order)
        for name in CODECS:
            if state == "cold":
                drop_from_memory(folder / name)
            start = time.perf_counter()
            read(folder / name, batches)
            if number >= 0:
                found[name].append(order.count / (time.perf_counter() - start))
    return found


def read(store: Path, batches: list[list[int]]) -> None:
    """All batches, one being read while the one before is waited for."""
    limits = {
        "cache_pool": {"total_bytes_limit": CACHE},
        "file_io_concurrency": {"limit": REQUESTS},
    }
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(store)}}
    array = tensorstore.open(spec, context=tensorstore.Context(limits), read=True).result()
    waiting = []
    for rows in batches:
        waiting.append(array.oindex[np.array(rows)].read())
        if len(waiting) > 1:
            waiting.pop(0).result()
    waiting.pop().result()


def table(domain: str, found: dict, count: int) -> list[str]:
    """Lines of one domain."""
    text = [f"{domain}: times smaller, MB/s written, slices/s cold and warm [quartiles], over none"]
    for name in CODECS:
        line = f"  {name:20}{found['ratio'][name]:6.3f}"
        line += f"{count * BYTES / 1e6 / found['written_seconds'][name]:7.0f}"
        for state in STATES:
            rate = quartiles(np.array(found[state][name]))
            over = np.median(np.array(found[state][name]) / np.array(found[state]["none"]))
            line += f"{rate['median']:8.0f} [{rate['low']:.0f}, {rate['high']:.0f}] {over:5.2f}"
        text.append(line)
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compression",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--slices", type=int, default=512, help="of 256 x 256")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", type=Path, default=Path("results/bench/data"), help="kept here")
    parser.add_argument("--out", type=Path, default=Path("results/bench/compression.json"))
    return parser


if __name__ == "__main__":
    main()
