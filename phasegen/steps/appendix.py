"""Rules that write Tables A1 to A3 of the paper: data sets, and what networks were fitted with."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from phasegen.diffusion import weights as phase_weights
from phasegen.nn.counting import complex_weights, real_parameters
from phasegen.report.data_sets import data_set_rows, data_set_section
from phasegen.report.hyperparameters import (
    fitted_with,
    hyperparameter_rows,
    hyperparameter_sections,
)
from phasegen.steps.section_file import write_sections
from phasegen.steps.table_file import write_csv
from phasegen.tasks import reconstruction_weights, skull_strip_weights

PHASE_MODEL = "PhaseGen Training & Validation"
"""Use of the data of the phase model, as the paper calls it."""

TASKS: dict[str, tuple[str, Callable]] = {
    "A2": ("Skull-stripping", skull_strip_weights.load),
    "A3": ("Reconstruction", reconstruction_weights.load),
}


def table_a1(
    used: Sequence[Mapping[str, str]],
    plans: Mapping[str, str | Path],
    weights: str | Path | None,
    paper: str | Path,
    banner: str,
    table: str | Path,
    markdown: str | Path,
    latex: str | Path,
) -> None:
    """Data sets (CSV, Markdown and LaTeX), the paper's beside them.

    Args:
        used: what `phasegen.report.data_sets.data_set_rows` takes, but for counts.
        plans: what the scan of a cohort counted (JSON), by cohort.
        weights: phase model that was given, not trained here.
        paper: `resources/paper_appendix.csv`.
        banner: see `phasegen.steps.section_file`.
    """
    rows = [_given(weights)] if weights else []
    rows += [{**row, **_sizes(plans[row["cohort"]])} for row in used]
    found = data_set_rows(rows, _printed(paper, "A1"))
    write_csv(found, table)
    write_sections([data_set_section(found)], banner, markdown, latex)


def table_of_hyperparameters(
    number: str,
    trained: Sequence[tuple[Mapping[str, object], Sequence[str], str | Path]],
    paper: str | Path,
    banner: str,
    table: str | Path,
    markdown: str | Path,
    latex: str | Path,
) -> None:
    """Hyperparameters as used (CSV, Markdown and LaTeX), the paper's beside them.

    Args:
        number: of the table: A2 is of skull-stripping, A3 of reconstruction.
        trained: arm (and model and factor), what a search chose of it, and weights.
        paper: `resources/paper_appendix.csv`.
        banner: see `phasegen.steps.section_file`.

    Raises:
        BadModel: a file that holds no such network.
    """
    task, load = TASKS[number]
    printed, parts = _printed(paper, number), []
    for names, searched, path in trained:
        model = load(path)
        values = fitted_with(model.network.settings) | {
            "complex_weights": f"{complex_weights(model.network):,}",
            "real_parameters": f"{real_parameters(model.network):,}",
            "best_epoch": str(int(model.facts["best"]["epoch"])),
        }
        parts.append(hyperparameter_rows(names, values, searched, printed))
    found = pd.concat(parts, ignore_index=True)
    write_csv(found, table)
    write_sections(hyperparameter_sections(found, task), banner, markdown, latex)


def _printed(paper: str | Path, number: str) -> pd.DataFrame:
    """One table of the paper's appendix, all texts."""
    found = pd.read_csv(paper, dtype=str)
    return found[found["table"] == number]


def _sizes(plan: str | Path) -> dict[str, int]:
    counted = json.loads(Path(plan).read_text())
    return {name: counted[name] for name in ("subjects", "volumes", "slices")}


def _given(weights: str | Path) -> dict[str, object]:
    """What a phase model that was given says of its data."""
    facts = phase_weights.load(weights)[1]
    people = facts["train_subjects"] + facts["validation_subjects"]
    name = Path(weights).name
    return {"use": PHASE_MODEL, "cohort": f"that of {name}", "subjects": len(set(people))}
