"""Cohorts with slices of their own size, and the networks that have to fit them."""

import pytest

from phasegen.settings import Cohort, ConfigError, check_sizes, size_of, validate

TASK = {"cohort": "heads", "original": "real", "test": ["unseen"]}
RATERS = {"a": {"command": "x {volume} {mask}"}, "b": {"command": "x {volume} {mask}"}}
STRIP = {"skull_strip": TASK | {"raters": ["a", "b"]}, "raters": RATERS}
LEVELS = {"network": {"widths": [4, 4, 4], "patch": 1}}


def row(name, role, size=None):
    reader = "nifti" if role == "magnitude" else "fastmri"
    return Cohort(name=name, role=role, reader=reader, path="x", size=size)


def cohorts(**sizes):
    roles = {"raw": "raw", "heads": "magnitude", "real": "original", "unseen": "test"}
    return {name: row(name, role, sizes.get(name)) for name, role in roles.items()}


def settings(**changes):
    models = {"small": {"network": {"widths": [4], "bottleneck": 4}, **changes.pop("training", {})}}
    config = {
        "phase_models": models,
        "synthesis": {"model": "small"},
        "quality": {"samplers": {"ddim": "small"}},
    }
    return validate(config | changes)


def test_a_cohort_without_a_size_has_that_of_all():
    assert size_of(row("a", "raw"), settings()) == 64
    assert size_of(row("a", "raw", 96), settings()) == 96


def test_brains_and_knees_may_differ():
    check_sizes(settings(), cohorts(heads=32))
    check_sizes(settings(reconstruction=TASK), cohorts(heads=96, real=96, unseen=96))


@pytest.mark.parametrize(
    ("changes", "sizes", "message"),
    [
        ({}, {"heads": 33}, "the size of 'heads' must be a multiple of 2"),
        ({}, {"raw": 33}, "the size of 'raw' must be a multiple of 2"),
        ({"reconstruction": TASK}, {"heads": 96, "real": 96}, "of heads 96, real 96, unseen 64"),
        (STRIP, {"real": 96}, "of heads 64, real 96, unseen 64"),
        (
            {"reconstruction": TASK | {"models": {"small": LEVELS}}},
            {"heads": 36, "real": 36, "unseen": 36},
            "multiple of 8 (2 to the number of reconstruction.models.small.network.widths",
        ),
    ],
)
def test_a_misfit_is_one_line(changes, sizes, message):
    with pytest.raises(ConfigError) as error:
        check_sizes(settings(**changes), cohorts(**sizes))
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_all_raw_cohorts_have_one_size():
    given = cohorts() | {"more": row("more", "raw", 96)}
    with pytest.raises(ConfigError, match="not of raw 64, more 96"):
        check_sizes(settings(), given)
