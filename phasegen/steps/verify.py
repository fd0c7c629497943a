"""The command ``phasegen verify``: the laws of each kind, beside those of the format."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import zarr

from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import to_image
from phasegen.provenance import file_digest
from phasegen.steps.seal import MAGNITUDE_TOLERANCE, magnitude_error
from phasegen.store import verify as container
from phasegen.store.faults import Faults
from phasegen.store.metadata import Sealed
from phasegen.store.places import ObjectPath, Unreachable, place
from phasegen.store.reading import open_store, read_index

# A sum in another order differs by some 1e-7.
SCALE_TOLERANCE = 1e-5
# In k-space the magnitude is rounded, which may bring a pixel over the threshold of the scale.
KSPACE_SCALE_TOLERANCE = 1e-2


def verify(
    store: str | Path | ObjectPath, magnitude: str | Path | ObjectPath | None = None
) -> list[str]:
    """Everything that is wrong with a sealed store, a line each; at most five of a kind.

    Recomputes each checksum (metadata, index, chunks, slices) and each law: values finite,
    magnitudes not negative, masks 0 or 1, scale and pixels as the index has them.

    Args:
        magnitude: the store that synthetic k-space came from; then ``abs(ifft(kspace))`` is
            compared with it, and its index.
    """
    return container.verify(place(store), partial(_laws, magnitude and place(magnitude)))


def _laws(
    source: Path | ObjectPath | None, sealed: Sealed, index: pd.DataFrame, faults: Faults
) -> dict[str, container.Law]:
    if sealed.kind == "mask":
        return {"mask of other values than 0 and 1": _binary, "pixels": partial(_pixels, index)}
    laws: dict[str, container.Law] = {"values not finite": _finite}
    if sealed.kind == "magnitude":
        laws["magnitude below zero"] = _not_negative
    if "scale" in index and sealed.dtype.kind in "fc":
        laws["another scale"] = partial(_scale, sealed.kind, index["scale"].to_numpy())
    if "magnitude_error" in index:
        above = index.index[~(index["magnitude_error"] <= MAGNITUDE_TOLERANCE)]
        texts = (f"index.parquet: row {n} has a magnitude_error above 1e-5" for n in above)
        faults.add_all("magnitude_error", texts, len(above))
    if source:
        return laws | _against(source, sealed, index, faults)
    return laws


def _against(
    source: Path | ObjectPath, sealed: Sealed, index: pd.DataFrame, faults: Faults
) -> dict[str, container.Law]:
    """The law that ties k-space to its magnitude store, after a look at what ties the indices."""
    if sealed.kind != "kspace":
        faults.add("source", f"has no magnitude to compare with: it holds {sealed.kind}")
        return {}
    try:
        images, known = open_store(source), read_index(source)
        digest = file_digest(source / "index.parquet")
    except Unreachable:
        raise
    except Exception as error:  # the other store may be damaged in any way
        faults.add("source", f"{source} cannot be read ({type(error).__name__}: {error})")
        return {}
    if images.shape != sealed.shape or images.dtype.kind != "f":
        found = f"{images.dtype} of shape {images.shape}"
        faults.add("source", f"{source} is no magnitude of it: {found}, not {sealed.shape}")
        return {}
    if digest != sealed.attributes.get("magnitude"):
        faults.add("source", f"{source} is not the store that this one was made from, by its index")
    shared = [name for name in known if name != "sha256" and name in index]
    if not index[shared].equals(known[shared]):
        faults.add("source", f"index.parquet: differs from that of {source} in what they share")
    return {"another magnitude": partial(_magnitude, images, source)}


def _magnitude(
    images: zarr.Array, source: Path | ObjectPath, row: int, values: np.ndarray
) -> str | None:
    try:
        due = images[row : row + 1]
    except Unreachable:
        raise
    except Exception as error:
        return f"has no readable magnitude in {source} ({error})"
    error = float(magnitude_error(values[None], due)[0])
    if error <= MAGNITUDE_TOLERANCE:
        return None
    return f"has another magnitude than in {source}, by {error:.1e} of its maximum"


def _finite(row: int, values: np.ndarray) -> str | None:
    bad = values.size - int(np.count_nonzero(np.isfinite(values)))
    return f"has {bad} values that are NaN or infinite" if bad else None


def _not_negative(row: int, values: np.ndarray) -> str | None:
    return f"has values down to {values.min():g}" if values.min() < 0 else None


def _binary(row: int, values: np.ndarray) -> str | None:
    largest = values.view(np.uint8).max()
    return f"has a byte {largest}, where a mask has 0 and 1" if largest > 1 else None


def _pixels(index: pd.DataFrame, row: int, values: np.ndarray) -> str | None:
    if "pixels" not in index or row >= len(index) or values.sum() == index["pixels"][row]:
        return None
    return f"has {values.sum()} pixels, where the index has {index['pixels'][row]}"


def _scale(kind: str, scales: np.ndarray, row: int, values: np.ndarray) -> str | None:
    if row >= len(scales) or not np.isfinite(values).all():
        return None
    magnitude = np.abs(to_image(values) if kind == "kspace" else values)
    found, tolerance = float(slice_scale(magnitude[None])[0]), SCALE_TOLERANCE
    if kind == "kspace":
        tolerance = KSPACE_SCALE_TOLERANCE
    if abs(found - scales[row]) <= tolerance * abs(found):
        return None
    return f"has the scale {found:g}, where the index has {scales[row]:g}"
