"""What every reader gives and how it refuses: the interface that a file format plugs into."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from phasegen.errors import UserError

Role = Literal["raw", "magnitude"]
Sampling = Literal["full", "partial Fourier"]
MAX_PIXELS = 2**26  # of a slice with a square field of view
Fact = str | int | float | bool


class BadFile(UserError):
    """A file that cannot be used; the message is one line: ``path: reason (remedy)``."""

    def __init__(self, path: str | Path, reason: str, remedy: str = "") -> None:
        super().__init__(str(path), reason, remedy)
        self.path = str(path)
        self.reason = " ".join(reason.split())
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


class BadCohort(UserError):
    """All that is wrong with a cohort; the message has one line per fault."""

    def __init__(self, cohort: str, faults: Sequence[BadFile]) -> None:
        super().__init__(cohort, faults)
        self.cohort = cohort
        self.faults = list(faults)

    def __str__(self) -> str:
        return "\n".join(f"cohort {self.cohort!r}: {fault}" for fault in self.faults)


@dataclass(frozen=True)
class Header:
    """What is known of a volume with hardly a look at its data.

    Attributes:
        shape: (rows, columns) of a slice as `Reader.read_slices` delivers it.
        spacing_mm: distance of neighbouring (rows, columns) [mm]; None if the file does not say.
        slice_spacing_mm: distance, or thickness, of the slices [mm]; None if not known.
        recon_shape: (rows, columns) left when the readout oversampling is cut off the image.
            Never larger than ``shape``, and equal to it where nothing is to be cut.
        sampling: how much of k-space was measured. A reader refuses what is undersampled.
        facts: what the file says of the acquisition, such as ``patient_id``; fit for JSON.
    """

    path: Path
    role: Role
    slices: int
    coils: int
    shape: tuple[int, int]
    recon_shape: tuple[int, int]
    spacing_mm: tuple[float, float] | None = None
    slice_spacing_mm: float | None = None
    sampling: Sampling = "full"
    facts: dict[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse pixels whose square field of view, which `regrid` makes, would be huge."""
        if self.spacing_mm is None:
            return
        row, column = self.spacing_mm
        field = max(self.shape[0] * row, self.shape[1] * column)
        if not (row > 0 and column > 0 and (field / row) * (field / column) <= MAX_PIXELS):
            reason = f"a slice of {self.shape} pixels of {row:g} x {column:g} mm is absurd"
            raise BadFile(self.path, reason, "correct its header")


class Reader(Protocol):
    """One file format. A reader has no state; a method that meets a bad file raises `BadFile`."""

    roles: tuple[Role, ...]
    """What files of this format may hold; which of them one does, its header says."""
    suffixes: tuple[str, ...]

    def read_header(self, path: Path) -> Header:
        """Header of one volume; of its data one slice of one coil is read at most."""
        ...

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """Slices ``start:stop`` of one volume.

        Returns:
            raw: k-space, complex64, (slice, coil, ky, kx), zero frequency at index ``n // 2``;
            magnitude: float32, (slice, y, x).
        """
        ...


def refuse_name(path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a file whose name does not end in one of ``suffixes``.

    Raises:
        BadFile: another suffix, or a path that leads to no file.
    """
    if path.is_symlink() and not path.exists():
        raise BadFile(
            path, "a link to a file that is not there", "such as 'datalad get' fetches it"
        )
    if not path.is_file():
        raise BadFile(path, "no such file")
    if not path.name.lower().endswith(suffixes):
        raise BadFile(path, f"the name does not end in {' or '.join(suffixes)}", "narrow the path")


def stem(path: Path, suffixes: tuple[str, ...]) -> str:
    """Name of a file without its longest known suffix: ``a/b.nii.gz`` gives ``b``."""
    for suffix in sorted(suffixes, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.stem
