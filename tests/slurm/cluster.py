"""A real SLURM of one node, for as long as somebody holds its input open.

    python tests/slurm/cluster.py FOLDER

installs munge and SLURM through apt-get where they are missing, starts them on loopback with all their
files in FOLDER, says "ready", and stops them by their pid files at the end of its input: also when
whoever started it was killed. It needs root.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

PACKAGES = ("munge", "slurmctld", "slurmd", "slurm-client")
POLICY = Path("/usr/sbin/policy-rc.d")
ETC = Path("/etc/slurm")
MUNGE_PID = Path("/run/munge/munged.pid")
MUNGE_KEY = Path("/etc/munge/munge.key")
LOCK = Path("/run/lock/phasegen-tests-slurm")
OURS = "# Written by the tests of PhaseGen, which delete it when they end.\n"

SLURM_CONF = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
# Nothing listens but on loopback.
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
AuthType=auth/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# No cgroups, no systemd.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# Else a job that asks for too much waits for ever.
EnforcePartLimits=ALL
KillWait=2
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
# No database; the log of completed jobs is what the tests read.
AccountingStorageType=accounting_storage/none
MinJobAge=86400
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/completed
ReturnToService=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
"""
GRES_CONF = "NodeName={host} Name=gpu Count=1 File=/dev/null\n"


class NoCluster(Exception):
    """SLURM cannot be had, or does not come up."""


def install() -> None:
    """Debian's packages, none of which starts anything by itself."""
    if os.getuid():
        raise NoCluster("SLURM is installed and started by root alone")
    if all(map(shutil.which, ("munged", "slurmctld", "slurmd", "sbatch"))):
        return
    had_policy = POLICY.exists()
    if not had_policy:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES)
    finally:
        if not had_policy:
            POLICY.unlink()


def configure(folder: Path) -> None:
    """Configuration where daemons and jobs look for it: a job loses the variable that names another."""
    conf = ETC / "slurm.conf"
    if conf.exists() and not conf.read_text().startswith(OURS):
        raise NoCluster(f"this machine has a SLURM of its own ({conf})")
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    ETC.mkdir(exist_ok=True)
    found = run("slurmd", "-C")
    cpus, memory = (int(re.search(rf"\b{name}=(\d+)", found)[1]) for name in ("CPUs", "RealMemory"))
    names = {"host": socket.gethostname().partition(".")[0], "folder": folder}
    text = SLURM_CONF.format(**names, cpus=cpus, memory=memory * 95 // 100)
    conf.write_text(OURS + text)
    (ETC / "gres.conf").write_text(OURS + GRES_CONF.format(**names))


def start(folder: Path) -> None:
    """Start all daemons and wait until a job could be taken."""
    if subprocess.run("munge -n | unmunge", shell=True, capture_output=True).returncode:
        start_munge()
    run("slurmctld", "-c")
    wait_for(lambda: "UP" in run("scontrol", "ping"), "slurmctld does not answer", folder)
    run("slurmd")
    wait_for(lambda: "idle" in run("sinfo", "-h", "-o", "%T"), "the node is not idle", folder)


def start_munge() -> None:
    """As its own user, with a key that only it can read."""
    if not MUNGE_KEY.exists():
        MUNGE_KEY.write_bytes(secrets.token_bytes(1024))
    for path, mode in ((MUNGE_KEY, 0o400), (MUNGE_PID.parent, 0o755)):
        if path != MUNGE_KEY:
            path.mkdir(exist_ok=True)
        shutil.chown(path, "munge", "munge")
        path.chmod(mode)
    subprocess.run(
        ["munged"], user="munge", group="munge", extra_groups=[], check=True, capture_output=True
    )


def stop(folder: Path) -> None:
    """End all jobs, then the daemons by their pid files, and forget the configuration."""
    conf = ETC / "slurm.conf"
    if not conf.exists() or not conf.read_text().startswith(OURS):
        return
    if shutil.which("scancel"):
        subprocess.run(["scancel", "--user", "root"], capture_output=True, timeout=60)
        end = time.monotonic() + 15
        while (
            time.monotonic() < end
            and subprocess.run(["squeue", "-h"], capture_output=True, text=True, timeout=60).stdout
        ):
            time.sleep(0.5)
    for file in (folder / "slurmd.pid", folder / "slurmctld.pid", MUNGE_PID):
        end_daemon(file)
    # Else every start of Snakemake would ask a controller that is gone.
    conf.unlink()
    (ETC / "gres.conf").unlink(missing_ok=True)


def end_daemon(pid_file: Path) -> None:
    """End the process whose number a file holds, politely at first."""
    try:
        process = psutil.Process(int(pid_file.read_text()))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return
    if not process.name().startswith(pid_file.stem):
        return
    process.terminate()
    try:
        process.wait(15)
    except psutil.TimeoutExpired:
        process.kill()


def run(*command: str) -> str:
    """What a program prints."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # apt-get has a slow disk and a busy machine to reckon with.
        timeout=900,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode and command[0] != "scontrol":
        raise NoCluster(f"{' '.join(command)}: {done.stdout[-2000:]}")
    return done.stdout


def wait_for(condition: Callable[[], bool], otherwise: str, folder: Path) -> None:
    """Wait a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            logs = "\n".join(file.read_text()[-2000:] for file in folder.glob("*.log"))
            raise NoCluster(f"{otherwise}\n{logs}")
        time.sleep(0.5)


def main(folder: Path) -> int:
    """Exit status."""
    # Ctrl-C is for whoever holds the input; this one has to tidy up afterwards.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with LOCK.open("w") as lock:
        # Another guard may be about to stop its cluster.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return guard(folder)


def guard(folder: Path) -> int:
    """Exit status, at the end of the input."""
    try:
        install()
        # Of a cluster that was not stopped, for its machine or its guard was.
        stop(folder)
        configure(folder)
        start(folder)
        print("ready", flush=True)
        sys.stdin.read()
    except NoCluster as error:
        print(f"error: {error}", flush=True)
        return 1
    finally:
        stop(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
