"""The section reconstruction, and what it shares with skull-stripping."""

import pytest

from phasegen.settings import Cohort, ConfigError, Reconstruction, validate

TASK = {"cohort": "a", "original": "o", "test": ["b"]}


def reconstruction(**given):
    return validate({"reconstruction": TASK | given}).reconstruction


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sede": 1}, "unknown key 'reconstruction.sede'"),
        ({"cohort": ""}, "reconstruction.test needs reconstruction.cohort"),
        ({"original": "", "arms": {"original": {}}}, "reconstruction.original go together"),
        ({"arms": {"none": {}, "phasegen": {}}}, "reconstruction.original go together"),
        ({"arms": {"mine": {}}}, "reconstruction.arms.mine: say its 'phase'"),
        ({"search": {"width": [1]}}, "reconstruction.search.width"),
        ({"undersampling": {"kind": "spiral"}}, "reconstruction.undersampling.kind"),
        ({"undersampling": {"factors": {}}}, "reconstruction.undersampling.factors"),
        ({"undersampling": {"factors": {1: 0.1}}}, "reconstruction.undersampling.factors.1"),
        ({"undersampling": {"factors": {4: 0.25}}}, "0.25 is as much as factor 4 keeps in all"),
        ({"undersampling": {"per": "scan"}}, "reconstruction.undersampling.per"),
        ({"models": {}}, "reconstruction.models"),
        ({"mixes": {"shares": [0]}}, "reconstruction.mixes.shares.0"),
        ({"mixes": {"shares": [101]}}, "reconstruction.mixes.shares.0"),
        ({"mixes": {"shares": [5, 5.0]}}, "reconstruction.mixes.shares: holds a value twice"),
        ({"mixes": {"modes": ["half"]}}, "reconstruction.mixes.modes.0"),
        (
            {"mixes": {"models": ["tiny"]}},
            "mixes has the model 'tiny', and there is no reconstruction.",
        ),
        ({"mixes": {"models": []}}, "reconstruction.mixes.models"),
        (
            {
                "mixes": {"models": ["small", "large"]},
                "models": {"small": {}, "large": {"training": {"validation": 0.3}}},
            },
            "must have one share of validation subjects",
        ),
        ({"mixes": {"factor": 6}}, "reconstruction.mixes has the factor 6"),
        ({"mixes": {"phase": "original"}}, "reconstruction.mixes.phase"),
        ({"mixes": {"phase": "random"}}, "reconstruction.mixes.phase is 'random', and there is no"),
        ({"runs": [{"model": "tiny", "factor": 4}]}, "reconstruction.runs.0 has the model 'tiny'"),
        ({"runs": [{"model": "small", "factor": 5}]}, "reconstruction.runs.0 has the factor 5"),
        ({"runs": [{"model": "small", "factor": 4, "arms": ["x"]}]}, "runs.0.arms has 'x'"),
        ({"runs": [{"model": "small", "factor": 4}] * 2}, "model small at factor 4 twice"),
        ({"compressed_sensing": {"weights": [0]}}, "compressed_sensing.weights.0"),
        ({"original": "", "split": "paper"}, "reconstruction.split paper draws its test slices"),
        ({"models": {"small": {"network": {"widths": [4] * 7}}}}, "must be a multiple of 128"),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(given, message):
    with pytest.raises(ConfigError) as error:
        reconstruction(**given)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_real_phase_is_an_arm_where_there_is_some():
    assert list(reconstruction().arms) == ["none", "naive", "phasegen", "original"]
    assert list(reconstruction(original="").arms) == ["none", "naive", "phasegen"]


def test_what_is_null_is_taken_out():
    chosen = reconstruction(
        arms={"none": None, "phasegen": {}, "original": {}},
        models={"small": {}, "large": None},
        undersampling={"factors": {4: 0.08, 8: None}},
    )
    assert list(chosen.arms) == ["phasegen", "original"]
    assert list(chosen.models) == ["small"] and list(chosen.undersampling.factors) == [4]


def test_factors_may_come_as_texts():
    """As they do from a command line or JSON."""
    chosen = reconstruction(undersampling={"factors": {"4": 0.08}})
    assert chosen.undersampling.factors == {4: 0.08}
    assert Reconstruction.model_validate_json(chosen.model_dump_json()) == chosen


def test_what_is_not_listed_is_not_run():
    everything = reconstruction(seeds=3)
    assert everything.seeds_for("none", "large", 8) == 3
    few = reconstruction(
        seeds=3,
        runs=[
            {"model": "small", "factor": 4},
            {"model": "large", "factor": 4, "arms": ["phasegen", "original"], "seeds": 1},
        ],
    )
    assert few.seeds_for("none", "small", 4) == 3
    assert few.seeds_for("original", "large", 4) == 1
    assert few.seeds_for("none", "large", 4) == few.seeds_for("none", "small", 8) == 0


def test_without_original_data_or_shares_there_are_no_mixes():
    assert reconstruction().has_mixes
    assert not reconstruction(mixes={"shares": []}).has_mixes
    assert not reconstruction(original="", mixes={"phase": "random"}).has_mixes


def test_candidates_are_those_of_every_experiment():
    search = {"learning_rate": [0.1, 0.2], "batch": [2, 4]}
    chosen = reconstruction(search=search, arms={"original": {"batch": 8}, "phasegen": {}})
    assert len(chosen.candidates("phasegen")) == 4
    assert chosen.candidates("original") == [
        {"learning_rate": rate, "batch": 8} for rate in search["learning_rate"]
    ]
    assert chosen.is_searched("original")


def cohorts(**roles):
    return {
        name: Cohort(name=name, role=role, reader="fastmri", path="x")
        for name, role in roles.items()
    }


def test_a_cohort_needs_no_masks_but_its_role():
    reconstruction().check_cohorts(cohorts(a="magnitude", b="test", o="original"))
    with pytest.raises(ConfigError, match=r"reconstruction\.original is 'o', and the cohort table"):
        reconstruction().check_cohorts(cohorts(a="magnitude", b="test", o="raw"))
    with pytest.raises(ConfigError, match=r"reconstruction\.test names no cohort"):
        Reconstruction().check_cohorts({})
