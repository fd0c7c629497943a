"""Rule ``run_record``: a results tree in, a Workflow Run RO-Crate of it out."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import staging_folder
from phasegen.provenance import PACKAGE, digest, file_digest
from phasegen.record.benchmarks import times
from phasegen.record.crate import ENCODINGS, Run, write_crate
from phasegen.record.inputs import OWN, Input, cohort_inputs
from phasegen.record.machine import hardware, packages
from phasegen.settings import Datasets, read_datasets

METADATA = "ro-crate-metadata.json"


def run_record(
    config: dict, weights: Sequence[str | Path], benchmarks: str | Path, out: str | Path
) -> None:
    """Write the crate of all that lies in the results of a configuration.

    Args:
        config: all settings, as JSON.
        weights: files of models that were given and not trained.
        benchmarks: folder of benchmark files.
        out: ``ro-crate-metadata.json``; tables, workflow and configuration lie beside it.

    Raises:
        UserError: there is no sealed store, so nothing was run.
    """
    # A dump of all settings is for people: some of it cannot be given together.
    results, folder = Path(config["results"]), Path(out).parent
    datasets = Datasets.model_validate(config["datasets"])
    ingested = sorted(results.glob("cohorts/*/*.zarr/zarr.json"))
    if not ingested:
        raise UserError(f"{results}: holds no sealed store; run the workflow first")
    stores = [seal.parent for seal in ingested]
    simulated, registry = config["simulation"]["folder"], read_datasets(datasets.table)
    inputs = [Input(Path(path).as_posix(), file_digest(path), OWN) for path in weights]
    inputs += cohort_inputs(stores, simulated, datasets, registry)
    synthetic = results.glob("synthetic/*/*/kspace.zarr/zarr.json")
    run = Run(
        workflow=PACKAGE.parent / "workflow",
        config=config,
        inputs=inputs,
        tables=[path for path in sorted(results.glob("tables/*")) if path.suffix in ENCODINGS],
        made=[*ingested, *sorted(synthetic), *_trained(results)],
        facts=_facts(config["seed"], results),
        packages=packages(),
        times=times(benchmarks),
    )
    with staging_folder(folder / ".partial") as staging:
        write_crate(run, staging)
        _replace(staging, folder)


def _trained(results: Path) -> list[Path]:
    """Weights of phase models and of tasks, but not of states to resume from.

    Beside them may lie the results of other configurations.
    """
    folders = [results / name for name in ("phase_models", "skull_strip", "reconstruction")]
    found = sorted(path for folder in folders for path in folder.rglob("model.safetensors"))
    return [path for path in found if "checkpoints" not in path.parts]


def _facts(seed: int, results: Path) -> dict[str, object]:
    steps = sorted(path.stem for path in (PACKAGE / "steps").glob("[a-z]*.py"))
    facts = {"seed": seed, **hardware()}
    facts |= {f"code of {step}": digest(f"steps.{step}") for step in steps}
    table = results / "tables" / "benchmarks.csv"
    if table.is_file():
        for row in pd.read_csv(table).to_dict("records"):
            rule = row.pop("rule")
            facts[f"jobs of {rule}"] = {k: v for k, v in row.items() if pd.notna(v)}
    return facts


def _replace(new: Path, folder: Path) -> None:
    """Move a whole crate to its place, the metadata last."""
    parts = sorted(new.iterdir(), key=lambda part: part.name == METADATA)
    (folder / METADATA).unlink(missing_ok=True)
    for part in parts:
        target = folder / part.name
        if target.is_dir():
            shutil.rmtree(target)
        part.replace(target)
