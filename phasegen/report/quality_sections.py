"""Realism of the phase as a table of texts."""

import pandas as pd

from phasegen.report.grid import Section

COLUMNS = {
    "source": "source",
    "contrast": "contrast",
    "slices": "slices",
    "subjects": "subjects",
    "residues": "residues per 1000",
    "residues_true": "true phase",
    "gradient_distance": "gradients [rad/pixel]",
    "spectrum_distance": "spectrum [dB]",
    "auroc": "AUROC",
    "spread": "spread",
    "spread_true": "spread of true phases",
}
WITH_INTERVAL = ("residues", "gradient_distance", "spectrum_distance", "auroc")
NOTE = (
    "On subjects that no model has seen. Residues: vortices of the phase per 1000 loops of tissue. "
    "Distances: to the true phase of other subjects. AUROC: of a classifier that tells true from made "
    "phase of the same magnitudes; 0.5 is perfect. Row ``real``: one half of the subjects against the "
    "other. Spread: circular variance over repeated samples, beside that over true phases of different "
    "subjects. In brackets 95 % bootstrap intervals over subjects."
)


def quality_section(size: int, table: pd.DataFrame, note: str = "") -> Section:
    """Every source and contrast at one size [pixel]; in brackets the intervals.

    Args:
        table: as from ``phasegen.metrics.table``.
    """
    shown = pd.DataFrame({title: _text(table, name) for name, title in COLUMNS.items()})
    rows = list(shown.itertuples(index=False, name=None))
    return Section(f"{size} x {size}", list(shown.columns), rows, note, names=2)


def _text(table: pd.DataFrame, name: str) -> pd.Series:
    column = table[name]
    if not pd.api.types.is_float_dtype(column):
        return column.astype(str)
    text = column.map(_number)
    if name in WITH_INTERVAL:
        low, high = (table[f"{name}_{end}"].map(_number) for end in ("low", "high"))
        text = text + " [" + low + ", " + high + "]"
    return text


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"
