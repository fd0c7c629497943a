"""Slices as acquired, 256 x 256, in every form that is read; made once and kept."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from phasegen.fourier import to_kspace
from phasegen.mri import scan
from phasegen.mri.noise import complex_noise
from phasegen.paths import Grid
from phasegen.settings import Simulation
from phasegen.steps.quantise import quantise_store
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

SIZE, PER_SHARD, PER_VOLUME, SEED = 256, 64, 32, 1
BYTES = SIZE * SIZE * 8
CONTRASTS = ("T1w", "GRE")


def heads() -> tuple[np.ndarray, np.ndarray]:
    """Simulated images without noise, complex64 ``(slice, y, x)``, and the level of theirs."""
    simulation = Simulation(matrix=SIZE, slices=8)
    subject = scan.make_subject("sub-001", simulation, SEED)
    clean = [scan.image(subject, contrast, simulation, SEED) for contrast in CONTRASTS]
    white = scan.white_matter(subject)
    sigma = [scan.noise_sigma(image, white, simulation.snr) for image in clean]
    return np.concatenate(clean), np.repeat(sigma, simulation.slices)


def noisy(count: int, domain: str = "kspace") -> Iterator[np.ndarray]:
    """``count`` slices in shards, complex64 ``(slice, 1, y, x)``, no two of one noise."""
    clean, sigma = heads()
    random = np.random.default_rng(SEED)
    for shard in range(Grid(count, PER_SHARD).shards):
        numbers = np.array(Grid(count, PER_SHARD).rows(shard)) % len(clean)
        images = np.stack(
            [clean[n] + complex_noise(random, clean[n].shape, sigma[n]) for n in numbers]
        )
        values = to_kspace(images) if domain == "kspace" else images
        yield values.astype(np.complex64)[:, None]


def made(folder: Path, make: Callable[[Path], None]) -> Path:
    """``folder``, filled by ``make`` if it is not there yet, and all of it on the disk."""
    if not folder.exists():
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        make(partial)
        os.sync()
        partial.rename(folder)
    return folder


def make_all(folder: Path, count: int) -> None:
    """``count`` slices in all forms: ``pt``, ``h5``, ``kspace.zarr``, ``quantised.zarr``."""
    (folder / "pt").mkdir()
    (folder / "h5").mkdir()
    grid, records = Grid(count, PER_SHARD), []
    shards = tqdm(noisy(count), desc="make slices", unit="shard", total=grid.shards)
    for shard, values in enumerate(shards):
        rows = grid.rows(shard)
        write_pt(folder / "pt", rows, values)
        write_h5(folder / "h5", rows, values)
        write_shard(folder / "kspace.zarr", "kspace", grid, shard, values)
        records.append(folder / f"{shard}.parquet")
        write_table(records[-1], pd.DataFrame({"row": rows, "sha256": checksums(values)}))
    index = pd.DataFrame({"row": range(count), "cohort": "bench", "subject": "sub-001"})
    index = index.assign(series="bench", slice=range(count))
    seal(folder / "kspace.zarr", "kspace", grid, (1, SIZE, SIZE), records, {}, index)
    quantise_store(folder / "kspace.zarr", folder / "quantised.zarr", 0.5)


def write_pt(folder: Path, rows: range, values: np.ndarray) -> None:
    """One file a slice."""
    for row, value in zip(rows, values, strict=True):
        torch.save(torch.from_numpy(value.copy()), folder / f"{row}.pt")


def write_h5(folder: Path, rows: range, values: np.ndarray) -> None:
    """One file a volume, as in fastMRI; ``rows`` begin with a volume."""
    for start in range(0, len(values), PER_VOLUME):
        with h5py.File(folder / f"{(rows[0] + start) // PER_VOLUME}.h5", "w") as file:
            file["kspace"] = values[start : start + PER_VOLUME]


def drop_from_memory(folder: Path) -> None:
    """Let go of what the system keeps of every file below ``folder`` in memory."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def size(folder: Path) -> int:
    """Bytes of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
