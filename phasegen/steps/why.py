"""The command ``phasegen why``: a cell of a table in, the chain of files behind it out."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from phasegen.record.chain import Chain
from phasegen.record.chain_text import chain_lines
from phasegen.record.traced_table import read_traced
from phasegen.steps.verify import verify


class Answer(NamedTuple):
    """What lies behind a cell."""

    lines: list[str]
    faults: list[str]
    """All that is not as it was recorded."""


def why(
    table: str | Path,
    row: Sequence[str],
    column: str | None = None,
    all_files: bool = False,
    with_slices: bool = False,
) -> Answer:
    """The chain from a cell, or a whole row, down to raw files, each looked at again.

    Args:
        row: its number (from 1), or texts ``key=value`` on the columns of the table.
        all_files: list all raw files.
        with_slices: read every slice of the stores too, as ``phasegen verify`` does.

    Raises:
        UserError: no such row or column, several rows, or no record of the table.
    """
    traced = read_traced(table)
    number = traced.number(row)
    files = traced.files(number, column)
    with tqdm(desc="look at", unit="file", file=sys.stderr, disable=None, leave=False) as bar:
        chain = Chain(traced.folder, bar.update)
        links = [chain.follow(*file) for file in files.items()]
    faults = chain.faults()
    if traced.has_changed:
        faults.insert(0, f"{table}: has changed since it was recorded (another SHA-256)")
    if with_slices:
        stores = {traced.folder / link.name for link in chain.links.values() if _is_seal(link.name)}
        faults += [
            f"{s.parent}: {fault}" for s in sorted(stores) for fault in verify(s.parent, None)
        ]
    record = traced.record
    cell = f", {column} = {traced.rows[column].iloc[number]}" if column else ""
    lines = [
        f"{table}, row {number + 1}: {traced.title(number)}{cell}",
        f"  made by {record['module']} (code {record['code']}), seed {record['seed']}, from "
        f"{len(files)} files",
        *chain_lines(links, all_files),
        f"{len(chain.links)} files looked at: {len(faults)} not as recorded",
    ]
    if not files:
        lines[2:] = ["  nothing was run for this row, so no file is behind it"]
    return Answer(lines, faults)


def _is_seal(name: str) -> bool:
    return Path(name).name == "zarr.json"
