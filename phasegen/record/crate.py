"""A run as a Workflow Run RO-Crate: what was read, how it was done, what came out.

Profiles: Workflow RO-Crate 1.0, Process Run Crate 0.5 and Workflow Run Crate 0.5 (Leo et al. 2024,
PLoS ONE 19(9):e0309210), on RO-Crate 1.1. Small files lie in the crate; of large ones it has the
name and the SHA-256, which is their identifier too (RFC 6920).
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from rocrate.model.contextentity import ContextEntity
from rocrate.model.data_entity import DataEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from phasegen import __version__
from phasegen.provenance import file_digest
from phasegen.record.benchmarks import Times
from phasegen.record.inputs import OWN, Input

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
ENCODINGS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".tex": "application/x-tex",
    ".txt": "text/plain",
}


@dataclass(frozen=True)
class Run:
    """What a crate tells."""

    workflow: Path
    """Folder of ``Snakefile`` and ``rules``."""
    config: dict
    inputs: Sequence[Input]
    tables: Sequence[Path]
    made: Sequence[Path] = ()
    """Weights and seals of stores."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Seeds, digests of code, hardware, durations: by name."""
    packages: Mapping[str, str] = field(default_factory=dict)
    times: Times | None = None


def write_crate(run: Run, folder: Path) -> None:
    """Write the crate of a run into an empty folder; needs no network."""
    crate = ROCrate(version="1.1")
    crate.name = "A run of PhaseGen"
    crate.description = (
        "Synthetic complex k-space from magnitude MRI, and what networks learn from it: tables, the "
        "files behind each of their rows (*.sources.json), configuration, code, machine."
    )
    licence = _add(crate, OWN, "CreativeWork", name="MIT License")
    crate.license = licence
    workflow = _workflow(crate, run)
    workflow["license"] = licence
    versions = "".join(f"{name}=={version}\n" for name, version in run.packages.items())
    settings = json.dumps(run.config, indent=1, sort_keys=True) + "\n"
    used = [
        _written(crate, "config.json", settings, "configuration as used, with all defaults"),
        _written(crate, "packages.txt", versions, "versions of all installed packages"),
        *_files(crate, run.inputs),
    ]
    results = [_copied(crate, path) for path in run.tables]
    results += _files(crate, [Input(path.as_posix(), file_digest(path), OWN) for path in run.made])
    action = _add(
        crate,
        "#run",
        "CreateAction",
        name=f"PhaseGen {__version__}: {len(run.tables)} files of tables",
        actionStatus="http://schema.org/CompletedActionStatus",
        instrument=workflow,
        object=used,
        result=results,
        additionalProperty=[_value(crate, *fact) for fact in run.facts.items()],
    )
    if run.times:
        action["startTime"], action["endTime"] = (moment.isoformat() for moment in run.times)
    crate.root_dataset.append_to("mentions", action)
    crate.root_dataset["conformsTo"] = [
        _add(crate, uri, "CreativeWork", name=name, version=uri.rpartition("/")[2])
        for uri, name in PROFILES.items()
    ]
    crate.write(folder)


def _workflow(crate: ROCrate, run: Run) -> Entity:
    """Snakefile and rules, with the packages that decide the numbers."""
    workflow = crate.add_workflow(
        run.workflow / "Snakefile",
        "workflow/Snakefile",
        main=True,
        lang="snakemake",
        lang_version=run.packages.get("snakemake"),
    )
    workflow["name"], workflow["version"] = "PhaseGen", __version__
    parts = [
        crate.add_file(file, f"workflow/rules/{file.name}", properties={"name": file.name})
        for file in sorted((run.workflow / "rules").glob("*.smk"))
    ]
    workflow["hasPart"] = parts
    workflow["softwareRequirements"] = [
        _add(
            crate, f"#{name}", "SoftwareApplication", name=name, softwareVersion=run.packages[name]
        )
        for name in ("phasegen", "torch", "zarr", "numpy", "snakemake")
        if name in run.packages
    ]
    return workflow


def _files(crate: ROCrate, files: Iterable[Input]) -> list[Entity]:
    """Files that the crate names and does not hold; those of one content are one."""
    found: dict[str, Entity] = {}
    for file in files:
        identifier = content_uri(file.sha256)
        known = crate.dereference(identifier)
        found[identifier] = known or crate.add(DataEntity(crate, identifier, _properties(file)))
        if known:
            known.append_to("alternateName", file.name)
    return list(found.values())


def _properties(file: Input) -> dict[str, str]:
    properties = {"@type": "File", "name": file.name, "sha256": file.sha256}
    return properties | {"license": file.licence} | ({"citation": file.note} if file.note else {})


def content_uri(sha256: str) -> str:
    """Identifier of a file by its content, the same on every machine (RFC 6920)."""
    digits = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digits}"


def _copied(crate: ROCrate, path: Path) -> Entity:
    properties = {"name": path.name, "sha256": file_digest(path), "license": OWN}
    properties["encodingFormat"] = ENCODINGS[path.suffix]
    return crate.add_file(path, f"tables/{path.name}", properties=properties, record_size=True)


def _written(crate: ROCrate, name: str, text: str, description: str) -> Entity:
    properties = {"name": name, "description": description}
    properties["encodingFormat"] = ENCODINGS[Path(name).suffix]
    return crate.add_file(StringIO(text), name, properties=properties, record_size=True)


def _value(crate: ROCrate, name: str, value: object) -> Entity:
    text = value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
    identifier = f"#{name.replace(' ', '-')}"
    return _add(crate, identifier, "PropertyValue", name=name, value=text)


def _add(crate: ROCrate, identifier: str, kind: str, **properties: object) -> Entity:
    entity = crate.add(ContextEntity(crate, identifier, {"@type": kind}))
    for name, value in properties.items():
        entity[name] = value
    return entity
