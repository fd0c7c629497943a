"""What is said of the machine and its packages is so."""

import os
from importlib.metadata import version

from phasegen.record.machine import hardware, packages


def test_the_machine_has_a_processor_cores_and_memory():
    found = hardware()
    assert found["processor"] not in ("", "unknown") and found["cores"] == os.cpu_count()
    assert found["memory_mib"] > 100 and found["gpus"]


def test_packages_have_their_versions():
    found = packages()
    assert found["numpy"] == version("numpy") and list(found) == sorted(found)
