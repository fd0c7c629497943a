"""A cohort's slices in pieces small enough to hold, each converted when dask asks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from dask.delayed import Delayed, delayed

from phasegen.metrics.crimes import inspect_magnitude, inspect_raw
from phasegen.settings import Cohort
from phasegen.sources.registry import reader
from phasegen.sources.regrid import regrid_kspace, regrid_magnitude, regrid_mask, regrid_raw_mask
from phasegen.sources.volumes import read_mask, read_part

ArrayKind = Literal["images", "magnitude", "mask"]
PIECE_BYTES = 16 << 20
"""Raw data of one piece at most, if that is one slice or more."""


class Slices(NamedTuple):
    """Slices ``(slice, coil, y, x)`` of one size, and what was done to each."""

    values: np.ndarray
    facts: list[dict]


@dataclass(frozen=True)
class Conversion:
    """What becomes of the volumes of a cohort: which array, rows and columns, which coils."""

    cohort: Cohort
    kind: ArrayKind
    size: int
    coils: Literal["combined", "kept"] = "combined"

    def lazily(self, rows: pd.DataFrame) -> list[Delayed]:
        """One dask object per piece of the manifest ``rows``, in their order; each gives `Slices`.

        Computing one raises BadFile.
        """
        return [delayed(self.convert, pure=False)(piece) for piece in self.pieces(rows)]

    def pieces(self, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Consecutive rows of one file; raw data in no more than `PIECE_BYTES`."""
        for _, volume in rows.groupby("file", sort=False):
            if self.kind != "mask" and self.cohort.data == "raw":
                yield from _cut(volume)
            else:  # most are compressed, and unpacked as a whole for any of their slices
                yield volume

    def convert(self, rows: pd.DataFrame) -> Slices:
        """Read and convert the slices of one piece.

        Raises:
            BadFile: what only the data show, such as NaN or a volume of zeros.
        """
        first, last = int(rows["slice"].min()), int(rows["slice"].max())
        values = self._read(rows, first, last + 1)
        done = [
            CONVERT[self.kind](self, values[row.slice - first], row) for row in rows.itertuples()
        ]
        images, facts = zip(*done, strict=True)
        return Slices(np.stack([turned(image, self.cohort) for image in images]), list(facts))

    def _read(self, rows: pd.DataFrame, start: int, stop: int) -> np.ndarray:
        if self.kind == "mask":
            return read_mask(Path(rows["mask"].iloc[0]))[start:stop]
        return read_part(reader(self.cohort.reader), Path(rows["file"].iloc[0]), start, stop)


def turned(image: np.ndarray, cohort: Cohort) -> np.ndarray:
    """Image ``(coil, y, x)`` after the quarter turns, counterclockwise, of its cohort."""
    return np.ascontiguousarray(np.rot90(image, int(cohort.turn) // 90, axes=(-2, -1)))


def _cut(volume: pd.DataFrame) -> Iterator[pd.DataFrame]:
    first = volume.iloc[0]
    slice_bytes = 8 * int(first["coils"]) * int(first["rows"]) * int(first["columns"])
    most = max(PIECE_BYTES // slice_bytes, 1)
    # by the slice in the file, so that what lies between chosen slices counts too
    place = (volume["slice"] - first["slice"]).abs() // most
    yield from (piece for _, piece in volume.groupby(place, sort=False))


def _image(conversion: Conversion, kspace: np.ndarray, row: NamedTuple) -> tuple[np.ndarray, dict]:
    recon_shape = (row.recon_rows, row.recon_columns)
    image, pixel, operation = regrid_kspace(
        kspace, recon_shape, conversion.size, spacing(row), conversion.coils == "combined"
    )
    return image, _fact(operation, pixel) | inspect_raw(kspace)


def _magnitude(
    conversion: Conversion, values: np.ndarray, row: NamedTuple
) -> tuple[np.ndarray, dict]:
    if conversion.cohort.data == "raw":
        return _magnitude_of_raw(conversion, values, row)
    image, pixel, operation = regrid_magnitude(values, spacing(row), conversion.size)
    return image[None], _fact(operation, pixel) | inspect_magnitude(values)


def _magnitude_of_raw(
    conversion: Conversion, kspace: np.ndarray, row: NamedTuple
) -> tuple[np.ndarray, dict]:
    """Of the very image that `_image` makes, its coils combined."""
    image, facts = _image(replace(conversion, coils="combined"), kspace, row)
    words = "magnitude" if facts["operation"] == "none" else f"{facts['operation']}; magnitude"
    return np.abs(image), facts | {"operation": words}


def _mask(conversion: Conversion, mask: np.ndarray, row: NamedTuple) -> tuple[np.ndarray, dict]:
    regrid = regrid_raw_mask if conversion.cohort.data == "raw" else regrid_mask
    mask = regrid(mask, spacing(row), conversion.size)
    return mask[None], {"pixels": int(mask.sum())}


def _fact(operation: str, pixel: tuple[float, float] | None) -> dict:
    row_mm, column_mm = pixel or (np.nan, np.nan)
    return {"operation": operation, "pixel_row_mm": row_mm, "pixel_column_mm": column_mm}


def spacing(row: NamedTuple) -> tuple[float, float] | None:
    """Pixel (row, column) [mm] of a row of the manifest; None where it is not known."""
    pixel = (row.spacing_row_mm, row.spacing_column_mm)
    return None if np.isnan(pixel).any() else pixel


CONVERT: dict[str, Callable[[Conversion, np.ndarray, NamedTuple], tuple[np.ndarray, dict]]] = {
    "images": _image,
    "magnitude": _magnitude,
    "mask": _mask,
}
