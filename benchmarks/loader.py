"""How fast slices are loaded in random order, against four other ways, cold and warm."""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks import readers
from benchmarks.slices import BYTES, drop_from_memory, made, make_all, size
from benchmarks.timing import quartiles
from phasegen.data.loading import BatchOrder

OURS = ("ours", "ours, 2 workers")
AIMS = {"one .pt a slice": 3.0, "h5py opened per slice": 3.0}
OF_THE_FASTEST = 0.9
OTHERS = (*AIMS, "zarr-python", "tensorstore")


def main() -> None:
    options = _parser().parse_args()
    torch.set_num_threads(1)
    folder = made(
        options.data / f"slices-{options.slices}", partial(make_all, count=options.slices)
    )
    order = BatchOrder(options.slices, options.batch, seed=0)
    ways = all_ways(folder, options.batch)
    check_alike(ways, order)
    result = {"slices": options.slices, "batch": options.batch, "bytes": sizes(folder)}
    for state in ("cold", "warm"):
        result[state] = measure(ways, order, options.rounds, cold=state == "cold")
        print("\n".join(table(state, result[state])), flush=True)
    print("\n".join(verdict(result["cold"])))
    print("\n".join(f"{name}: {value / 1e6:.0f} MB" for name, value in result["bytes"].items()))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


def all_ways(folder: Path, batch: int) -> dict[str, tuple[Path, readers.Read]]:
    """For every way to read, its files and what reads them."""
    store, small = folder / "kspace.zarr", folder / "quantised.zarr"
    makers: dict[str, tuple[Path, Callable[[Path], readers.Read]]] = {
        "one .pt a slice": (folder / "pt", readers.one_pt_a_slice),
        "h5py opened per slice": (folder / "h5", readers.h5py_opened_per_slice),
        "zarr-python": (store, readers.zarr_python),
        "tensorstore": (store, readers.tensorstore_concurrent),
        "ours": (store, partial(readers.ours, batch=batch, workers=0)),
        "ours, 2 workers": (store, partial(readers.ours, batch=batch, workers=2)),
        "ours, quantised": (small, partial(readers.ours, batch=batch, workers=0)),
        "ours, quantised, 2 workers": (small, partial(readers.ours, batch=batch, workers=2)),
        "storage, random": (store, readers.raw_random),
        "storage, sequential": (store, readers.raw_sequential),
    }
    return {name: (files, maker(files)) for name, (files, maker) in makers.items()}


def check_alike(ways: dict, order: BatchOrder) -> None:
    """Raise AssertionError if the other ways differ in a batch; then they are not comparable."""
    rows = next(iter(order))
    first, *rest = (next(ways[name][1]([rows])) for name in OTHERS)
    assert first.dtype == torch.complex64 and first.shape == (len(rows), 1, 256, 256)
    assert all(torch.equal(first, other) for other in rest)


def measure(ways: dict, order: BatchOrder, rounds: int, cold: bool) -> dict[str, list[float]]:
    """Slices per second of every way in every round; they take turns in each round."""
    found = {name: [] for name in ways}
    for number in range(-1, rounds):  # the first round does not count
        order.epoch = number + 1
        batches = list(order)
        for name, (files, read) in ways.items():
            if cold:
                drop_from_memory(files)
            start = time.perf_counter()
            count = sum(len(batch) for batch in read(batches))
            seconds = time.perf_counter() - start
            assert name.startswith("storage") or count == order.count, name
            if number >= 0:
                found[name].append(order.count / seconds)
    return found


def table(state: str, rates: dict[str, list[float]]) -> list[str]:
    """Lines of one state, the ratios being of the turns of one round."""
    text = [f"{state}: slices/s [quartiles], MB/s, times as fast as .pt, h5py and tensorstore"]
    for name, values in rates.items():
        rate = quartiles(np.array(values))
        ratios = (ratio(rates, name, other) for other in (*AIMS, "tensorstore"))
        text.append(
            f"  {name:27}{rate['median']:8.0f} [{rate['low']:.0f}, {rate['high']:.0f}]".ljust(56)
            + f"{rate['median'] * BYTES / 1e6:8.0f}  "
            + "  ".join(f"{value:5.2f}" for value in ratios)
        )
    return text


def ratio(rates: dict[str, list[float]], name: str, other: str) -> float:
    """Median over the rounds of how many times as fast ``name`` is as ``other``."""
    return float(np.median(np.array(rates[name]) / np.array(rates[other])))


def verdict(cold: dict[str, list[float]]) -> list[str]:
    """Whether ours is as fast as it is meant to be."""
    aims = AIMS | dict.fromkeys(OTHERS[len(AIMS) :], OF_THE_FASTEST)
    text = []
    for name in OURS:
        for other, aim in aims.items():
            found = ratio(cold, name, other)
            word = "met" if found >= aim else "MISSED"
            text.append(f"{name}: aim of {aim} times {other}, cold, {word} ({found:.2f})")
    return text


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: size(path) for path in sorted(folder.iterdir()) if path.is_dir()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loader",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--slices", type=int, default=4096, help="of 256 x 256, 2 GB in each form")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path("results/bench/data"), help="kept here")
    parser.add_argument("--out", type=Path, default=Path("results/bench/loader.json"))
    return parser


if __name__ == "__main__":
    main()
