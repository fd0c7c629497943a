"""Rule ``export_store`` and command ``phasegen export``: a store in, files of other programs out."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.export.base import Format, Volume
from phasegen.export.choice import choose
from phasegen.export.disk import refuse_full, room
from phasegen.export.journal import RECORD, Journal, claim
from phasegen.export.record import write_record
from phasegen.export.registry import FORMATS
from phasegen.export.stream import Stream
from phasegen.export.volumes import volumes
from phasegen.fourier import to_image, to_kspace
from phasegen.paths import whole_file
from phasegen.progress import Progress
from phasegen.provenance import file_digest
from phasegen.settings import ExportFormat
from phasegen.store.lazy import lazy
from phasegen.store.places import ObjectPath, place
from phasegen.store.reading import open_store, provenance, read_index

# Small, since a block is copied several times on its way; larger ones are hardly faster.
BLOCK_BYTES = 4 * 2**20


def export(
    store: str | Path | ObjectPath,
    folder: str | Path,
    name: ExportFormat,
    split: str | Path | None = None,
    part: str = "",
    subjects: Sequence[str] = (),
    workers: int = 1,
    replace: bool = False,
) -> None:
    """Write the volumes of a sealed store to ``folder`` in the format ``name``.

    Volumes that an earlier call with the same store and the same choice of subjects finished are
    left as they are. ``export.json``, written last, lists every file with its SHA-256. Memory is
    that of some blocks of a shard for each worker, whatever the size of the store.

    Args:
        split: table with tabs, columns cohort, subject, part, as training writes it.
        part: of the split, the one to export.
        subjects: those to export; all, if there is none.
        workers: blocks that are read and transformed at a time.
        replace: delete an export of something else that this command wrote to ``folder``.

    Raises:
        UserError: no such store, a kind that the format cannot hold, no such subject or part, a
            folder with something else in it or in use, a full disk.
        DamagedStore: a shard that is missing or has changed.
    """
    store, folder, form = place(store), Path(folder), FORMATS[name]
    facts, index = _open(store, name, form)
    every = volumes(index, open_store(store).shape, facts["kind"])
    chosen = choose(every, subjects, split, part)
    files = {volume.name: names for volume, names in zip(every, form.files(every), strict=True)}
    settings = {
        "format": name,
        "store": {file: file_digest(store / file) for file in ("zarr.json", "index.parquet")},
        "volumes": [volume.name for volume in chosen],
    }
    with room(folder), claim(folder, settings, replace) as journal:
        pending = [volume for volume in chosen if not journal.has(files[volume.name])]
        if len(pending) < len(chosen):
            logging.info("%d of %d volumes are there", len(chosen) - len(pending), len(chosen))
        if pending or not (folder / RECORD).is_file():
            (folder / RECORD).unlink(missing_ok=True)
            refuse_full(folder, pending)
            _write(journal, form, pending, files, _transformed(store, form, facts["kind"]), workers)
            of_chosen = [files[volume.name] for volume in chosen]
            _about(journal, form.about(chosen, of_chosen, facts))
            write_record(journal, store, facts, chosen, of_chosen)


def _open(store: Path | ObjectPath, name: str, form: Format) -> tuple[dict, pd.DataFrame]:
    try:
        open_store(store)
    except FileNotFoundError as error:
        raise UserError(str(error)) from None
    facts = provenance(store)
    if facts["kind"] not in form.kinds:
        known = " or ".join(form.kinds)
        raise UserError(f"{store} holds {facts['kind']}, and {name} is written from {known}")
    return facts, read_index(store)


def _transformed(store: Path | ObjectPath, form: Format, kind: str) -> da.Array:
    """The store as its format takes it, k-space or images."""
    array = lazy(store, BLOCK_BYTES)
    if (form.domain, kind) == ("kspace", "images"):
        return array.map_blocks(to_kspace, dtype=np.complex64, meta=array._meta)
    if (form.domain, kind) == ("image", "kspace"):
        return array.map_blocks(to_image, dtype=np.complex64, meta=array._meta)
    return array


def _write(
    journal: Journal,
    form: Format,
    pending: Sequence[Volume],
    files: dict[str, tuple[str, ...]],
    array: da.Array,
    workers: int,
) -> None:
    stream = Stream(array, pending, workers)
    slices = sum(len(volume.rows) for volume in pending)
    progress = Progress("export", slices)
    for group in stream.groups:
        names = [files[volume.name] for volume in group]
        journal.begin([name for of_volume in names for name in of_volume])
        with ExitStack() as stack:
            writes = []
            for volume, of_volume in zip(group, names, strict=True):
                paths = [journal.folder / name for name in of_volume]
                writes.append(stack.enter_context(form.open(volume, paths)))
            stream.write(group, writes, progress.add)
        for of_volume in names:
            journal.finish(of_volume)


def _about(journal: Journal, texts: dict[str, str]) -> None:
    journal.begin(list(texts))
    for name, text in texts.items():
        with whole_file(journal.folder / name) as partial:
            partial.write_text(text)
    journal.finish(list(texts))
