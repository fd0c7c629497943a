"""Rule ``mixed_split``: two stores of the same slices in, a table of who gives which its phase out."""

from pathlib import Path

import pandas as pd

from phasegen.data.mixed import COLUMNS, ORIGINAL, TOO_FEW, mixed
from phasegen.data.sourced import check_same_slices, slices_of
from phasegen.errors import UserError
from phasegen.provenance import made_by
from phasegen.seeds import generator
from phasegen.steps.reconstruction_split import SplitBy, of_part, reconstruction_subjects
from phasegen.store.shards import write_table


def mixed_split(
    original: str | Path,
    synthetic: str | Path,
    source: str,
    validation: float,
    share: float,
    seed: int,
    number: int,
    table: str | Path,
    split: SplitBy = "subject",
) -> None:
    """Write the split table of one share; validation subjects are out of it.

    Args:
        original: sealed images or k-space with their own phase.
        synthetic: sealed k-space of the same slices, whose phase is of ``source``.
        validation: share of the subjects.
        share: percent of the training slices that keep their original phase.
        number: which of several trainings alike; each has its own order of the slices.

    Raises:
        UserError: the stores do not hold the same slices, or there is none to train on.
    """
    check_same_slices(original, synthetic)
    subjects = reconstruction_subjects(original, validation, seed)["train"]
    slices, others = (
        of_part(slices_of(store, subjects, source), "train", store, split, seed)
        for store in (original, synthetic)
    )
    both = slices[slices["row"].isin(others["row"])].reset_index(drop=True)
    order = generator(seed, "reconstruction", "mixed", number)
    facts = {"seed": seed, "number": number} | made_by(__name__, [original, synthetic])
    write_table(table, mixed(both, share, source, order), facts)


def read_split(table: str | Path) -> pd.DataFrame:
    """Split table that `mixed_split` wrote, with the columns of `phasegen.data.mixed.mixed`.

    Raises:
        UserError: there is none, or it is not what was written.
    """
    remedy = "delete it and make it again"
    try:
        split = pd.read_parquet(table)
    except FileNotFoundError:
        raise UserError(f"{table}: there is no such split; make it by rule mixed_split") from None
    except Exception as error:  # damage has many names inside a Parquet file
        reason = str(error).partition("\n")[0]
        raise UserError(f"{table} cannot be read as a split ({reason}); {remedy}") from None
    if fault := _fault(split):
        raise UserError(f"{table} is no split: {fault}; {remedy}")
    return split


def _fault(split: pd.DataFrame) -> str:
    """What is wrong with a split table; empty if nothing is."""
    if missing := [name for name in COLUMNS if name not in split]:
        return f"it has no column {missing[0]!r}"
    if not len(split):
        return "it has no rows"
    if not pd.api.types.is_integer_dtype(split["row"]) or split["row"].duplicated().any():
        return "its rows are no whole numbers, or one stands twice"
    if (split[["share", "realised", "label"]].nunique(dropna=False) > 1).any():
        return "its share, realised or label is not one"
    count = int((split["source"] == ORIGINAL).sum())
    stated = split["realised"].iloc[0], split["label"].iloc[0]
    if stated != (100 * count / len(split), TOO_FEW if count < 2 else ""):
        return f"it has {count} of {len(split)} original slices, and states another share"
    return ""
