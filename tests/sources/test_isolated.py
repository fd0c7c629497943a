import os
import signal
import warnings
from pathlib import Path

import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.fastmri import FastmriReader
from phasegen.sources.isolated import CHILD, Isolated

READERS = """
import ctypes, os, signal
import numpy as np
from phasegen.sources.base import BadFile

broken = False

def poison(path):
    global broken
    broken = True

class Deadly:
    '''Does to its process what the file says.'''

    roles, suffixes = ("raw",), (".txt",)

    def read_slices(self, path, start=None, stop=None):
        word = path.read_text()
        if broken or word == "crash":
            ctypes.string_at(0)
        if word == "endless":
            while True:
                pass
        if word == "large":
            return np.ones(2**28)
        if word == "bug":
            raise KeyError("of the reader")
        if word == "bad":
            raise BadFile(path, "too bad", "mend it")
        if word == "killed":
            os.kill(os.getpid(), signal.SIGTERM)
        if word == "poison":
            poison(path)
        print("which is no reply")
        return np.arange(6.0).reshape(2, 3)[start:stop]
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Gives what the reader makes of a file with some word in it."""
    (tmp_path / "deadly.py").write_text(READERS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import deadly

    CHILD.stop()

    def read(word, *range_):
        path = tmp_path / "v.txt"
        path.write_text(word)
        return Isolated(deadly.Deadly()).read_slices(path, *range_)

    yield read
    CHILD.stop()


@pytest.mark.parametrize("bounds", [(), (1,), (1, 2), (None, -1), (3,)])
def test_it_gives_what_the_reader_gives(write_h5, kspace, bounds):
    path = write_h5("v.h5", {"patient_id": "P1"}, kspace=np.stack([kspace] * 2, axis=1))
    direct, isolated = FastmriReader(), Isolated(FastmriReader())
    assert isolated.read_header(path) == direct.read_header(path)
    data = isolated.read_slices(path, *bounds)
    np.testing.assert_array_equal(data, direct.read_slices(path, *bounds))
    assert (data.dtype, data.shape[1:]) == (np.complex64, (2, 12, 10))
    data[...] = 0
    assert isolated.read_slices(path).any()


def test_paths_are_those_of_the_caller(write_h5, kspace, tmp_path, monkeypatch):
    isolated = Isolated(FastmriReader())
    isolated.read_header(write_h5("v.h5", kspace=kspace))
    write_h5("elsewhere/w.h5", kspace=kspace)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert isolated.read_header(Path("w.h5")).path == Path("w.h5")
    with pytest.raises(BadFile, match=r"^x\.h5: no such file$"):
        isolated.read_header(Path("x.h5"))


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        ("crash", BadFile, r"crashes the library that reads it \(SIGSEGV\)"),
        ("endless", BadFile, "busy for ever"),
        ("large", BadFile, "more memory than a file of its size may"),
        ("bad", BadFile, r"v\.txt: too bad \(mend it\)$"),
        ("bug", RuntimeError, "(?s)the reader failed.*Traceback.*KeyError: 'of the reader'"),
        ("killed", RuntimeError, r"ended from outside \(SIGTERM\)"),
    ],
)
def test_whatever_happens_is_told_and_the_next_file_is_read(deadly, word, error, message):
    with pytest.raises(error, match=message):
        deadly(word)
    np.testing.assert_array_equal(deadly("good", 1), [[3, 4, 5]])


def test_what_an_earlier_file_broke_is_no_fault_of_the_next(deadly):
    deadly("poison")
    assert deadly("good").shape == (2, 3)


def test_one_process_serves_all_readers(write_h5, kspace):
    path = write_h5("v.h5", kspace=kspace)
    Isolated(FastmriReader()).read_header(path)
    process = CHILD._process
    Isolated(FastmriReader()).read_slices(path)
    assert CHILD._process is process
    CHILD.stop()
    assert process.poll() is not None


def test_a_late_answer_is_not_taken_for_the_next(deadly, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, stop)
    deadly("good")
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(KeyboardInterrupt):
        deadly("endless")
    signal.signal(signal.SIGALRM, old)
    np.testing.assert_array_equal(deadly("good", 1), [[3, 4, 5]])


def test_a_fork_asks_a_process_of_its_own(write_h5, kspace):
    path, isolated = write_h5("v.h5", kspace=kspace), Isolated(FastmriReader())
    isolated.read_header(path)
    process = CHILD._process
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        fork = os.fork()
    if fork == 0:
        is_read = isolated.read_slices(path).shape == (3, 1, 12, 10)
        is_new = CHILD._process.pid != process.pid
        CHILD.stop()
        os._exit(0 if is_read and is_new else 1)
    assert os.waitpid(fork, 0)[1] == 0
    assert isolated.read_slices(path).shape == (3, 1, 12, 10)
    assert CHILD._process is process
