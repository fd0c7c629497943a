"""The index of a store: which columns there are, and what must hold of them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet

from phasegen.provenance import file_digest
from phasegen.store.faults import Faults
from phasegen.store.metadata import HEX, Sealed
from phasegen.store.places import ObjectPath, Unreachable


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, its unit, whether a value may be missing."""

    type: str
    unit: str = ""
    may_miss: bool = False


IDENTITY = {
    "row": Column("int64"),
    "cohort": Column("string"),
    "subject": Column("string"),
    "patient": Column("string"),
    "series": Column("string"),
    "file": Column("string"),
    "slice": Column("int32"),
    "sample": Column("int32"),
}
HEADER = {
    "coils": Column("int32"),
    "rows": Column("int32", "pixel"),
    "columns": Column("int32", "pixel"),
    "spacing_row_mm": Column("double", "mm", may_miss=True),
    "spacing_column_mm": Column("double", "mm", may_miss=True),
    "spacing_slice_mm": Column("double", "mm", may_miss=True),
    "recon_rows": Column("int32", "pixel"),
    "recon_columns": Column("int32", "pixel"),
    "sampling": Column("string"),
    "mask": Column("string"),
}
MADE = {
    "sha256": Column("string"),
    "file_sha256": Column("string"),
    "scale": Column("float", "that of the values"),
    "operation": Column("string"),
    "pixel_row_mm": Column("double", "mm", may_miss=True),
    "pixel_column_mm": Column("double", "mm", may_miss=True),
    "pixels": Column("int64", "pixel"),
    "magnitude_error": Column("float", "largest magnitude of the slice"),
    "noise_level": Column("float", "that of the values"),
    "quantisation_step": Column("float", "that of the values"),
    "quantisation_error": Column("float", "largest magnitude of the slice"),
    "quantisation_error_rms": Column("float", "largest magnitude of the slice"),
    "magnitude_psnr": Column("float", "dB"),
    "step_grown": Column("bool"),
}
CRIMES = {
    "filled_rows": Column("float", "1", may_miss=True),
    "filled_columns": Column("float", "1", may_miss=True),
    "roll_off_db": Column("float", "dB", may_miss=True),
    "periodicity": Column("float", "1", may_miss=True),
    "block_ratio": Column("float", "1", may_miss=True),
    "one_phase": Column("float", "1", may_miss=True),
    "zero_padded": Column("bool"),
    "interpolated": Column("bool"),
    "lossy": Column("bool"),
    "magnitude_only": Column("bool"),
    "crimes": Column("string"),
}
COLUMNS = IDENTITY | HEADER | MADE | CRIMES
"""Every column of the format, in the order of `docs/format.md`; others may be there too."""

ALWAYS = ("row", "subject", "series", "file", "slice", "sha256")
QUANTISED = (
    "noise_level",
    "quantisation_step",
    "quantisation_error",
    "quantisation_error_rms",
    "magnitude_psnr",
    "step_grown",
)
BY_KIND = {
    "images": ("scale", "operation"),
    "magnitude": ("scale", "operation"),
    "mask": ("pixels",),
    "kspace": ("magnitude_error",),
    "quantised": QUANTISED,
    "quantised_images": QUANTISED,
}
KEYS = ("cohort", "subject", "series", "slice", "sample")
"""Those of them that an index has name a slice, each once."""


def check_index(store: Path | ObjectPath, sealed: Sealed, faults: Faults) -> pd.DataFrame | None:
    """Index of ``store``, if it can be read at all; what is wrong with it is in ``faults``."""
    path = store / "index.parquet"
    if not path.is_file():
        faults.add("index", "index.parquet: is missing")
        return None
    try:
        if "index" not in sealed.attributes:
            faults.add("index", "zarr.json: has no attribute 'index', the SHA-256 of the index")
        elif file_digest(path) != sealed.attributes["index"]:
            faults.add("index", "index.parquet: is not the file that was sealed (another SHA-256)")
        with path.open("rb") as file:
            table = parquet.read_table(file)
        table.validate(full=True)  # else a text that is no UTF-8 shows when it is used
        types = {field.name: _name(str(field.type)) for field in table.schema}
        index = table.to_pandas(ignore_metadata=True)
    except Unreachable:
        raise
    except Exception as error:  # damage has many names inside a Parquet file
        reason = str(error).partition("\n")[0]
        faults.add("index", f"index.parquet: cannot be read ({type(error).__name__}: {reason})")
        return None
    # What has another type can only be named.
    index = index.drop(columns=_check_types(types, sealed.kind, faults))
    _check_missing(index, faults)
    _check_rows(index, sealed, faults)
    return index


def _name(arrow_type: str) -> str:
    """Arrow keeps long texts under another name; Parquet has one type for both."""
    return arrow_type.removeprefix("large_")


def _check_types(types: dict[str, str], kind: str, faults: Faults) -> list[str]:
    """Columns of another type than the format has."""
    for name in (*ALWAYS, *BY_KIND.get(kind, ())):
        if name not in types:
            faults.add("column", f"index.parquet: has no column {name!r}")
    wrong = [
        name for name, type_ in types.items() if type_ != COLUMNS.get(name, Column(type_)).type
    ]
    for name in wrong:
        found, due = types[name], COLUMNS[name].type
        faults.add("column", f"index.parquet: {name!r} is {found}, where {due} is due")
    return wrong


def _check_missing(index: pd.DataFrame, faults: Faults) -> None:
    for name, column in COLUMNS.items():
        if name in index and not column.may_miss and (count := int(index[name].isna().sum())):
            faults.add("column", f"index.parquet: {name!r} misses {count} values")


def _check_rows(index: pd.DataFrame, sealed: Sealed, faults: Faults) -> None:
    due = sealed.grid.slices
    if len(index) != due:
        faults.add("rows", f"index.parquet: {len(index)} rows, where the array has {due} slices")
    if "row" in index:
        wrong = index.index[index["row"] != index.index]
        texts = (f"index.parquet: line {n} is row {index['row'][n]}" for n in wrong)
        faults.add_all("row out of order", texts, len(wrong))
    keys = [key for key in KEYS if key in index]
    if keys:
        twins = index.index[index.duplicated(keys)]
        texts = (f"index.parquet: row {n} is the same slice as another, by {keys}" for n in twins)
        faults.add_all("slice named twice", texts, len(twins))
    if "sha256" in index:
        wrong = [n for n, text in enumerate(index["sha256"]) if not HEX.fullmatch(str(text))]
        texts = (f"index.parquet: row {n} has no SHA-256 in 'sha256'" for n in wrong)
        faults.add_all("no checksum", texts, len(wrong))
