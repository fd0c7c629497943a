"""Reads files, one path a line, with bounds; says for each "read", "BadFile" or what went wrong."""

import os
import resource
import sys
import traceback
from pathlib import Path

import psutil

from phasegen.sources.base import BadFile
from phasegen.sources.registry import reader
from phasegen.sources.volumes import read_volume

MEMORY = 1 << 30  # bytes above those of the process at rest
SECONDS = 5  # of processor time


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    base = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (base + MEMORY, resource.RLIM_INFINITY))
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        name, path = line.rstrip("\n").split("\t")
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime + SECONDS)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        print(_outcome(name, Path(path)), file=results, flush=True)


def _outcome(name: str, path: Path) -> str:
    try:
        reader(name).read_header(path)
        read_volume(reader(name), path)
    except BadFile as fault:
        # told in one line, which must be possible
        return f"BadFile {fault}" if "\n" not in str(fault) else f"several lines: {str(fault)!r}"
    except BaseException as error:
        return f"{error!r:.300} {traceback.format_exc()!r:.3000}"
    return "read"


if __name__ == "__main__":
    main()
