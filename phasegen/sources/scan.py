"""A cohort at a glance: one row per slice, from the headers of its files alone."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort, BadFile, Header, Reader, Role
from phasegen.sources.naming import Naming, find_files
from phasegen.sources.nifti import NiftiReader
from phasegen.sources.registry import reader

DTYPES = {
    "row": "int64",
    "cohort": "str",
    "subject": "str",
    "patient": "str",
    "series": "str",
    "file": "str",
    "slice": "int32",
    "coils": "int32",
    "rows": "int32",
    "columns": "int32",
    "spacing_row_mm": "float64",
    "spacing_column_mm": "float64",
    "spacing_slice_mm": "float64",
    "recon_rows": "int32",
    "recon_columns": "int32",
    "sampling": "str",
    "mask": "str",
}


@dataclass(frozen=True)
class Volume:
    """One file of a cohort and the slices taken from it."""

    subject: str
    series: str
    header: Header
    slices: range
    mask: Path | None


def scan(cohort: Cohort) -> pd.DataFrame:
    """Manifest of a cohort, ordered by (subject, series, slice).

    Returns:
        Columns and types of `DTYPES`. ``row`` counts from 0; ``file`` and ``mask`` are posix
        paths as found (``mask`` is "" without one); ``patient`` is whom the file names, "" if none; ``slice`` counts in the volume as read;
        ``spacing_*_mm`` is NaN where the file does not say; ``sampling`` is "full" or
        "partial Fourier".

    Raises:
        BadCohort: every bad file of the cohort, or why none could be looked at.
    """
    source = _reader(cohort)
    naming = Naming.of(cohort, source.suffixes)
    chosen = _slices(cohort)
    volumes: list[Volume] = []
    faults: list[BadFile] = []
    files = find_files(cohort, source)
    # no bar where nobody looks: a log would fill with it
    for path in tqdm(files, f"scan {cohort.name}", unit="file", file=sys.stderr, disable=None):
        try:
            volumes.append(_volume(source, naming, chosen, cohort.data, path))
        except BadFile as fault:
            faults.append(fault)
    faults += _twins(volumes)
    if faults:
        raise BadCohort(cohort.name, faults)
    return _manifest(cohort, sorted(volumes, key=lambda volume: (volume.subject, volume.series)))


def plan(cohort: Cohort, manifest: pd.DataFrame) -> dict[str, str | int]:
    """The few numbers of a manifest that decide which jobs there are; fit for JSON."""
    return {
        "cohort": cohort.name,
        "role": cohort.role,
        "slices": len(manifest),
        "volumes": len(manifest[["subject", "series"]].drop_duplicates()),
        "subjects": int(manifest["subject"].nunique()),
        "coils": int(manifest["coils"].max()),
    }


def _reader(cohort: Cohort) -> Reader:
    source = reader(cohort.reader)
    if cohort.data not in source.roles:
        gives = " or ".join(source.roles)
        reason = f"the reader {cohort.reader!r} gives {gives} data, not {cohort.data}"
        raise BadCohort(cohort.name, [BadFile(cohort.path, reason, "correct the cohort's row")])
    return source


def _slices(cohort: Cohort) -> slice:
    try:
        chosen = slice(*(int(part) if part else None for part in (cohort.slices or ":").split(":")))
        range(1)[chosen]
    except ValueError:
        reason = f"{cohort.slices!r} is not a Python slice"
        raise BadCohort(cohort.name, [BadFile("slices", reason, "such as 10:-10 or ::2")]) from None
    return chosen


def _volume(source: Reader, naming: Naming, chosen: slice, role: Role, path: Path) -> Volume:
    header = source.read_header(path)
    if header.role != role:
        reason = f"holds {header.role} data where the cohort has {role} data"
        raise BadFile(path, reason, "correct the cohort's row, or narrow its path")
    subject, series = naming.identity(path, header)
    slices = range(header.slices)[chosen]
    if not slices:
        raise BadFile(
            path, f"none of its {header.slices} slices is chosen by the cohort's 'slices'"
        )
    mask = naming.find_mask(path, subject, series)
    if mask:
        _refuse_other_shape(NiftiReader().read_header(mask), header)
    return Volume(subject, series, header, slices, mask)


def _refuse_other_shape(mask: Header, header: Header) -> None:
    have = (mask.slices, *mask.shape)
    want = (header.slices, *header.recon_shape)
    if have != want:
        text = f"mask of shape {have} for a volume of shape {want}, {header.path}"
        raise BadFile(mask.path, text, "slices, rows, columns")


def _twins(volumes: list[Volume]) -> list[BadFile]:
    first: dict[tuple[str, str], Path] = {}
    faults = []
    for volume in volumes:
        identity = (volume.subject, volume.series)
        other = first.setdefault(identity, volume.header.path)
        if other != volume.header.path:
            reason = f"subject {identity[0]!r}, series {identity[1]!r} as {other}"
            remedy = "name a group (?P<series>...) in the subject pattern"
            faults.append(BadFile(volume.header.path, f"is the same volume, {reason}", remedy))
    return faults


def _manifest(cohort: Cohort, volumes: list[Volume]) -> pd.DataFrame:
    # whole volumes first, repeated then: a large cohort has millions of slices
    table = pd.DataFrame([_describe(cohort, volume) for volume in volumes])
    counts = [len(volume.slices) for volume in volumes]
    table = table.take(np.repeat(np.arange(len(volumes)), counts)).reset_index(drop=True)
    table["slice"] = np.concatenate([np.asarray(volume.slices) for volume in volumes])
    table["row"] = np.arange(len(table))
    return table[list(DTYPES)].astype(DTYPES)


def _describe(cohort: Cohort, volume: Volume) -> dict[str, str | int | float]:
    header = volume.header
    spacing = header.spacing_mm or (np.nan, np.nan)
    return {
        "cohort": cohort.name,
        "subject": volume.subject,
        "patient": str(header.facts.get("patient_id") or ""),
        "series": volume.series,
        "file": header.path.as_posix(),
        "coils": header.coils,
        "rows": header.shape[0],
        "columns": header.shape[1],
        "spacing_row_mm": spacing[0],
        "spacing_column_mm": spacing[1],
        "spacing_slice_mm": header.slice_spacing_mm or np.nan,
        "recon_rows": header.recon_shape[0],
        "recon_columns": header.recon_shape[1],
        "sampling": header.sampling,
        "mask": volume.mask.as_posix() if volume.mask else "",
    }
