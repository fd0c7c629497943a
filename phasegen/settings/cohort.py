"""The table of cohorts."""

import csv
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from phasegen.settings.base import ConfigError, Name, Strict, one_line_each

ReaderName = Literal["bids", "fastmri", "matlab", "nifti", "numpy"]


class Cohort(Strict):
    """One row of the cohort table: a data set and how to read it."""

    name: Name
    role: Literal["raw", "magnitude", "test"]
    reader: ReaderName
    path: Annotated[str, Field(min_length=1)]
    mask: str = ""
    subject: str = ""
    slices: Annotated[str, Field(pattern=r"^(-?\d*:-?\d*(:\d*)?)?$")] = ""
    turn: Literal["0", "90", "180", "270"] = "0"

    @property
    def data(self) -> Literal["raw", "magnitude"]:
        """What the files hold; raw data of the role ``test`` are kept from every training."""
        return "magnitude" if self.role == "magnitude" else "raw"


def read_cohorts(path: str | Path) -> dict[str, Cohort]:
    """Cohorts by name from a tab-separated table with a header; ``#`` starts a comment line.

    Raises:
        ConfigError: a missing file, an unknown column, a faulty row, a name used twice.
    """
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise ConfigError(f"cohort table {path}: {error.strerror} (config key 'cohorts')") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    cohorts: dict[str, Cohort] = {}
    faults = []
    for row in csv.DictReader(lines, delimiter="\t", restkey="(extra column)", restval=""):
        try:
            cohort = Cohort.model_validate({key: value for key, value in row.items() if value})
        except ValidationError as error:
            faults.append(one_line_each(f"cohort table {path}, row {row.get('name')!r}", error))
            continue
        if cohort.name in cohorts:
            faults.append(f"cohort table {path}: the name {cohort.name!r} stands twice")
        cohorts[cohort.name] = cohort
    if not cohorts and not faults:
        faults.append(f"cohort table {path} has no rows")
    if faults:
        raise ConfigError("\n".join(faults))
    return cohorts
