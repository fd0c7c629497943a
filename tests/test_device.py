"""GPUs are shared out by locks, and too little memory halves what is computed at once.

No GPU is needed: processes see a torch that says it has some.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.multiprocessing import ProcessRaisedException

from phasegen import device
from phasegen.device import halving, take_gpus, use_device
from phasegen.errors import UserError

REPOSITORY = Path(__file__).parents[1]

# Takes a GPU, says which, and computes until it is told to end.
JOB = """
import logging, os, sys
from types import ModuleType, SimpleNamespace

visible = [int(number) for number in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
torch = ModuleType("torch")
torch.device = object
torch.cuda = SimpleNamespace(
    is_available=lambda: True,
    device_count=lambda: len(visible),
    get_device_properties=lambda number: SimpleNamespace(uuid=f"card {visible[number]}"),
)
multiprocessing = ModuleType("torch.multiprocessing")
multiprocessing.ProcessRaisedException = RuntimeError
sys.modules |= {"torch": torch, "torch.multiprocessing": multiprocessing}

from phasegen.device import take_gpus

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
taken = take_gpus(int(sys.argv[1]), "training.device")
print(*(f"card {visible[number]}" for number in taken), sep=", ", flush=True)
sys.stdin.readline()
"""


class Job:
    def __init__(self, folder, visible, count=1):
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", JOB, str(count)],
            env=os.environ
            | {
                "CUDA_VISIBLE_DEVICES": visible,
                "TMPDIR": str(folder),
                "PYTHONPATH": str(REPOSITORY),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self):
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0


@pytest.fixture
def start(tmp_path):
    jobs = []

    def start(*arguments):
        jobs.append(Job(tmp_path, *arguments))
        return jobs[-1]

    yield start
    for job in jobs:
        job.process.kill()
        with job.process:
            pass  # waits for its end and closes its pipes


def test_two_jobs_have_two_gpus_and_a_third_waits(start):
    first, second = start("0,1"), start("0,1")
    cards = {first.says(), second.says()}
    assert cards == {"card 0", "card 1"}
    third = start("0,1")
    assert third.says() == "waiting for 1 of 2 GPUs; other jobs compute on them"
    second.end()
    assert third.says() in cards


def test_a_gpu_of_a_job_that_was_killed_is_free(start):
    first = start("0")
    assert first.says() == "card 0"
    first.process.kill()
    first.process.wait()
    assert start("0").says() == "card 0"


def test_a_gpu_is_the_same_however_it_is_counted(start):
    """A scheduler gives one job the card 1 alone, which then is the first that torch sees."""
    assert start("1").says() == "card 1"
    assert start("1,0").says() == "card 0"


def test_whoever_needs_two_holds_none_while_waiting(start):
    first = start("0,1")
    taken = first.says()
    greedy = start("0,1", 2)
    assert "waiting for 2 of 2" in greedy.says()
    (other,) = {"card 0", "card 1"} - {taken}
    third = start("0,1")
    said = third.says()
    # It may look in the moment in which the greedy one does.
    assert other in (said, third.says() if "waiting" in said else said)
    first.end()
    third.end()
    assert greedy.says() == "card 0, card 1"


@pytest.fixture
def two_gpus(monkeypatch, tmp_path):
    monkeypatch.setattr(device, "_taken", {})
    monkeypatch.setattr(device.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    named = lambda number: SimpleNamespace(uuid=f"GPU-{number}")  # noqa: E731
    monkeypatch.setattr(torch.cuda, "get_device_properties", named)
    yield
    for lock in device._taken.values():
        lock.close()


def test_a_process_keeps_its_gpu(two_gpus):
    first = use_device("cuda", "synthesis.device")
    assert first == torch.device("cuda", 0)
    assert use_device("cuda", "training.device") == first
    assert take_gpus(2, "training.device") == [0, 1]


def test_parts_of_a_gpu_are_told_apart(two_gpus, monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-a/1, MIG-a/2")
    take_gpus(2, "training.device")
    locks = [path.name for path in tmp_path.glob("phasegen-gpus-*/*")]
    assert sorted(locks) == ["MIG-a_1", "MIG-a_2"]


def test_more_gpus_than_there_are_is_no_secret(two_gpus):
    with pytest.raises(
        UserError, match=r"training\.device says cuda and needs 3 GPU.* torch sees 2"
    ):
        take_gpus(3, "training.device")


def test_a_missing_gpu_is_told_by_its_key(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(
        UserError, match=r"^synthesis\.device says cuda.*no GPU.*synthesis\.device: cpu$"
    ):
        use_device("cuda", "synthesis.device")
    assert use_device("cpu", "synthesis.device") == torch.device("cpu")


def fits(most, error):
    tried = []

    def work(batch):
        tried.append(batch)
        if batch > most:
            raise error
        return batch

    return work, tried


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory")
OF_ANOTHER_PROCESS = ProcessRaisedException("torch.OutOfMemoryError: CUDA out of memory", 0, 1)


@pytest.mark.parametrize(
    "error", [OUT_OF_MEMORY, OF_ANOTHER_PROCESS], ids=lambda e: type(e).__name__
)
def test_what_does_not_fit_is_halved_and_said(error, caplog):
    work, tried = fits(3, error)
    assert halving(12, work) == 3
    assert tried == [12, 6, 3]
    assert "the GPU has no memory for 12 slices at once; beginning anew with 6" in caplog.text


def test_other_errors_are_no_want_of_memory():
    for error in (RuntimeError("shape"), ProcessRaisedException("ValueError: shape", 0, 1)):
        work, tried = fits(1, error)
        with pytest.raises(type(error), match="shape"):
            halving(2, work)
        assert tried == [2]


def test_a_slice_that_is_too_large_ends_the_run():
    work, tried = fits(0, OUT_OF_MEMORY)
    with pytest.raises(UserError, match=r"a single slice needs more memory"):
        halving(2, work)
    assert tried == [2, 1]
