"""Slices of raw data that no model was trained on, to measure against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.fourier import resample
from phasegen.paths import whole_file
from phasegen.seeds import IDENTITY
from phasegen.store.reading import open_single_coil, read_index

COLUMNS = [*IDENTITY, "patient"]


@dataclass(frozen=True)
class HeldOut:
    """Slices with their true phase."""

    images: np.ndarray
    """Complex64 ``(slice, y, x)``."""
    identities: pd.DataFrame
    """Columns cohort, subject, series, slice, and patient, whom the file names."""

    @property
    def magnitude(self) -> np.ndarray:
        return np.abs(self.images)

    @property
    def phase(self) -> np.ndarray:
        return np.angle(self.images)

    @property
    def subjects(self) -> np.ndarray:
        return self.identities["subject"].to_numpy(str)

    @property
    def contrasts(self) -> np.ndarray:
        """What follows the last underscore of the series, as in ``sub-001_T1w``."""
        return self.identities["series"].str.rpartition("_")[2].to_numpy(str)

    def save(self, path: str | Path) -> None:
        columns = {name: self.identities[name].to_numpy() for name in COLUMNS}
        texts = {n: c.astype(str) if c.dtype == object else c for n, c in columns.items()}
        with whole_file(path) as partial, partial.open("wb") as file:
            np.savez(file, images=self.images, **texts)

    @classmethod
    def load(cls, path: str | Path) -> "HeldOut":
        with np.load(path) as file:
            return cls(file["images"], pd.DataFrame({name: file[name] for name in COLUMNS}))

    def refuse(self, model: str | Path, facts: dict) -> None:
        """Raise UserError if the model of these ``facts`` has seen one of the subjects."""
        refuse_seen(model, facts, people(self.identities))


def people(index: pd.DataFrame) -> set[str]:
    """Whom an index names, as subjects and as patients."""
    return (set(index["subject"]) | set(index["patient"])) - {""}


def seen_by(facts: dict) -> set[str]:
    """Whom a model of these ``facts`` was trained or chosen on, itself or by its data."""
    lists = [names for key, names in facts.items() if key.endswith(("subjects", "patients"))]
    return {name.rpartition("/")[2] for names in lists for name in names} - {""}


def refuse_seen(
    model: str | Path, facts: dict, tested: Iterable[str], permitted_as: str = ""
) -> str:
    """Check that the model of these ``facts`` knows none of those it is to be tested on.

    Args:
        permitted_as: label under which a model that does may pass nonetheless, as
            `phasegen.data.paper_split.LEAKY`.

    Returns:
        That label if it was needed, which must go with the results; else an empty text.

    Raises:
        UserError: it does know one, and no label permits it.
    """
    both = seen_by(facts) & set(tested)
    if both and not permitted_as:
        raise UserError(
            f"{model} was trained on subjects it is to be tested on: {', '.join(sorted(both))}"
        )
    return permitted_as if both else ""


def pick(stores: Sequence[Path], count: int, size: int, generator: np.random.Generator) -> HeldOut:
    """At most ``count`` slices, as many of each subject as can be, with ``size`` rows and columns.

    Raises:
        UserError: there is no store, or one of several coils.
    """
    if not stores:
        raise UserError("the cohort table has no row with the role 'test' to measure on")
    tables = [read_index(store).assign(store=number) for number, store in enumerate(stores)]
    index = pd.concat(tables)
    index["turn"] = generator.permutation(len(index))
    index["turn"] = index.groupby(["cohort", "subject"])["turn"].rank()
    chosen = index.sort_values(["turn", "cohort", "subject"]).head(count)
    chosen = chosen.sort_values(list(IDENTITY)).reset_index(drop=True)
    arrays = [open_single_coil(store) for store in stores]
    images = [arrays[row.store][row.row, 0] for row in chosen[["store", "row"]].itertuples()]
    coarser = resample(np.stack(images), (size, size))
    return HeldOut(coarser.astype(np.complex64), chosen[COLUMNS])
