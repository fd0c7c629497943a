"""Arrays without a header: complex is raw k-space, real is magnitude, axes by their number."""

from pathlib import Path

import numpy as np

from phasegen.sources.base import BadFile, Header


def array_header(path: Path, shape: tuple[int, ...], dtype: np.dtype) -> Header:
    """Header of an array (slice, [coil,] ky, kx), (slice, y, x) or of one slice of two axes.

    Raises:
        BadFile: another number of axes, an empty axis, not numbers.
    """
    if dtype.kind not in "ciuf":
        raise BadFile(path, f"holds {dtype}, not numbers", "complex is raw, real is magnitude")
    is_raw = dtype.kind == "c"
    if len(shape) not in ((2, 3, 4) if is_raw else (2, 3)) or min(shape) < 1:
        wanted = "(slice, ky, kx) or (slice, coil, ky, kx)" if is_raw else "(slice, y, x)"
        raise BadFile(path, f"{dtype} of shape {shape}, not {wanted}", "reorder it")
    return Header(
        path=path,
        role="raw" if is_raw else "magnitude",
        slices=1 if len(shape) == 2 else shape[0],
        coils=shape[1] if len(shape) == 4 else 1,
        shape=shape[-2:],
        recon_shape=shape[-2:],
    )


def to_slices(data: np.ndarray, start: int | None, stop: int | None) -> np.ndarray:
    """Slices ``start:stop`` of such an array, as `Reader.read_slices` gives them."""
    data = data[None] if data.ndim == 2 else data
    is_raw = data.dtype.kind == "c"
    # what is beyond the smaller type becomes inf, which read_volume refuses by name
    with np.errstate(over="ignore", invalid="ignore"):
        part = np.array(data[start:stop], np.complex64 if is_raw else np.float32, order="C")
    return part[:, None] if is_raw and part.ndim == 3 else part
