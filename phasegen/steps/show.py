"""The command ``phasegen show``: some slices of a store in one picture."""

from pathlib import Path

import numpy as np

from phasegen.errors import UserError
from phasegen.fourier import to_image
from phasegen.report.sheets import grey_sheet, image_sheet, pair_sheet, synthetic_sheet
from phasegen.steps.figures import slice_titles, spread_rows
from phasegen.steps.info import sealed_store
from phasegen.store.metadata import Sealed
from phasegen.store.places import Unreachable
from phasegen.store.reading import open_store

PICTURES = (".png", ".svg")


def show(
    store: str | Path, figure: str | Path, slices: int, magnitude: str | Path | None = None
) -> None:
    """Contact sheet of at most ``slices`` slices, spread over the volumes; the first coil.

    Args:
        magnitude: a magnitude store of the same slices, shown beside k-space or a mask.

    Raises:
        UserError: no store, a kind without a picture, another magnitude, a damaged shard.
    """
    figure = Path(figure)
    if figure.suffix not in PICTURES:
        raise UserError(f"{figure}: a picture ends in {' or '.join(PICTURES)}")
    if slices < 1:
        raise UserError("--slices must be 1 or more")
    sealed, index = sealed_store(store)
    if sealed.kind not in ("magnitude", "mask", "images", "kspace"):
        raise UserError(f"{store}: there is no picture of {sealed.kind}")
    rows = spread_rows(index, slices)
    values = _read(store, rows)
    beside = _beside(store, sealed.shape, rows, magnitude) if magnitude else None
    _draw(sealed, slice_titles(index, rows), values, beside, figure)


def _draw(
    sealed: Sealed, titles: list[str], values: np.ndarray, magnitude: np.ndarray | None, path: Path
) -> None:
    if sealed.kind == "kspace" and magnitude is not None:
        source = sealed.attributes.get("source", "store")
        synthetic_sheet(titles, magnitude, {source: values}, path)
    elif sealed.kind in ("kspace", "images"):
        image_sheet(titles, to_image(values) if sealed.kind == "kspace" else values, path)
    elif sealed.kind == "mask" and magnitude is not None:
        pair_sheet(titles, {"magnitude": magnitude, "mask": values}, path)
    else:
        grey_sheet(titles, values, path)


def _beside(
    store: str | Path, shape: tuple[int, ...], rows: np.ndarray, magnitude: str | Path
) -> np.ndarray:
    other, _ = sealed_store(magnitude)
    if other.kind != "magnitude" or other.shape != shape:
        raise UserError(f"{magnitude}: holds no magnitude of the slices of {store}")
    return _read(magnitude, rows)


def _read(store: str | Path, rows: np.ndarray) -> np.ndarray:
    """First coil of some slices, ``(slice, y, x)``; a mask as 0 and 1 that can be drawn."""
    try:
        values = open_store(store).oindex[rows][:, 0]
    except Unreachable:
        raise
    except Exception as error:
        raise UserError(f"{store}: cannot be read ({error}); see 'phasegen verify'") from error
    return values.astype(np.float32) if values.dtype == bool else values
