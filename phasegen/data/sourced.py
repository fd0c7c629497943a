"""Slices whose phase is from one store or another, as a table says for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from phasegen.data.scaled import ScaledImages, check_scaled
from phasegen.errors import UserError
from phasegen.store.places import place
from phasegen.store.reading import read_index

VOLUME_SLICE = ["subject", "series", "slice"]
"""What names a slice in cohorts that hold the same volumes."""


class SourcedSlices(ScaledImages):
    """Complex images ``(1, y, x)``, complex64, each read from the store that its source names.

    An item is ``(values, row)``; ``identities.iloc[row]`` names the slice, and ``table`` has its
    source and scale. Rows keep the order of ``chosen``; empty slices are left out.

    Args:
        stores: sealed k-space or images, of one coil, by source.
        chosen: columns row, subject, series, slice, source, as `slices_of` and
            `phasegen.data.mixed.mixed` give them.

    Raises:
        UserError: a source without a store, a row that is another slice in its store, no slice
            but empty ones, several coils.
    """

    def __init__(self, stores: Mapping[str, str | Path], chosen: pd.DataFrame) -> None:
        if unknown := sorted(set(chosen["source"]) - set(stores)):
            raise UserError(f"there are slices of the source {unknown[0]!r}, but no store of it")
        names = {source: str(place(store)) for source, store in stores.items()}
        super().__init__(list(dict.fromkeys(names.values())))
        wanted = chosen[["row", *VOLUME_SLICE, "source"]]
        wanted = wanted.assign(store=wanted["source"].map(names))
        found = wanted.merge(
            self.table, on=["store", "row"], how="left", suffixes=("", "_found"), validate="m:1"
        )
        _check_named(found)
        self._keep_filled(found.drop(columns=[f"{name}_found" for name in VOLUME_SLICE]))


def slices_of(store: str | Path, subjects: Sequence[str], source: str) -> pd.DataFrame:
    """All filled slices of some subjects: columns row, subject, series, slice, source.

    Raises:
        UserError: no such slice, or a store without scales.
    """
    index = read_index(store)
    check_scaled(index.assign(store=str(store)))
    chosen = index[index["subject"].isin(list(subjects)) & (index["scale"] > 0)]
    if not len(chosen):
        raise UserError(f"{store} has no filled slice of the {len(subjects)} subjects asked for")
    return chosen[["row", *VOLUME_SLICE]].assign(source=source).reset_index(drop=True)


def check_same_slices(first: str | Path, second: str | Path) -> None:
    """Check that two stores hold the same subjects, series and slices in the same rows.

    Raises:
        UserError: they do not; the first row that differs is told.
    """
    left, right = (read_index(store)[VOLUME_SLICE] for store in (first, second))
    remedy = (
        "; they must hold the same volumes in the same rows: convert the magnitude images of the "
        "very files that hold the raw data, with the same 'subject' and 'slices' in the cohort "
        "table, and make both stores again"
    )
    for row, (one, other) in enumerate(zip(left.to_numpy(), right.to_numpy(), strict=False)):
        if tuple(one) != tuple(other):
            raise UserError(
                f"row {row} is {_name(one)} in {first}, but {_name(other)} in {second}{remedy}"
            )
    if len(left) != len(right):
        raise UserError(f"{first} has {len(left)} slices, but {second} has {len(right)}{remedy}")


def _check_named(found: pd.DataFrame) -> None:
    names = found[[f"{name}_found" for name in VOLUME_SLICE]].to_numpy(object)
    wrong = (found[VOLUME_SLICE].to_numpy(object) != names).any(axis=1)
    if wrong.any():
        first = found[wrong].iloc[0]
        raise UserError(
            f"{first['store']}: row {first['row']} is not {_name(first[VOLUME_SLICE])}, as the "
            "split says; the split is of other data, make it again"
        )


def _name(place: Sequence) -> str:
    subject, series, number = place
    return f"slice {number} of {subject}, {series}"
