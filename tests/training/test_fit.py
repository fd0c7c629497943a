"""Training: the same bits whether or not it was interrupted, and early stopping."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from phasegen.data.slices import ImageSlices
from phasegen.paths import shard_key
from phasegen.settings import Diffusion, Network, PhaseModel, Training
from phasegen.store.seal import DamagedStore
from phasegen.training.augment import augment
from phasegen.training.fit import fit
from phasegen.training.fitted import NonFiniteLoss
from phasegen.training.history import History
from phasegen.training.task import PhaseTask

from ..sealed import seal_slices

MODERN = Diffusion()
PAPER = Diffusion(noise="unit", prediction="eps", steps="uniform", condition="channel", loss="l1")
COARSE = Diffusion(smallest=16)
POLAR = PAPER.model_copy(update={"forward": "polar"})


class Interrupted(Exception):
    pass


class Stopping(PhaseTask):
    """Stops dead before one batch, (epoch, number)."""

    moment = None

    def training_step(self, batch, number):
        if (self.current_epoch, number) == self.moment:
            raise Interrupted
        return super().training_step(batch, number)


class Small(PhaseTask):
    """Has memory for a few slices at once, from some epoch on."""

    most, since = 2, 0

    def training_step(self, batch, number):
        if len(batch[0]) > self.most and self.current_epoch >= self.since:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().training_step(batch, number)


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    random = np.random.default_rng(0)
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    waves = random.uniform(-2, 2, (12, 2, 1, 1))
    phase = waves[:, 0] * x + waves[:, 1] * y
    images = ((np.hypot(x, y) < 0.8) * np.exp(1j * phase)).astype(np.complex64)[:, None]
    store = tmp_path_factory.mktemp("slices") / "images.zarr"
    return ImageSlices([seal_slices(store, "images", images, 5)])


def settings(diffusion=MODERN, context=0, **training):
    network = Network(widths=[4], bottleneck=4, embedding=8, dropout=0.1, context=context)
    values = {"epochs": 4, "batch": 5, "threads": 1} | training
    return PhaseModel(network=network, diffusion=diffusion, training=Training(**values))


def train(folder, slices, model, interrupt=None):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    task = Stopping(model, 7, slices)
    task.moment = interrupt
    history = fit(task, slices, slices, model.training, 7, folder)
    return task.state_dict(), history.table()


@pytest.mark.parametrize(
    ("moment", "average"), [((0, 2), 0.0), ((1, 0), 0.9), ((2, 1), 0.0), ((3, 2), 0.9)]
)
def test_an_interrupted_run_ends_bit_identical(tmp_path, slices, moment, average):
    model = settings(average=average)
    weights, history = train(tmp_path / "whole", slices, model)
    with pytest.raises(Interrupted):
        train(tmp_path / "cut", slices, model, interrupt=moment)
    resumed, record = train(tmp_path / "cut", slices, model)
    pd.testing.assert_frame_equal(record, history)
    assert weights.keys() == resumed.keys()
    for name, value in weights.items():
        assert torch.equal(value, resumed[name]), name


def test_coarser_slices_noise_and_bfloat16_resume_as_exactly(tmp_path, slices):
    model = settings(sizes=[16, 32], noise=0.1, precision="bfloat16")
    weights, _ = train(tmp_path / "whole", slices, model)
    with pytest.raises(Interrupted):
        train(tmp_path / "cut", slices, model, interrupt=(2, 1))
    resumed, _ = train(tmp_path / "cut", slices, model)
    assert all(torch.equal(value, resumed[name]) for name, value in weights.items())


@pytest.mark.parametrize("moment", [(0, 1), (2, 1)])
def test_growing_grids_resume_as_exactly(tmp_path, slices, moment):
    values = {"sizes": [32, 32, 48], "norm_epochs": 1, "noise": 0.1, "average": 0.9}
    model = settings(COARSE, context=2, **values)
    weights, _ = train(tmp_path / "whole", slices, model)
    with pytest.raises(Interrupted):
        train(tmp_path / "cut", slices, model, interrupt=moment)
    resumed, _ = train(tmp_path / "cut", slices, model)
    assert all(torch.equal(value, resumed[name]) for name, value in weights.items())


def test_kept_averages_do_not_change_any_more(tmp_path, slices):
    kept = [
        train(tmp_path / str(epochs), slices, settings(norm_epochs=1, epochs=epochs, average=0))[0]
        for epochs in (1, 4)
    ]
    names = [name for name in kept[0] if name.endswith(("running_mean", "running_var"))]
    assert names and all(torch.equal(kept[0][name], kept[1][name]) for name in names)
    moving = train(tmp_path / "moving", slices, settings(epochs=4, average=0))[0]
    assert not torch.equal(moving[names[0]], kept[0][names[0]])


@pytest.mark.long
def test_two_processes_share_the_slices(tmp_path, slices):
    weights, history = train(tmp_path, slices, settings(devices=2, epochs=2))
    assert len(history) == 2
    best = torch.load(tmp_path / "best.ckpt", weights_only=True)
    # 12 slices, 6 a process, in batches of 5
    assert best["global_step"] == 2 * (best["epoch"] + 1)
    assert all(torch.equal(value, best["state_dict"][name]) for name, value in weights.items())


@pytest.mark.long
@pytest.mark.parametrize("devices", [1, 2])
def test_processes_that_read_slices_change_nothing(tmp_path, slices, devices):
    model = settings(epochs=2, devices=devices)
    weights, history = train(tmp_path / "alone", slices, model)
    helped = settings(epochs=2, devices=devices, workers=1)
    again, record = train(tmp_path / "helped", slices, helped)
    pd.testing.assert_frame_equal(record, history)
    assert all(torch.equal(value, again[name]) for name, value in weights.items())


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_damaged_shard_ends_the_run_and_is_named(tmp_path, slices, workers):
    store = tmp_path / "images.zarr"
    shutil.copytree(slices.stores[0], store)
    content = bytearray((store / shard_key(1)).read_bytes())
    content[99] ^= 1
    (store / shard_key(1)).write_bytes(content)
    with pytest.raises(DamagedStore, match=r"^[^\n]*c/1/0/0/0[^\n]*$"):
        train(tmp_path / "run", ImageSlices([store]), settings(workers=workers))


def train_small(folder, slices, model, **limits):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    task = type("Limited", (Small,), limits)(model, 7, slices)
    history = fit(task, slices, slices, model.training, 7, folder)
    return task.state_dict(), history


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_too_little_memory_begins_anew_in_parts_whenever_it_is_found(
    tmp_path, slices, average, caplog
):
    """The bits are those of a run in parts from its first step on."""
    model = settings(batch=4, norm_epochs=1, average=average)
    weights, history = train_small(tmp_path / "first", slices, model)
    late, record = train_small(tmp_path / "late", slices, model, since=2)
    assert history.facts()["batch_in_parts"] == record.facts()["batch_in_parts"] == 2
    pd.testing.assert_frame_equal(record.table(), history.table())
    assert all(torch.equal(value, late[name]) for name, value in weights.items())
    assert "no memory for 4 slices at once; beginning anew with 2" in caplog.text
    folders = {path.name for path in tmp_path.iterdir()}
    assert folders == {"first-in-2", "late", "late-in-2"}


def test_a_run_in_parts_is_resumed_in_parts_and_forgotten_where_memory_suffices(tmp_path, slices):
    model = settings(batch=4)
    weights, history = train_small(tmp_path / "run", slices, model)
    again, record = train_small(tmp_path / "run", slices, model)
    pd.testing.assert_frame_equal(record.table(), history.table())
    assert all(torch.equal(value, again[name]) for name, value in weights.items())
    undivided, _ = train(tmp_path / "other", slices, model)
    larger, record = train_small(tmp_path / "run", slices, model, most=99)
    assert "batch_in_parts" not in record.facts()
    assert all(torch.equal(value, larger[name]) for name, value in undivided.items())


def test_a_step_in_parts_sees_as_many_slices(tmp_path, slices):
    model = settings(batch=4, epochs=2)
    _, history = train_small(tmp_path / "run", slices, model)
    last = torch.load(tmp_path / "run-in-2" / "last.ckpt", weights_only=True)
    assert last["global_step"] == 2 * (12 // 4)
    assert len(history.rows) == 2


def test_the_tasks_of_slurm_are_no_part_of_a_training(tmp_path, slices, monkeypatch):
    """Lightning would wait for processes that nobody starts, or refuse their number."""
    weights, _ = train(tmp_path / "here", slices, settings(epochs=2))
    job = {
        "NTASKS": 2,
        "NTASKS_PER_NODE": 2,
        "PROCID": 1,
        "LOCALID": 1,
        "JOB_ID": 7,
        "JOB_NAME": "x",
    }
    for name, value in job.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))
    there, _ = train(tmp_path / "there", slices, settings(epochs=2))
    assert all(torch.equal(value, there[name]) for name, value in weights.items())


def test_a_machine_that_has_slurm_trains_without_a_word(tmp_path, slices, monkeypatch):
    """Lightning warns of every training there that is no task of it; warnings are errors here."""
    (tmp_path / "srun").write_text("#!/bin/sh\n")
    (tmp_path / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    train(tmp_path / "run", slices, settings(epochs=1))


def test_a_finished_run_is_not_trained_again(tmp_path, slices):
    weights, history = train(tmp_path, slices, settings())
    again, record = train(tmp_path, slices, settings(), interrupt=(0, 0))
    pd.testing.assert_frame_equal(record, history)
    assert all(torch.equal(value, again[name]) for name, value in weights.items())


@pytest.mark.parametrize("diffusion", [MODERN, COARSE, PAPER, POLAR])
def test_the_loss_falls(tmp_path, slices, diffusion):
    sizes = [32] if diffusion.smallest else []
    model = settings(diffusion, sizes=sizes, epochs=25, learning_rate=1e-2, average=0.5)
    _, history = train(tmp_path, slices, model)
    assert history["validation_loss"].min() < 0.8 * history["validation_loss"].iloc[0]


def test_patience_ends_the_run(tmp_path, slices):
    model = settings(epochs=50, learning_rate=1e-12, patience=2, average=0)
    _, history = train(tmp_path, slices, model)
    assert len(history) < 10
    # Killed before the weights were written: it goes on, and has nothing left to do.
    _, again = train(tmp_path, slices, model, interrupt=(len(history), 0))
    pd.testing.assert_frame_equal(again, history)


def test_the_weights_are_those_of_the_best_epoch(tmp_path, slices):
    weights, history = train(tmp_path, slices, settings(epochs=6, learning_rate=0.3))
    best = torch.load(tmp_path / "best.ckpt", weights_only=True)
    assert best["epoch"] == history["validation_loss"].idxmin()
    assert all(torch.equal(value, best["state_dict"][name]) for name, value in weights.items())


def test_a_loss_that_is_no_number_ends_the_run_with_a_message(tmp_path, slices):
    broken = ImageSlices(slices.stores)
    broken.scale = np.where(np.arange(12) == 3, np.float32(1e-30), broken.scale)
    with pytest.raises(NonFiniteLoss, match="learning_rate"):
        train(tmp_path, broken, settings())


def test_augmentation_keeps_the_magnitude_and_turns_the_phase(slices):
    batch = torch.stack([slices[row][0] for row in range(6)])
    turned = augment(batch, Training(), None, np.random.default_rng(0))
    sums = [images.abs().sum(dim=(1, 2, 3)) for images in (batch, turned)]
    torch.testing.assert_close(*sums)
    assert not torch.allclose(turned.angle(), batch.angle())


def test_added_noise_has_the_spread_that_was_asked_for():
    training = Training(noise=0.1)
    batch = torch.ones(64, 1, 32, 32, dtype=torch.complex64)
    spread = augment(batch, training, None, np.random.default_rng(0)).std(dim=(1, 2, 3))
    assert 0.08 < float(spread.max()) < 0.105
    assert float(spread.median()) < 0.04


def test_history_survives_a_checkpoint():
    history, other = History(), History()
    history.rows.append({"epoch": 0})
    other.load_state_dict(history.state_dict())
    assert other.rows == history.rows
