"""Whole arms, floors and mixes are told apart, and a mix of all is the arm `original`."""

import pytest

from phasegen.report.reconstruction_rows import arms, counts, mixes, volumes, with_floors

from .conftest import FLOORS, MIXED, PSNR, reconstructions


def test_arms_and_mixes_share_no_row_but_the_end():
    rows = reconstructions()
    assert list(arms(rows)["source"].unique()) == list(PSNR)
    mixed = mixes(rows)
    assert set(mixed["source"]) == set(MIXED)
    assert len(arms(rows)) + len(mixed) == len(rows) + (rows["source"] == "original").sum()
    ends = mixed[mixed["share"] == 100]
    original = rows[rows["source"] == "original"]
    assert (ends["source"] == "mixed").all()
    assert ends["fastmri_psnr"].tolist() == original["fastmri_psnr"].tolist()


@pytest.mark.parametrize(("wanted", "ends"), [((), 0), ([("small", 4)], 30), ([("large", 4)], 0)])
def test_an_end_without_a_mix_is_there_only_if_wanted(wanted, ends):
    assert len(mixes(reconstructions(mixed={}), wanted)) == ends


def test_ends_are_of_the_models_and_factors_that_are_mixed():
    rows = reconstructions(models=("small", "large"), factors=(4, 8))
    rows = rows[rows["share"].isna() | ((rows["model"] == "small") & (rows["factor"] == 4))]
    assert set(mixes(rows)["model"]) == {"small"} and set(mixes(rows)["factor"]) == {4}


def test_ssim_is_in_percent_by_both_rules():
    rows = arms(reconstructions()).dropna(subset="ssim")
    assert (rows["ssim_percent"] == 100 * rows["ssim"]).all()
    assert (rows["fastmri_ssim_percent"] == 100 * rows["fastmri_ssim"]).all()


def test_a_volume_counts_once_for_each_seed():
    rows = reconstructions({"naive": 19.0}, {}, contrasts=("T1w", "T2w"))
    assert len(volumes(rows)) == 5 * 2 * 2
    assert len(volumes(rows.iloc[::-1])) == 5 * 2 * 2


def test_floors_join_every_seed_of_their_factor():
    rows = reconstructions(factors=(4, 8), mixed={}, seeds=(1, 2, 3))
    floors = rows[rows["source"].isin(FLOORS)]
    part = rows[(rows["source"] == "naive") & (rows["factor"] == 8)]
    joined = with_floors(part, floors)
    assert set(joined["factor"]) == {8}
    for _, own in joined.groupby("source"):
        assert own["seed"].value_counts().to_dict() == dict.fromkeys((1, 2, 3), 15)


def test_counts_of_nothing_are_zero():
    assert set(counts(reconstructions().iloc[:0]).values()) == {0}
