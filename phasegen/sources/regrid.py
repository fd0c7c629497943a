"""Slices of any size and pixel shape to one size, each change told in words.

A field of view that is not square is made so with zeros at its sides, so that the pixels
of the result are square and anatomy keeps its proportions. The words of an operation are
"none" or steps joined by "; ".
"""

import numpy as np
from skimage.transform import resize

from phasegen.fourier import centre_crop_or_pad, to_image, to_kspace
from phasegen.mri.coil_combination import combine

Spacing = tuple[float, float]
Shape = tuple[int, int]


def regrid_magnitude(
    image: np.ndarray, spacing_mm: Spacing | None, size: int
) -> tuple[np.ndarray, Spacing | None, str]:
    """Magnitude slice to ``size`` x ``size`` square pixels, linear in the image.

    Args:
        image: float32, (y, x), not negative.
        spacing_mm: pixel size (row, column) [mm]; None (not known) is taken for square pixels.
        size: rows and columns wanted.

    Returns:
        The slice, float32 (size, size), not negative; its pixel size [mm], None if not known;
        what was done. Shrinking smooths first, with a Gaussian of (factor - 1) / 2 pixels.
    """
    padded, operation = _pad_to_square(image, spacing_mm or (1.0, 1.0))
    resampled = padded
    if padded.shape != (size, size):
        operation.append(f"resample {_text(padded.shape)} to {size}x{size}, linear, anti-aliased")
        resampled = resize(
            padded,
            (size, size),
            order=1,
            mode="edge",
            anti_aliasing=True,
            preserve_range=True,
            clip=False,
        )
    result = np.maximum(resampled, 0).astype(np.float32, copy=False)
    return result, _new_spacing(padded.shape, spacing_mm, size), _words(operation)


def regrid_mask(mask: np.ndarray, spacing_mm: Spacing | None, size: int) -> np.ndarray:
    """Mask, bool (y, x), to (size, size) on the grid of `regrid_magnitude`; nearest neighbour."""
    padded, _ = _pad_to_square(mask, spacing_mm or (1.0, 1.0))
    return resize(padded, (size, size), order=0, mode="edge", anti_aliasing=False)


def regrid_raw_mask(mask: np.ndarray, spacing_mm: Spacing | None, size: int) -> np.ndarray:
    """Mask, bool (y, x), of a `native_image` to (size, size) on the grid of `regrid_kspace`.

    Index ``n // 2`` stays in place there, which is not so in `regrid_mask`. Nearest neighbour.
    """
    padded = _pad_to_square(mask, spacing_mm)[0] if spacing_mm else mask
    places = np.arange(size) - size // 2
    rows, columns = (np.rint(places * n / size).astype(int) + n // 2 for n in padded.shape)
    rows, columns = (
        np.minimum(i, n - 1) for i, n in zip((rows, columns), padded.shape, strict=True)
    )
    return padded[np.ix_(rows, columns)]


def native_image(
    kspace: np.ndarray, recon_shape: Shape, combined: bool
) -> tuple[np.ndarray, list[str]]:
    """Raw slice to its image at the measured resolution.

    Args:
        kspace: complex64, (coil, ky, kx).
        recon_shape: rows and columns to keep of the image; a larger one keeps all.
        combined: make several coils one.

    Returns:
        The image, complex64 (coil, y, x), and what was done.
    """
    operation: list[str] = []
    measured = kspace.shape[-2:]
    kept = (min(recon_shape[0], measured[0]), min(recon_shape[1], measured[1]))
    image = centre_crop_or_pad(to_image(kspace), kept)
    if kept != measured:
        operation.append(f"crop image {_text(measured)} to {_text(kept)}")
    if combined and len(image) > 1:
        operation.append(f"combine {len(image)} coils")
        image = combine(image)
    return image, operation


def regrid_kspace(
    kspace: np.ndarray,
    recon_shape: Shape,
    size: int,
    spacing_mm: Spacing | None = None,
    combined: bool = False,
) -> tuple[np.ndarray, Spacing | None, str]:
    """Raw slice to a complex image of ``size`` x ``size``, by cropping and zero-padding alone.

    The image is cropped to ``recon_shape`` (readout oversampling goes), padded to a square
    field of view, and its k-space cropped or zero-padded to the size. Nothing touches the
    phase, and image values stay on their scale (an orthonormal transform of another size
    would not keep them there). Zero-padded k-space looks better resolved than it was measured
    and flatters what is evaluated on it, a "data crime" (Shimron et al. 2022): hence the
    operation says so.

    Args:
        kspace: complex64, (coil, ky, kx).
        recon_shape: rows and columns to keep of the image; a larger one keeps all.
        size: rows and columns wanted.
        spacing_mm: pixel size (row, column) [mm] of the image of ``kspace``; None (not known)
            takes the field of view of ``recon_shape`` for square.
        combined: make several coils one, at the measured resolution.

    Returns:
        The image, complex64 (coil, size, size); its pixel size [mm], None if not known;
        what was done.
    """
    image, operation = native_image(kspace, recon_shape, combined)
    if spacing_mm:
        image, padding = _pad_to_square(image, spacing_mm)
        operation += padding
    shape = image.shape[-2:]
    if shape != (size, size):
        operation += _kspace_words(shape, size)
        scale = np.float32(size / np.sqrt(shape[0] * shape[1]))
        image = to_image(centre_crop_or_pad(to_kspace(image), (size, size))) * scale
    return image.astype(np.complex64), _new_spacing(shape, spacing_mm, size), _words(operation)


def _pad_to_square(array: np.ndarray, spacing: Spacing) -> tuple[np.ndarray, list[str]]:
    """Zeros at the sides of the last two axes until rows and columns span the same length."""
    shape = array.shape[-2:]
    field = max(n * step for n, step in zip(shape, spacing, strict=True))
    rows, columns = (max(n, round(field / d)) for n, d in zip(shape, spacing, strict=True))
    if (rows, columns) == shape:
        return array, []
    padded = centre_crop_or_pad(array, (rows, columns))
    return padded, [f"pad image {_text(shape)} to {_text((rows, columns))}"]


def _kspace_words(shape: Shape, size: int) -> list[str]:
    larger, smaller = max(shape) > size, min(shape) < size
    verb = "crop" * larger + " and " * (larger and smaller) + "zero-pad" * smaller
    return [f"{verb} k-space {_text(shape)} to {size}x{size}"]


def _new_spacing(shape: Shape, spacing: Spacing | None, size: int) -> Spacing | None:
    if spacing is None:
        return None
    return shape[0] * spacing[0] / size, shape[1] * spacing[1] / size


def _text(shape: Shape) -> str:
    return f"{shape[0]}x{shape[1]}"


def _words(operation: list[str]) -> str:
    return "; ".join(operation) or "none"
