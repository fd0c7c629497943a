"""BIDS: names that are allowed and never the same, and the slices that our reader reads back."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.fourier import to_image
from phasegen.sources.nifti import NiftiReader
from phasegen.steps.export import export

from .conftest import names

NAME = re.compile(
    r"(sub-[A-Za-z0-9]+)(/ses-[A-Za-z0-9]+)?/anat/\1(_ses-[A-Za-z0-9]+)?(_acq-[A-Za-z0-9]+)?"
    r"(_rec-[A-Za-z0-9]+)?(_run-\d+)?(_echo-\d+)?_part-(mag|phase)_[A-Za-z0-9]+\.(json|nii\.gz)"
)


def images(folder):
    """Paths of the files of volumes, as BIDS has them."""
    found = [path.relative_to(folder).as_posix() for path in folder.rglob("sub-*/**/*.*")]
    assert all(NAME.fullmatch(name) for name in found), found
    return sorted(name for name in found if name.endswith(".nii.gz"))


@pytest.mark.parametrize("kind", ["kspace", "images"])
def test_our_reader_gives_the_slices_back(make_store, tmp_path, kind):
    store, data = make_store(kind=kind)
    folder = tmp_path / "out"
    export(store, folder, "bids")
    place = folder / "sub-1" / "anat"
    header = NiftiReader().read_header(place / "sub-1_part-mag_T1w.nii.gz")
    assert header.spacing_mm == pytest.approx((1.5, 2.0))
    assert header.slice_spacing_mm == pytest.approx(3.0)
    assert header.facts["orientation"] == "RAS"
    magnitude, phase = (
        NiftiReader().read_slices(place / f"sub-1_part-{part}_T1w.nii.gz")
        for part in ("mag", "phase")
    )
    image = (to_image(data) if kind == "kspace" else data)[:5, 0]
    np.testing.assert_allclose(magnitude, np.abs(image), rtol=1e-6)
    np.testing.assert_allclose(magnitude * np.exp(1j * phase), image, atol=1e-6)


def test_a_magnitude_store_has_no_phase(make_store, tmp_path):
    store, data = make_store(kind="magnitude")
    export(store, tmp_path / "out", "bids")
    assert images(tmp_path / "out") == [
        "sub-1/anat/sub-1_part-mag_T1w.nii.gz",
        "sub-2/anat/sub-2_part-mag_T2starw.nii.gz",
    ]
    found = NiftiReader().read_slices(tmp_path / "out" / images(tmp_path / "out")[0])
    np.testing.assert_array_equal(found, data[:5, 0])


def test_sidecars_tell_units_and_where_the_slices_come_from(make_store, tmp_path):
    store, _ = make_store(names({("s", "x_T2w"): [4, 6, 8]}, pixel_row_mm=np.nan))
    export(store, tmp_path / "out", "bids")
    anat = tmp_path / "out" / "sub-s" / "anat"
    phase, magnitude = (
        json.loads((anat / f"sub-s_acq-x_part-{part}_T2w.json").read_text())
        for part in ("phase", "mag")
    )
    assert (phase["Units"], magnitude["Units"]) == ("rad", "arbitrary")
    assert phase["SourceSlices"] == [4, 6, 8]
    assert phase["PixelSizeRow"] is None
    # every other slice was taken
    assert phase["SliceDistance"] == 6
    header = NiftiReader().read_header(anat / "sub-s_acq-x_part-mag_T2w.nii.gz")
    assert (header.spacing_mm, header.slice_spacing_mm) == ((1, 1), pytest.approx(6))


def test_subjects_and_series_that_look_alike_stay_apart(make_store, tmp_path):
    found = {
        ("sub-0.1", "T1w"): [0],
        ("sub-01", "T1w"): [0],
        ("S_3", "T1w"): [0],
        ("s3", "T1w"): [0],
        ("../../etc", "a/b_T1w"): [0],
        ("../../etc", "a.b_T1w"): [0],
        ("患者", "脳"): [0],
        ("", "?"): [0],
    }
    store, _ = make_store(names(found))
    export(store, tmp_path / "out", "bids")
    written = images(tmp_path / "out")
    assert len({name.lower() for name in written}) == 2 * len(found)
    people = pd.read_csv(tmp_path / "out" / "participants.tsv", sep="\t", dtype=str)
    assert list(people) == ["participant_id", "cohort", "subject"]
    assert people["participant_id"].is_unique
    assert set(people["subject"].fillna("")) == {subject or "" for subject, _ in found} | {""}
    folders = {name.split("/")[0] for name in written}
    assert set(people["participant_id"]) == folders


@pytest.mark.parametrize(
    ("subject", "series", "expected"),
    [
        ("sub-001", "sub-001_T1w", "sub-001/anat/sub-001_part-mag_T1w"),
        ("sub-001-of-9", "sub-001_GRE", "sub-001of9/anat/sub-001of9_part-mag_T2starw"),
        ("IXI2", "IXI2-Guys-0828-T1", "sub-IXI2/anat/sub-IXI2_acq-Guys0828_part-mag_T1w"),
        ("v", "v", "sub-v/anat/sub-v_part-mag_MRI"),
        ("a", "brain_AXT1_6", "sub-a/anat/sub-a_acq-brainAXT16_part-mag_MRI"),
        (
            "sub-1",
            "sub-1_ses-2_acq-hi_run-03_FLAIR",
            "sub-1/ses-2/anat/sub-1_ses-2_acq-hi_run-03_part-mag_FLAIR",
        ),
    ],
)
def test_names_of_usual_series(make_store, tmp_path, subject, series, expected):
    store, _ = make_store(names({(subject, series): [0]}), kind="magnitude")
    export(store, tmp_path / "out", "bids")
    assert images(tmp_path / "out") == [f"{expected}.nii.gz"]


def test_a_label_does_not_depend_on_what_else_was_chosen(make_store, tmp_path):
    store, _ = make_store(names({("s.1", "T1w"): [0], ("s1", "T1w"): [0]}))
    export(store, tmp_path / "all", "bids")
    export(store, tmp_path / "one", "bids", subjects=["s1"])
    assert set(images(tmp_path / "one")) < set(images(tmp_path / "all"))
    people = pd.read_csv(tmp_path / "one" / "participants.tsv", sep="\t")
    assert {name.split("/")[0] for name in images(tmp_path / "one")} == set(people.participant_id)


def test_long_names_are_cut_and_stay_apart(make_store, tmp_path):
    subject, series = "x" * 250, "sub-9_ses-" + "y" * 90 + "_acq-" + "z" * 90 + "_w_T2w"
    store, _ = make_store(
        names(
            {(subject + end, series + more): [0] for end in "ab" for more in ("", "_run-123_T1w")}
        )
    )
    export(store, tmp_path / "out", "bids")
    assert len(images(tmp_path / "out")) == 2 * 4
    export(store, tmp_path / "flat", "bart")
    assert len(list((tmp_path / "flat").glob("*.hdr"))) == 4


def test_what_bids_does_not_know_is_named_to_its_validator(make_store, tmp_path):
    store, _ = make_store()
    export(store, tmp_path / "out", "bids")
    assert "*_MRI.*" in (tmp_path / "out" / ".bidsignore").read_text()
    description = json.loads((tmp_path / "out" / "dataset_description.json").read_text())
    assert description["GeneratedBy"][0]["Name"] == "PhaseGen"
    assert "'none'" in description["GeneratedBy"][0]["Description"]


def test_samples_of_one_slice_are_volumes_of_their_own(make_store, tmp_path):
    index = names({("s", "s_T1w"): [0, 0, 0, 1, 1, 1, 2, 2, 2]}, sample=[0, 1, 2] * 3)
    store, data = make_store(index, per_shard=4)
    export(store, tmp_path / "out", "bids")
    for sample in range(3):
        path = tmp_path / "out" / f"sub-s/anat/sub-s_rec-sample{sample}_part-mag_T1w.nii.gz"
        expected = np.abs(to_image(data[sample::3, 0]))
        np.testing.assert_allclose(NiftiReader().read_slices(path), expected, rtol=1e-6)


def test_several_coils_are_refused_before_anything_is_written(make_store, tmp_path):
    store, _ = make_store(coils=2)
    with pytest.raises(UserError, match="2 coils"):
        export(store, tmp_path / "out", "bids")
    assert not (tmp_path / "out").exists()
