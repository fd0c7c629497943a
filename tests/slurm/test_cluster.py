"""The cluster of the tests ends with whoever started it, however that one ends."""

import subprocess
import sys
import time

import psutil
import pytest

from .conftest import HERE

pytestmark = pytest.mark.slurm

# As pytest would, were it killed: it holds the guard's input, and nobody tells the guard.
HOLDER = """
import subprocess, sys
guard = subprocess.Popen(
    [sys.executable, *sys.argv[1:]],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
)
print(guard.stdout.readline(), end="", flush=True)
guard.wait()
"""


def test_the_daemons_end_when_their_holder_is_killed(tmp_path):
    words = [sys.executable, "-c", HOLDER, str(HERE / "cluster.py"), str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "ready\n"
        files = [tmp_path / f"{name}.pid" for name in ("slurmctld", "slurmd")]
        daemons = [psutil.Process(int(file.read_text())) for file in files]
        assert all(daemon.is_running() for daemon in daemons)
        holder.kill()
    end = time.monotonic() + 60
    while any(daemon.is_running() and daemon.status() != "zombie" for daemon in daemons):
        assert time.monotonic() < end
        time.sleep(0.2)
