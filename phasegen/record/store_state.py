"""How far the stores of a results folder are, from their files alone, sealed or not."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from phasegen.errors import UserError
from phasegen.paths import Grid, shard_key
from phasegen.record.benchmarks import benchmark_table
from phasegen.store.shards import table_facts


@dataclass(frozen=True)
class StoreState:
    """A store that was begun.

    Attributes:
        slices: of the whole store; None before the scan has counted them.
        grid: None before the first shard is there, unless another store tells.
        done: slices in shards that are there.
        rate: slices per second, None as long as there are too few shards to tell.
    """

    cohort: str
    name: str
    slices: int | None
    grid: Grid | None
    done: int
    shards: int
    is_sealed: bool
    rate: float | None

    @property
    def left(self) -> float | None:
        """Seconds until all shards are there, at the pace of the last ones."""
        if self.is_sealed or not self.rate or self.slices is None:
            return None
        return (self.slices - self.done) / self.rate


@dataclass(frozen=True)
class Place:
    """Where the files of one store lie, below the folder of results."""

    cohort: str
    name: str
    store: Path
    records: Path
    benchmarks: Path


def store_states(results: Path, since: float = 0) -> list[StoreState]:
    """Every store that was begun, magnitudes and raw images first.

    Args:
        since: shards from before that time [s since 1970] play no part in the rate, if there are
            later ones.
    """
    return [_state(results, place, since) for place in _places(results)]


def _places(results: Path) -> Iterator[Place]:
    for store in sorted(results.glob("cohorts/*/*.zarr")):
        cohort, name = store.parent.name, store.stem
        records = store.parent / "records" / name
        yield Place(cohort, name, store, records, results / "benchmarks/ingest" / cohort / name)
    for store in sorted(results.glob("synthetic/*/*/kspace.zarr")):
        cohort, name = store.parts[-3:-1]
        records = store.parent / "records"
        yield Place(cohort, name, store, records, results / "benchmarks/synthesize" / cohort / name)


def _state(results: Path, place: Place, since: float) -> StoreState:
    is_sealed = (place.store / "zarr.json").is_file()
    magnitude = results / "cohorts" / place.cohort / "magnitude.zarr"
    grid = _sealed_grid(place.store) or _noted_grid(place.records) or _sealed_grid(magnitude)
    written = _written(place.store)
    known = [shard for shard in written if grid and shard < grid.shards]
    return StoreState(
        cohort=place.cohort,
        name=place.name,
        slices=grid.slices if grid else _counted(results / "cohorts" / place.cohort),
        grid=grid,
        done=sum(len(grid.rows(shard)) for shard in known),
        shards=len(known),
        is_sealed=is_sealed,
        rate=_pace(grid, {shard: written[shard] for shard in known}, since) or _timed(place),
    )


def _sealed_grid(store: Path) -> Grid | None:
    """Of the metadata of a store; None before it is sealed."""
    try:
        metadata = json.loads((store / "zarr.json").read_text())
        per_shard = metadata["chunk_grid"]["configuration"]["chunk_shape"][0]
        return Grid(metadata["shape"][0], per_shard)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, IndexError) as error:
        raise UserError(f"{store}/zarr.json is no metadata of a store ({error})") from None


def _noted_grid(records: Path) -> Grid | None:
    """Of the record that was written last."""
    times = {file: moment for file in records.rglob("*.parquet") if (moment := _time(file))}
    for file in sorted(times, key=times.__getitem__, reverse=True)[:1]:
        # Those of a job are deleted at its end, and records before there were facts have none.
        with suppress(FileNotFoundError, TypeError):
            return Grid(**table_facts(file))
    return None


def _time(file: Path) -> float | None:
    """When a file was written [s since 1970]; None if a run has just deleted it."""
    try:
        return file.stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return None


def _counted(cohort: Path) -> int | None:
    try:
        return json.loads((cohort / "plan.json").read_text())["slices"]
    except FileNotFoundError:
        return None


def _written(store: Path) -> dict[int, float]:
    """Shards that are there, and when each was written [s since 1970]."""
    names = [folder.name for folder in store.glob("c/*") if folder.name.isdigit()]
    # Snakemake makes the folder of a shard before its job begins.
    times = {int(name): _time(store / shard_key(name)) for name in names}
    return {shard: moment for shard, moment in times.items() if moment}


def _pace(grid: Grid | None, written: dict[int, float], since: float) -> float | None:
    """Slices per second from the first shard of a run to its last; None of fewer than two."""
    recent = {shard: moment for shard, moment in written.items() if moment >= since} or written
    if len(recent) < 2:
        return None
    first, *later = sorted(recent, key=recent.__getitem__)
    seconds = recent[later[-1]] - recent[first]
    return sum(len(grid.rows(shard)) for shard in later) / seconds if seconds > 0 else None


def _timed(place: Place) -> float | None:
    """Slices per second of the jobs so far, their start included."""
    pattern = {place.benchmarks.name: f"{place.records}/{{}}.parquet"}
    try:
        table = benchmark_table(place.benchmarks.parent, pattern)
    except UserError:  # Snakemake is just writing one
        return None
    rates = table.loc[table["rule"] == place.benchmarks.name, "slices_per_second"].dropna()
    return float(rates.iloc[0]) if len(rates) and rates.iloc[0] > 0 else None
