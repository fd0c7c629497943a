"""What each kind of file says of what it came from: its facts, and the files that it was made from."""

import json
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from pyarrow import ArrowInvalid

from phasegen.nn.weights_file import BadModel, read_content
from phasegen.store.reading import provenance
from phasegen.store.shards import table_facts

KINDS = {
    "seal": "sealed store",
    "weights": "weights",
    "rows": "table of slices",
    "masks": "masks",
    "choice": "choice of settings",
    "file": "file",
}
SHOWN = {
    "seal": ("kind", "source", "seed", "synthesis", "ingest", "code"),
    "weights": ("seed", "number", "sampling", "mode", "split", "best", "code"),
    "rows": ("seed", "number", "sampling", "split", "sweep", "code"),
    "masks": ("rater", "raters", "code"),
    "choice": ("changes", "weight", "seed", "code"),
    "file": (),
}


class Facts(NamedTuple):
    """What a file says of itself."""

    kind: str
    """One of `KINDS`."""
    told: dict[str, str]
    """Facts by name, as text."""
    made_from: dict[str, str] | None
    """SHA-256 by recorded name; None where the file says nothing of it."""


def facts_of(path: Path) -> Facts:
    """Facts of a file of a results tree; one that keeps no record has none.

    Raises:
        ValueError: its record cannot be read.
    """
    try:
        kind, content = _content(path)
    except (BadModel, BadZipFile, ArrowInvalid, KeyError, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"its record cannot be read ({reason})") from None
    told = {name: _text(content[name]) for name in SHOWN[kind] if content.get(name) is not None}
    if kind == "seal":
        cohort = content.get("cohort")
        name = cohort.get("name") if isinstance(cohort, dict) else cohort
        told = ({"cohort": _text(name)} if name else {}) | told
    if "made_from" not in content and "data" in content:
        told["data"] = _text(content["data"])
    return Facts(kind, told, content.get("made_from"))


def _content(path: Path) -> tuple[str, dict]:
    if path.name == "zarr.json":
        return "seal", provenance(path.parent)
    if path.suffix == ".safetensors":
        return "weights", read_content(path).get("facts", {})
    if path.suffix == ".parquet" and (facts := table_facts(path)):
        return "rows", facts
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            return "masks", json.loads(str(file["facts"])) if "facts" in file else {}
    if path.name == "chosen.json":
        return "choice", json.loads(path.read_text())
    return "file", {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
