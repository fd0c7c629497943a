"""GPU time and disk of jobs, reckoned before anything runs."""

import pytest

from phasegen.paths import Grid
from phasegen.settings import Cohort, PhaseModel, ReconstructionModel, TaskModel, validate
from phasegen.settings.phase_model import Diffusion
from phasegen.steps.costs import (
    PUBLISHED,
    PUBLISHED_SIZE,
    Cost,
    Costs,
    flops_of_phase,
    flops_of_task,
)

SLICES = {"raw": 12071, "brains": 300, "real": 300, "unseen": 40}
ON_GPU = {"epochs": 7, "validation": 0.25, "device": "cuda"}


def row(name, role, **own):
    reader = "nifti" if role == "magnitude" else "fastmri"
    return Cohort(name=name, role=role, reader=reader, path="x", **own)


COHORTS = {
    "raw": row("raw", "raw"),
    "brains": row("brains", "magnitude", size=64),
    "real": row("real", "original", size=64),
    "unseen": row("unseen", "test", size=64),
}


def costs(**changes):
    published = PUBLISHED.model_dump(mode="json")
    published["training"] |= {"epochs": 200, "validation": 0.1, "device": "cuda"}
    config = {
        "ingest": {"size": PUBLISHED_SIZE, "slices_per_shard": 128},
        "phase_models": {"published": published},
        "synthesis": {
            "model": "published",
            "sampler": "ancestral",
            "steps": 1000,
            "device": "cuda",
        },
        "quality": {"samplers": {"ddim": "published"}},
        "reconstruction": {
            "cohort": "brains",
            "original": "real",
            "test": ["unseen"],
            "arms": {"phasegen": {"epochs": 3}, "original": {}},
            "models": {"small": {"network": {"widths": [4]}, "training": ON_GPU}},
        },
    }
    return Costs(validate(config | changes), COHORTS, SLICES)


def test_the_published_training_takes_as_long_as_published():
    """Validation slices need no backward pass, so somewhat less than ten hours."""
    spent = costs().of("train_phase", {"model": "published"}).gpu_seconds
    assert spent == pytest.approx(36_000 * (0.9 * 3 + 0.1) / 3)


def test_a_slice_of_a_quarter_of_the_size_is_sampled_in_a_sixteenth_of_the_time():
    shards = Grid(300, 128).shards
    names = [{"cohort": "brains", "source": "phasegen", "shard": str(n)} for n in range(shards)]
    found = [costs().of("synthesize", one) for one in names]
    seconds, written = (sum(values) for values in zip(*found, strict=True))
    assert seconds == pytest.approx(300 * 10 / 16, rel=0.01)
    assert written == 300 * 64 * 64 * 8


def test_only_the_network_needs_a_gpu():
    naive = costs().of("synthesize", {"cohort": "brains", "source": "naive", "shard": "0"})
    assert naive == Cost(0, 128 * 64 * 64 * 8)
    assert costs().of("table_two", {"cohort": "unseen"}) == Cost()


def test_arrays_are_written_in_their_types():
    pixels = 44 * 64 * 64
    for array, width in {"images": 8, "magnitude": 4, "mask": 1}.items():
        one = costs().of("ingest", {"cohort": "brains", "array": array, "shard": "2"})
        assert one == Cost(0, pixels * width)


def test_a_mix_takes_as_long_as_the_arm_whose_settings_it_has():
    names = {"model": "small", "factor": "4", "number": "1"}
    own = {
        arm: costs().of("train_reconstruction", names | {"arm": arm})
        for arm in ("phasegen", "original")
    }
    assert own["phasegen"].gpu_seconds == pytest.approx(own["original"].gpu_seconds * 3 / 7)
    for mode, arm in {"mixed": "phasegen", "tuned": "phasegen", "only": "original"}.items():
        mix = costs().of("train_mix", names | {"mode": mode, "share": "1"})
        assert mix == own[arm]


def test_what_runs_on_a_processor_takes_no_gpu_hours():
    found = costs(synthesis={"model": "published", "steps": 10, "device": "cpu"})
    one = found.of("synthesize", {"cohort": "brains", "source": "phasegen", "shard": "0"})
    assert one.gpu_seconds == 0 and one.written > 0


def test_operations_are_those_of_complex_convolutions():
    """Four real products for a complex one, two operations each; the last layer is 1 x 1."""
    model = TaskModel.model_validate({"network": {"widths": [1], "bottleneck": 1, "patch": 1}})
    larger = model.model_copy(
        update={"network": model.network.model_copy(update={"widths": [2], "bottleneck": 2})}
    )
    one, two = flops_of_task(model, 16), flops_of_task(larger, 16)
    assert 2 < two / one < 4
    assert flops_of_task(model, 32) == 4 * one
    assert one % 8 == 0


def test_the_task_of_a_network_does_not_change_its_operations():
    network = {"domain": "image", "widths": [4, 8], "bottleneck": 16}
    tasks = [kind.model_validate({"network": network}) for kind in (TaskModel, ReconstructionModel)]
    assert len({flops_of_task(task, 32) for task in tasks}) == 1
    assert flops_of_phase(PUBLISHED, 64).evaluation < flops_of_phase(PUBLISHED, 128).evaluation


def test_a_model_that_refines_is_reckoned_on_its_own_grids():
    coarse = PhaseModel.model_validate(
        {
            "network": {"widths": [4, 8], "bottleneck": 16},
            "diffusion": {"smallest": 32},
            "training": {"sizes": [64]},
        }
    )
    plain = coarse.model_copy(update={"diffusion": Diffusion()})
    one, two = flops_of_phase(coarse, 64), flops_of_phase(coarse, 256)
    assert flops_of_phase(plain, 64).refinements == ()
    assert one.evaluation == two.evaluation < flops_of_phase(plain, 64).evaluation
    (last,) = one.refinements
    assert two.refinements == pytest.approx((last, 4 * last, 16 * last), rel=0.01)
    assert two.of_sample(10) == 7 * two.evaluation + sum(two.refinements)
    assert flops_of_phase(plain, 64).of_sample(10) == 10 * flops_of_phase(plain, 64).evaluation
