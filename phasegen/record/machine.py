"""The machine and the packages that a run had."""

import os
import platform
from importlib.metadata import distributions
from pathlib import Path

import torch


def hardware() -> dict[str, str | int]:
    """Processor, cores (logical), memory [MiB], GPUs and operating system of this machine."""
    gpus = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "gpus": ", ".join(gpus) or "none",
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def packages() -> dict[str, str]:
    """Version of every installed package by name."""
    found = {dist.name.lower(): dist.version for dist in distributions()}
    return dict(sorted(found.items()))


def _processor() -> str:
    """Model of the processor; Linux keeps it in a file, others in what Python asks them."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")
