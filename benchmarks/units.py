"""What a slice, a shard and a job cost: time, bytes and files of a small conversion that is run."""

import argparse
import base64
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from phasegen.paths import Grid
from phasegen.record.benchmarks import benchmark_table
from phasegen.report.markdown import markdown_table
from phasegen.store.reading import read_index

REPOSITORY = Path(__file__).parents[1]
SIZE, PER_SHARD, SLICES = 256, 128, 64
"""Of an image, of a shard and of a volume."""
COHORTS = """name\trole\treader\tpath\tmask\tsubject\tslices
many\tmagnitude\tnifti\tresults/simulated/many/*/*w.nii.gz\t\t\t
few\tmagnitude\tnifti\tresults/simulated/few/*/*w.nii.gz\t\t\t::4
"""
MANY = 4
"""Subjects of the cohort ``many``, whose slices are two whole shards; ``few`` is one, not full."""
SEALS = [
    f"results/synthetic/{part}/kspace.zarr/zarr.json"
    for part in ("many/none", "many/naive", "few/phasegen", "few/none")
]
TIMED = {
    "ingest": "many/magnitude",
    "none": "many/none",
    "naive": "many/naive",
    "phasegen": "few/phasegen",
}


def main() -> None:
    options = _parser().parse_args()
    make_project(options.data)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--cores", "1", "--configfile", "config.yaml", "--", *SEALS]
    subprocess.run(command, cwd=options.data, check=True)
    table = units(options.data)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    text = markdown_table(*cells(table)) + "\n"
    options.out.with_suffix(".md").write_text(text)
    print(text)


def make_project(folder: Path) -> None:
    """Simulated heads at the paper's size, the shipped phase model."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    (folder / "cohorts.tsv").write_text(COHORTS)
    config = {
        "cohorts": "cohorts.tsv",
        "simulation": {
            "groups": {"many": MANY, "few": 1},
            "contrasts": ["T1w"],
            "slices": SLICES,
            "matrix": SIZE,
        },
        "ingest": {"size": SIZE, "slices_per_shard": PER_SHARD},
        "synthesis": {"batch": 16},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def units(folder: Path) -> pd.DataFrame:
    """Unit costs by name, each with its unit and what it was measured on."""
    results = folder / "results"
    shards = Grid(MANY * SLICES, PER_SHARD).shards - 1
    rows = [
        (f"{name}: time", seconds_per_slice(results, part), "s a slice", jobs_of(results, part))
        for name, part in TIMED.items()
    ]
    for name, store in (
        ("magnitude", results / "cohorts/many/magnitude.zarr"),
        ("k-space", results / "synthetic/many/none/kspace.zarr"),
    ):
        size = (store / "c/0/0/0/0").stat().st_size
        rows.append((f"{name}: size", size / PER_SHARD, "byte a slice", "one whole shard"))
    index = read_index(results / "synthetic/many/none/kspace.zarr")
    memory = index.memory_usage(deep=True).sum() / len(index)
    rows.append(("index: memory", memory, "byte a slice", "k-space, in memory"))
    store = [count(results / f"synthetic/{part}/none/kspace.zarr") for part in ("many", "few")]
    rows.append(("store: inodes", (store[0] - store[1]) / shards, "a shard", "two stores"))
    job = [of_jobs(folder, f"{part}/none") for part in ("many", "few")]
    rows.append(("job: inodes", (job[0] - job[1]) / shards, "a job", "two stores"))
    return pd.DataFrame(rows, columns=["name", "value", "unit", "of"])


def benchmark_files(results: Path, part: str) -> Path:
    rule = "ingest" if part.endswith("/magnitude") else "synthesize"
    return results / "benchmarks" / rule / part


def records(results: Path, part: str) -> Path:
    cohort, name = part.split("/")
    if name == "magnitude":
        return results / "cohorts" / cohort / "records" / name
    return results / "synthetic" / cohort / name / "records"


def seconds_per_slice(results: Path, part: str) -> float:
    """Of whole jobs, their start included."""
    folder = benchmark_files(results, part)
    pattern = {folder.name: f"{records(results, part)}/{{}}.parquet"}
    table = benchmark_table(folder.parent, pattern).set_index("rule")
    return 1 / table.loc[folder.name, "slices_per_second"]


def jobs_of(results: Path, part: str) -> str:
    files = sorted(records(results, part).glob("*.parquet"))
    counts = [len(pd.read_parquet(file)) for file in files]
    return (
        f"{len(files)} job{'s' * (len(files) > 1)} of {' and '.join(map(str, set(counts)))} slices"
    )


def count(folder: Path) -> int:
    """Files and folders below ``folder``."""
    return sum(1 for _ in folder.rglob("*"))


def of_jobs(folder: Path, part: str) -> int:
    """Records, logs, benchmark files of the jobs of a store, and what Snakemake notes of them."""
    results = folder / "results"
    places = [records(results, part), results / "logs/synthesize" / part]
    places.append(benchmark_files(results, part))
    begin = (f"results/synthetic/{part}/kspace.zarr/c/", f"results/synthetic/{part}/records/")
    noted = [name for name in metadata_names(folder) if name.startswith(begin)]
    return sum(map(count, places)) + len(noted)


def metadata_names(folder: Path) -> Iterable[str]:
    """Outputs that Snakemake keeps a file about."""
    metadata = folder / ".snakemake" / "metadata"
    for file in metadata.rglob("*"):
        if file.is_file():
            # A long name is cut into folders, marked so.
            name = "".join(part.removeprefix("@") for part in file.relative_to(metadata).parts)
            yield base64.urlsafe_b64decode(name).decode()


def cells(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Titles and rows for people to read."""
    rows = [
        [row.name, f"{row.value:,.4g}", row.unit, row.of] for row in table.itertuples(index=False)
    ]
    return ["", "measured", "unit", "of"], rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.units",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("results/bench/units"), help="emptied")
    parser.add_argument("--out", type=Path, default=Path("results/bench/units.csv"))
    return parser


if __name__ == "__main__":
    main()
