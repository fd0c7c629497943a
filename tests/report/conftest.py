"""Made-up results of tests of skull-stripping, whose right answers are known."""

import itertools

import numpy as np
import pandas as pd

DICE = {"none": 0.4, "naive": 0.5, "phasegen": 0.8, "original": 0.9}
METRICS = ("hausdorff", "hd95", "hausdorff_mm", "hd95_mm", "sensitivity", "specificity", "hd_rows")
UNTOUCHED = (("", 0.0),)
SWEPT = (*UNTOUCHED, ("echo_shift", 2.0), ("echo_shift", 4.0), ("coil_phase", 1.0))


def results(
    dice=DICE,
    subjects=5,
    slices=3,
    seeds=(0, 1),
    truths=("staple",),
    contrasts=("T1w",),
    data=UNTOUCHED,
):
    """Per-slice table: Dice of a source, 0.01 less for every subject and 0.02 for every level.

    HD95 is 10 pixels at Dice 0 and 0 at 1, HD twice that. The first slice of a volume is empty
    and nothing is predicted there. Sizes of pixels are unknown.
    """
    rows = []
    names = (dice, range(subjects), contrasts, range(slices), seeds, truths, data)
    for source, subject, contrast, number, seed, truth, (knob, level) in itertools.product(*names):
        value = dice[source] - 0.01 * subject - 0.02 * level
        filled = number > 0
        row = {
            "cohort": "heads",
            "subject": f"s{subject}",
            "series": f"s{subject}_{contrast}",
            "slice": number,
            "contrast": contrast,
            "source": source,
            "seed": seed,
            "truth": truth,
            "knob": knob,
            "level": level,
            "target_pixels": 50 * filled,
            "predicted_pixels": 40 * filled,
            "dice": value,
        }
        row |= dict.fromkeys(METRICS, value) | {"hausdorff": 20 - 20 * value}
        row |= {"hd95": 10 - 10 * value, "hausdorff_mm": np.nan, "hd95_mm": np.nan}
        if not filled:
            row |= dict.fromkeys(("dice", *METRICS), np.nan) | {"specificity": 1.0}
        rows.append(row)
    return pd.DataFrame(rows)
