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


PSNR = {
    "zerofilling": 18.0,
    "compressed_sensing": 20.0,
    "none": 16.0,
    "naive": 19.0,
    "phasegen": 23.0,
    "original": 27.0,
}
# Above or below what the arm `original` has, by mode and share.
MIXED = {
    "mixed": {1.0: -2.0, 10.0: -1.0, 20.0: -0.5},
    "only": {1.0: -6.0, 10.0: -2.0, 20.0: -1.0},
    "tuned": {1.0: -3.0, 10.0: -1.5, 20.0: -0.8},
}
FLOORS = ("zerofilling", "compressed_sensing")


def reconstructions(
    psnr=PSNR,
    mixed=MIXED,
    models=("small",),
    factors=(4,),
    subjects=5,
    slices=3,
    seeds=(0, 1),
    contrasts=("T1w",),
):
    """Per-slice table: PSNR of a source, 0.1 dB less for every subject, 4 dB for factor 8.

    The large model has 1 dB more. MSE follows from PSNR, SSIM is PSNR / 40, NRMSE PSNR / 100, and
    all by the rule of fastMRI are of half the PSNR. The first slice of a volume is blank.
    """
    rows = []
    arms = [(source, np.nan, level) for source, level in psnr.items()]
    arms += [
        (mode, share, psnr["original"] + change)
        for mode, shares in mixed.items()
        for share, change in shares.items()
    ]
    names = (arms, ("", *models), factors, range(subjects), contrasts, range(slices), (0, *seeds))
    for (source, share, level), model, factor, subject, contrast, number, seed in dict.fromkeys(
        itertools.product(*names)
    ):
        floor = source in FLOORS
        if floor != (model == "") or (seed not in ((0,) if floor else seeds)):
            continue
        value = level - 0.1 * subject - (factor - 4) + (model == "large")
        shown = value if number else np.nan
        rows.append(
            {
                "cohort": "knees",
                "subject": f"s{subject}",
                "series": f"s{subject}_{contrast}",
                "slice": number,
                "contrast": contrast,
                "source": source,
                "share": share,
                "seed": seed,
                "model": model,
                "factor": factor,
                "ssim": shown / 40,
                "psnr": shown,
                "mse": 10 ** (-shown / 10),
                "nrmse": shown / 100,
                "fastmri_ssim": value / 80,
                "fastmri_psnr": value / 2,
                "fastmri_nmse": 10 ** (-value / 20),
            }
        )
    return pd.DataFrame(rows)
