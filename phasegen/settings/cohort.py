"""The table of cohorts."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from phasegen.settings.base import Name, Strict
from phasegen.settings.table import read_table

RAW_ONLY = frozenset({"calgary", "fastmri", "ismrmrd"})
"""Readers of formats that hold nothing but raw data."""

ReaderName = Literal["bids", "calgary", "fastmri", "ismrmrd", "matlab", "nifti", "numpy"]


class Cohort(Strict):
    """One row of the cohort table: a data set and how to read it."""

    name: Name
    role: Literal["raw", "magnitude", "test", "original"]
    reader: ReaderName
    path: Annotated[str, Field(min_length=1)]
    mask: str = ""
    subject: str = ""
    slices: Annotated[str, Field(pattern=r"^(-?\d*:-?\d*(:\d*)?)?$")] = ""
    turn: Literal["0", "90", "180", "270"] = "0"
    size: Annotated[int | None, Field(ge=16)] = None
    phase_encode: Literal["kx", "ky"] = "kx"

    @property
    def data(self) -> Literal["raw", "magnitude"]:
        """What the files hold.

        Raw data of the role ``test`` are kept from every training; those of ``original`` are the
        volumes of a magnitude cohort with their true phase, to compare with. Of raw files in a
        magnitude cohort nothing but the magnitude is used.
        """
        if self.role == "magnitude" and self.reader not in RAW_ONLY:
            return "magnitude"
        return "raw"


def read_cohorts(path: str | Path) -> dict[str, Cohort]:
    """Cohorts by name from a tab-separated table with a header; ``#`` starts a comment line.

    Raises:
        ConfigError: a missing file, an unknown column, a faulty row, a name used twice.
    """
    rows = read_table(path, Cohort, "cohort table", "cohorts", lambda cohort: cohort.name)
    return {cohort.name: cohort for cohort in rows}
