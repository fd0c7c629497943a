import json

import numpy as np
import pytest

from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort, BadFile
from phasegen.sources.bids import BidsReader
from phasegen.sources.nifti import NiftiReader
from phasegen.sources.scan import scan

READER = BidsReader()
IMAGES = [
    "sub-01/anat/sub-01_T1w.nii.gz",
    "sub-01/anat/sub-01_acq-a_run-1_T2w.nii",
    "sub-B2/ses-1/anat/sub-B2_ses-1_run-1_T1w.nii.gz",
    "sub-B2/ses-1/anat/sub-B2_ses-1_run-2_T1w.nii.gz",
    "sub-B2/ses-2/anat/sub-B2_ses-2_part-mag_MEGRE.nii.gz",
]
OTHERS = [
    "sub-01/anat/sub-01_part-phase_T2w.nii",
    "sub-B2/ses-2/anat/sub-B2_ses-2_part-phase_MEGRE.nii.gz",
    "sub-B2/ses-2/anat/sub-B2_ses-2_part-real_MEGRE.nii.gz",
    "sub-B2/ses-2/anat/sub-B2_ses-2_part-imag_MEGRE.nii.gz",
    "sub-01/anat/sub-01_mod-T1w_defacemask.nii.gz",
    "sub-01/anat/sub-01_T1map.nii.gz",
    "sub-01/func/sub-01_task-rest_bold.nii.gz",
    "sub-01/anat/sub-01_T1w.json",
    "derivatives/tool/sub-01/anat/sub-01_T1w.nii.gz",
    "sourcedata/sub-01/anat/sub-01_T1w.nii.gz",
]


@pytest.fixture
def tree(write_nifti, head, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in IMAGES + OTHERS:
        if name.endswith(".json"):
            (tmp_path / "tree" / name).write_text("{}")
        else:
            write_nifti(f"tree/{name}", head)
    return tmp_path / "tree"


def cohort(path="tree", **more):
    return Cohort(name="mine", role="magnitude", reader="bids", path=path, **more)


def test_the_root_names_all_magnitude_images(tree):
    manifest = scan(cohort()).drop_duplicates("file")
    assert manifest["file"].tolist() == [f"tree/{name}" for name in sorted(IMAGES)]
    assert manifest[["subject", "series"]].to_numpy().tolist() == [
        ["01", "T1w"],
        ["01", "acq-a_run-1_T2w"],
        ["B2", "ses-1_run-1_T1w"],
        ["B2", "ses-1_run-2_T1w"],
        ["B2", "ses-2_part-mag_MEGRE"],
    ]
    assert not manifest.duplicated(["subject", "series"]).any()


def test_a_pattern_names_files_as_for_any_reader(tree):
    manifest = scan(cohort("tree/sub-*/anat/*_T?w.nii*", subject=r"sub-(\w)"))
    assert manifest["subject"].unique().tolist() == ["0"]
    assert manifest["series"].unique().tolist() == ["T1w", "acq-a_run-1_T2w", "part-phase_T2w"]


def test_images_are_read_as_nifti(tree, head):
    np.testing.assert_array_equal(READER.read_slices(tree / IMAGES[0]), head[:, ::-1].T)
    header, plain = (
        READER.read_header(tree / IMAGES[0]),
        NiftiReader().read_header(tree / IMAGES[0]),
    )
    assert (header.shape, header.spacing_mm) == (plain.shape, plain.spacing_mm)


def test_masks_in_derivatives(tree, write_nifti, head):
    for name in IMAGES:
        mask = name.replace(".nii", "_mask.nii")
        write_nifti(f"tree/derivatives/brain/{mask}", (head > 0).astype(np.uint8))
    template = "tree/derivatives/brain/sub-{subject}/**/sub-{subject}_{series}_mask.nii*"
    masks = scan(cohort(mask=template))["mask"].unique()
    assert [name.removeprefix("tree/derivatives/brain/") for name in masks] == [
        name.replace(".nii", "_mask.nii") for name in sorted(IMAGES)
    ]


def test_links_of_datalad_that_lead_nowhere_are_named(tree):
    name = "sub-B2/ses-1/anat/sub-B2_ses-1_run-1_T1w.nii.gz"
    key = tree / ".git/annex/objects/a1/b2/MD5E-s9--0.nii.gz"
    (tree / name).unlink()
    (tree / name).symlink_to(key)
    with pytest.raises(BadCohort) as caught:
        scan(cohort())
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"cohort 'mine': tree/{name}: a link to a file that is not there")
    key.parent.mkdir(parents=True)
    key.write_bytes((tree / IMAGES[0]).read_bytes())
    assert scan(cohort())["file"].nunique() == len(IMAGES)


def test_facts_are_inherited_and_the_nearest_prevails(tree):
    (tree / "T1w.json").write_text(json.dumps({"EchoTime": 0.009, "MagneticFieldStrength": 3}))
    (tree / "sub-B2").joinpath("sub-B2_T1w.json").write_text('{"RepetitionTime": 2.5}')
    folder = tree / "sub-B2/ses-1/anat"
    (folder / "sub-B2_ses-1_T1w.json").write_text('{"EchoTime": 0.004}')
    (folder / "sub-B2_ses-1_run-2_T1w.json").write_text('{"EchoTime": 0.005, "TaskName": "x"}')
    (folder / "sub-B2_ses-1_acq-x_T1w.json").write_text('{"EchoTime": 0.007}')
    (tree / "T2w.json").write_text('{"EchoTime": [1], "RepetitionTime": -1, "InversionTime": NaN}')
    common = {"field_strength_T": 3, "tr_ms": 2500.0}
    assert acquisition(tree / IMAGES[2]) == pytest.approx(common | {"te_ms": 4.0})
    assert acquisition(tree / IMAGES[3]) == pytest.approx(common | {"te_ms": 5.0})
    assert acquisition(tree / IMAGES[0]) == pytest.approx({"field_strength_T": 3, "te_ms": 9.0})
    assert acquisition(tree / IMAGES[1]) == {}


def acquisition(path):
    facts = READER.read_header(path).facts
    assert json.loads(json.dumps(facts)) == facts
    return {key: value for key, value in facts.items() if key.endswith(("_ms", "_T"))}


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000, "\udcff"])
def test_faulty_sidecars_are_refused(tree, text):
    sidecar = tree / "sub-01/anat/sub-01_T1w.json"
    sidecar.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BadFile, match=r"sub-01_T1w\.json: (is no JSON|holds no object)"):
        READER.read_header(tree / IMAGES[0])


def test_a_folder_without_images_and_other_names_are_refused(tree, write_nifti, head, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadCohort, match="empty: no file matches"):
        scan(cohort("empty"))
    with pytest.raises(BadFile, match=r"brain\.nii: its name is not of BIDS"):
        READER.read_header(write_nifti("brain.nii", head))
