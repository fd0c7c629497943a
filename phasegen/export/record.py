"""The record of a finished export: which store, which volumes, which files."""

import json
from collections.abc import Sequence
from pathlib import Path

from phasegen.export.base import Volume
from phasegen.export.journal import RECORD, Journal
from phasegen.paths import whole_file
from phasegen.store.places import ObjectPath


def write_record(
    journal: Journal,
    store: Path | ObjectPath,
    facts: dict,
    volumes: Sequence[Volume],
    files: Sequence[tuple[str, ...]],
) -> None:
    """Write ``export.json``: what the journal has, and for every volume its names and files.

    Args:
        facts: provenance of the store, as its seal recorded it.
        files: of every volume, as `Format.files` names them.
    """
    described = [
        {
            "cohort": volume.cohort,
            "subject": volume.subject,
            "series": volume.series,
            "sample": volume.sample,
            "slices": volume.slices.tolist(),
            "files": names,
        }
        for volume, names in zip(volumes, files, strict=True)
    ]
    record = journal.settings | {
        "source": store.as_posix(),
        "provenance": facts,
        "volumes": described,
        "files": dict(sorted(journal.files.items())),
    }
    with whole_file(journal.folder / RECORD) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n")
