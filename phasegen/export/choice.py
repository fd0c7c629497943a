"""Which volumes of a store are asked for: by subject, or by the part of a split."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.export.base import Volume


def choose(
    every: Sequence[Volume], subjects: Sequence[str], split: str | Path | None, part: str
) -> list[Volume]:
    """Volumes of the subjects that are asked for, and of one part of the table ``split``.

    Raises:
        UserError: a subject or part that is not there, a split that cannot be read, no volume.
    """
    if unknown := sorted(set(subjects) - {volume.subject for volume in every}):
        raise UserError(f"the store has no subject {', '.join(map(repr, unknown))}")
    chosen = [volume for volume in every if not subjects or volume.subject in subjects]
    if split is not None:
        wanted = _read_split(Path(split), part)
        chosen = [volume for volume in chosen if (volume.cohort, volume.subject) in wanted]
    if not chosen:
        raise UserError(f"no volume of the store is in part {part!r} of {split}")
    return chosen


def _read_split(split: Path, part: str) -> set[tuple[str, str]]:
    try:
        table = pd.read_csv(split, sep="\t", dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UserError(f"split {split} cannot be read: {error}") from None
    if missing := {"cohort", "subject", "part"} - set(table):
        raise UserError(f"split {split} has no column {', '.join(sorted(missing))}")
    rows = table[table["part"] == part]
    if rows.empty:
        known = ", ".join(sorted(table["part"].unique()))
        raise UserError(f"split {split} has no part {part!r}; there are {known} (--part)")
    return set(zip(rows["cohort"], rows["subject"], strict=True))
