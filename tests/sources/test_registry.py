import copy
import json
from typing import get_args

import pytest

from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort, BadFile
from phasegen.sources.registry import READERS, reader


def test_the_settings_know_every_reader():
    assert set(get_args(Cohort.model_fields["reader"].annotation)) == set(READERS)


def test_an_unknown_reader_is_named():
    with pytest.raises(ValueError, match="no reader 'dicom'; there are bids, calgary, fastmri"):
        reader("dicom")


def test_faults_are_one_line_each_and_can_be_rebuilt():
    faults = [BadFile("a.nii", "two\nlines", "mend it"), BadFile("b.nii", "gone")]
    message = str(BadCohort("mine", faults))
    assert message == "cohort 'mine': a.nii: two lines (mend it)\ncohort 'mine': b.nii: gone"
    assert str(copy.copy(BadCohort("mine", faults))) == message


def test_facts_are_fit_for_json(write_h5, kspace):
    attributes = {"a": 1, "b": 2.5, "c": "text", "d": True, "e": float("nan"), "f": [1, 2]}
    facts = reader("fastmri").read_header(write_h5("v.h5", attributes, kspace=kspace)).facts
    assert json.loads(json.dumps(facts)) == {"a": 1, "b": 2.5, "c": "text", "d": True}
