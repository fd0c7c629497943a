"""The command ``phasegen info``: what the metadata and the index of a store say, no data read."""

from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.store.faults import Faults
from phasegen.store.metadata import Sealed, read_metadata
from phasegen.store.places import ObjectPath, Unreachable, place
from phasegen.store.reading import read_index

OPERATIONS_SHOWN = 3
UNCOMPARED = "its magnitude was not compared; give the store it came from with --magnitude"


def sealed_store(store: str | Path | ObjectPath) -> tuple[Sealed, pd.DataFrame]:
    """Metadata and index of a store.

    Raises:
        UserError: they cannot be used.
    """
    faults = Faults()
    sealed = read_metadata(place(store), faults)
    if sealed is None:
        raise UserError("\n".join(f"{store}: {fault}" for fault in faults.lines()))
    try:
        return sealed, read_index(store)
    except Unreachable:
        raise
    except Exception as error:  # damage has many names inside a Parquet file
        reason = str(error).partition("\n")[0]
        raise UserError(f"{store}: index.parquet cannot be read ({reason})") from error


def describe(store: str | Path | ObjectPath) -> dict[str, str]:
    """Facts of a store by name, as text; quick, since it reads metadata and index alone.

    Raises:
        UserError: no store, or one whose metadata or index cannot be used.
    """
    sealed, index = sealed_store(store)
    grid, known = sealed.grid, sealed.attributes
    files = [path for path in place(store).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    facts = {
        "kind": sealed.kind,
        "shape": " x ".join(map(str, sealed.shape)),
        "dtype": sealed.dtype.name,
        "on disk": f"{size / 1e6:.3g} MB in {len(files)} files",
        "shards": f"{grid.shards} of {grid.per_shard} slices",
        **_counts(index),
        "cohort": _cohort(known, index),
        "source": known.get("source"),
        "seed": known.get("seed"),
        "sampler": _sampler(known.get("synthesis") or {}),
        "checkpoint": known.get("checkpoint"),
        "operations": _operations(index),
        "versions": ", ".join(f"{n} {v}" for n, v in known.get("versions", {}).items()),
        "format": known["format"],
    }
    return {name: str(value) for name, value in facts.items() if value not in (None, "")}


def verdict(store: str | Path | ObjectPath, compared: bool) -> list[str]:
    """Lines on a store in which nothing was found; the last one says that it is sound."""
    sealed, _ = sealed_store(store)
    sound = f"{store}: {sealed.grid.slices} slices in {sealed.grid.shards} shards, sound"
    if sealed.kind == "kspace" and not compared:
        return [f"{store}: {UNCOMPARED}", sound]
    return [sound]


def _counts(index: pd.DataFrame) -> dict[str, int]:
    found = {"slices": len(index)}
    if {"subject", "series"} <= set(index):
        found["volumes"] = len(index[["subject", "series"]].drop_duplicates())
        found["subjects"] = index["subject"].nunique()
    return found


def _cohort(known: dict, index: pd.DataFrame) -> str | None:
    cohort = known.get("cohort")
    name = cohort.get("name") if isinstance(cohort, dict) else cohort
    return name or (", ".join(index["cohort"].unique()) if "cohort" in index else None)


def _sampler(synthesis: dict) -> str | None:
    if "sampler" not in synthesis:
        return None
    return f"{synthesis['sampler']}, {synthesis['steps']} steps, {synthesis['precision']}"


def _operations(index: pd.DataFrame) -> str | None:
    """What was done to the slices, the most common first."""
    if "operation" not in index:
        return None
    counts = index["operation"].value_counts()
    texts = [f"{text} ({count})" for text, count in counts.head(OPERATIONS_SHOWN).items()]
    rest = len(counts) - len(texts)
    return "; ".join(texts) + (f"; and {rest} more" if rest else "")
