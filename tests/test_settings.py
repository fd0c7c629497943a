"""The configuration refuses what it does not know, by name."""

from pathlib import Path

import pytest
import yaml

from phasegen.settings import (
    Arm,
    Cohort,
    ConfigError,
    PhaseModel,
    Rater,
    Settings,
    SkullStrip,
    load,
    read_cohorts,
    validate,
)

REPOSITORY = Path(__file__).parents[1]


NAMED_FREELY = {"groups", "samplers", "phase_models", "arms", "search", "sweep", "raters"}
NAMED_FREELY |= {"models", "factors", "slices_of"}


def keys(values):
    return {
        key: keys(value) if isinstance(value, dict) and key not in NAMED_FREELY else None
        for key, value in values.items()
    }


TASK = {"cohort": "a", "test": ["b"], "raters": ["c", "d"]}


def coarse(diffusion, **training):
    return {"phase_models": {"phasegen": {"diffusion": diffusion, "training": training}}}


def test_the_shipped_config_holds_every_key():
    shipped = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
    assert keys(shipped) == keys(Settings().model_dump())
    trained = [model for model in shipped["phase_models"].values() if model.keys() != {"weights"}]
    assert len(trained) == 2
    for model in trained:
        assert keys(model) == keys(PhaseModel().model_dump())


def test_the_shipped_cohorts_are_read():
    cohorts = read_cohorts(REPOSITORY / "config" / "cohorts.tsv")
    assert {cohort.role for cohort in cohorts.values()} == {"raw", "test", "magnitude", "original"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sede": 1}, "unknown key 'sede'"),
        ({"phase_models": {"a": {"training": {"epoch": 1}}}}, "phase_models.a.training.epoch"),
        ({"phase_models": {"a": {"weights": "w", "network": {}}}}, "leave out its other sections"),
        ({"synthesis": {"model": "b"}}, "synthesis.model is 'b', and there is no phase_models.b"),
        ({"quality": {"samplers": {"ddim": "b"}}}, "quality.samplers.ddim is 'b'"),
        ({"seed": "many"}, "seed"),
        ({"synthesis": {"sources": ["magic"]}}, "synthesis.sources.0"),
        ({"ingest": {"size": 68}}, "ingest.size must be a multiple of 8"),
        ({"quality": {"sizes": [64, 96]}}, "quality.sizes are larger than ingest.size"),
        ({"synthesis": {"steps": 1001}}, "synthesis.steps"),
        ({"simulation": {"slices_of": {"tset": 3}}}, "slices_of names tset, and the groups are"),
        ({"skull_strip": {"test": ["a"]}}, "skull_strip.test needs skull_strip.cohort"),
        ({"skull_strip": TASK | {"raters": ["a"]}}, "a consensus needs two or more"),
        ({"skull_strip": TASK | {"arms": {"mine": {}}}}, "skull_strip.arms.mine: say its 'phase'"),
        ({"skull_strip": TASK | {"arms": {"original": {}}}}, "skull_strip.original go together"),
        ({"skull_strip": TASK, "ingest": {"size": 68}}, "ingest.size must be a multiple of 8"),
        ({"skull_strip": TASK | {"search": {"width": [1]}}}, "skull_strip.search.width"),
        (coarse({"smallest": 16}), "training.sizes must hold twice that or more"),
        (coarse({"smallest": 16}, sizes=[24]), "training.sizes must hold twice that or more"),
        (coarse({"smallest": 20}, sizes=[48]), "smallest must be a multiple of 8"),
        (coarse({"smallest": 16, "noise": "unit"}, sizes=[32]), "needs forward: linear and noise"),
    ],
)
def test_a_fault_is_one_line_that_names_the_key(config, message):
    with pytest.raises(ConfigError) as error:
        validate(config)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_every_fault_is_told():
    with pytest.raises(ConfigError) as error:
        validate({"sede": 1, "seed": -1, "ingest": {"sise": 2}})
    assert len(str(error.value).splitlines()) == 3


def cohort(role, mask=""):
    return Cohort(name="x", role=role, reader="nifti", path="x", mask=mask)


@pytest.mark.parametrize(
    ("cohorts", "message"),
    [
        ({"b": cohort("test")}, "skull_strip.cohort is 'a', and the cohort table has no such row"),
        ({"a": cohort("raw", "m"), "b": cohort("test")}, "of the role 'magnitude'"),
        ({"a": cohort("magnitude", "m")}, "skull_strip.test is 'b'"),
        ({"a": cohort("magnitude"), "b": cohort("test")}, "'a' of skull_strip has no 'mask'"),
    ],
)
def test_cohorts_of_a_task_are_those_of_the_table(cohorts, message):
    with pytest.raises(ConfigError, match=message):
        SkullStrip(**TASK).check_cohorts(cohorts)


def test_what_an_arm_has_of_its_own_is_laid_over():
    task = SkullStrip(**TASK, arms={"none": {"dropout": 0.2}, "turned": {"phase": "none"}})
    model = task.model.having(Arm.model_validate(task.arms["none"].changes()))
    assert model.network.dropout == 0.2 and model.training == task.model.training
    assert [task.phase_of(arm) for arm in task.arms] == ["none", "none"]


def test_an_arm_that_is_null_is_taken_out():
    assert list(SkullStrip(arms={"none": {}, "original": None}).arms) == ["none"]


def test_candidates_are_all_combinations():
    search = {"learning_rate": [0.1, 0.2], "dropout": [0, 0.5]}
    found = SkullStrip(search=search).candidates("none")
    assert len(found) == 4 and {"learning_rate": 0.2, "dropout": 0.5} in found


def test_an_arm_keeps_what_it_states():
    task = SkullStrip(arms={"none": {"learning_rate": 1}}, search={"learning_rate": [0.1, 0.2]})
    assert task.candidates("none") == [{"learning_rate": 1}] and not task.is_searched("none")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: No such file"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match=r"nowhere\.tsv: No such file"):
        read_cohorts(tmp_path / "nowhere.tsv")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a\traw\tfastmri\tx\na\traw\tfastmri\ty", "'a' stands twice"),
        ("a\traw\tdicom\tx", "reader"),
        ("a\traw\tfastmri\t", "path"),
        ("a b\traw\tfastmri\tx", "name"),
        ("a\traw\tfastmri\tx\tmore", "extra column"),
        ("", "no rows"),
    ],
)
def test_a_faulty_cohort_is_named(tmp_path, rows, message):
    table = tmp_path / "cohorts.tsv"
    table.write_text("# comment\nname\trole\treader\tpath\n" + rows)
    with pytest.raises(ConfigError, match=message):
        read_cohorts(table)


def test_a_job_simulates_subjects_of_one_group():
    simulation = Settings().simulation.model_copy(update={"subjects_per_job": 4})
    jobs = simulation.jobs()
    assert [len(names) for names in jobs.values()] == [4, 4, 4, 4, 2]
    everyone = [name for names in simulation.subjects().values() for name in names]
    assert [name for names in jobs.values() for name in names] == everyone
    assert all(names[0] == first for first, names in jobs.items())


def test_no_subject_is_in_two_groups():
    subjects = Settings().simulation.subjects()
    names = [name for group in subjects.values() for name in group]
    assert len(names) == len(set(names)) == 18


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("bet {volume}", "needs {volume}, and {mask} or {folder}"),
        ("bet {mask} {folder}", "needs {volume}, and {mask} or {folder}"),
        ("bet {volume} {mask} {home}", "has {home}"),
        ("bet {volume} '{mask}", "cannot be split into words"),
        ("bet {volume} {mask", "cannot be split into words"),
    ],
)
def test_a_rater_without_its_places_is_refused(command, message):
    with pytest.raises(ConfigError, match=r"raters\.bet\.command: ") as error:
        validate({"raters": {"bet": {"command": command}}})
    assert message in str(error.value)


@pytest.mark.parametrize("rater", [{}, {"method": "atlas", "command": "bet {volume} {mask}"}])
def test_a_rater_is_built_in_or_a_command(rater):
    with pytest.raises(ConfigError, match=r"raters\.bet: needs either a method"):
        validate({"raters": {"bet": rater}})


def test_a_path_with_spaces_stays_one_word():
    rater = Rater(command="bet '{folder}/the brain' {volume} {mask}")
    assert rater.words("a b", "c d", "/e f") == ["bet", "/e f/the brain", "a b", "c d"]


def test_a_stack_is_thick_from_twenty_slices_on():
    takes = {
        stacks: [Rater(command="{volume} {mask}", stacks=stacks).takes(n) for n in (1, 19, 20)]
        for stacks in ("all", "thick", "thin")
    }
    assert takes == {
        "all": [True, True, True],
        "thick": [False, False, True],
        "thin": [True, True, False],
    }
