"""The model card of a phase model, from its file and the tables of its quality."""

from collections.abc import Mapping

import pandas as pd

from phasegen.report.markdown import markdown
from phasegen.report.quality_sections import quality_section

CARD = """# Phase model: {name}

Gives a magnitude MRI slice a phase. Made by `make weights`, which trains it by
[config/weights.yaml](../../config/weights.yaml), measures it and writes this page; every number
here comes from its file or from the tables beside it.

| | |
|---|---|
| file | `{name}.safetensors`, {megabytes:.1f} MB, SHA-256 `{digest}` |
| networks | complex residual U-Nets, one that diffuses on a coarse grid and one that refines: widths {widths}, bottleneck {bottleneck}, {patch} x {patch} pixels folded where it refines; encoder of the magnitude with {context} channels; {parameters:,} real parameters |
| diffusion | {noise} noise, prediction {prediction}, condition by {condition}; on a grid of {smallest} pixels, ln(noise / signal) ~ N({level_mean}, {level_spread}^2); refined from each grid to the next, of twice the edge; receiver's noise drawn |
| training | {epochs} epochs, best {best_epoch}; batch {batch} on each of {devices} processes; Adam, rate {learning_rate} x {decay} per epoch; moving average {average}; averages of batch norm kept from epoch {norm_epochs} on; slices of {sizes} pixels; added noise up to {noise_added} |
| data | {train_count} simulated subjects to train on, {validation_count} to choose the epoch by (`phasegen simulate`, seed {seed}) |
| versions | {versions} |

## Quality on subjects it has not seen

{subjects} simulated subjects. Residues are vortices per 1000 loops of tissue (above 15 % of the
slice's maximum). Distances are to the true phase of other subjects. AUROC is that of a classifier
that tells true from sampled phase of the same magnitudes, cross-validated by subject: 0.5 is perfect,
1 is told at sight. Row `real` is one half of the subjects against the other. Spread is the circular
variance over repeated samples, beside that over true phases of different subjects. In brackets
95 % bootstrap intervals over subjects.

{tables}
## Limits

- Trained on simulated heads alone, all deformed from one template; axial slices, brain in the field
  of view. Other anatomy, other orientations and strong pathology were never seen.
- One coil. The phase is that of a whole receive chain, not of one element of an array.
- A sample is a phase that a scanner could have made, never the one that it did make: no use for
  anything that reads the phase of a patient, such as susceptibility or flow.
- What the table says falls short, falls short: look at the residues and the AUROC before you build
  on it.

## Subjects

Trained on: {train_subjects}.

Epoch chosen by: {validation_subjects}.
"""


def model_card(
    name: str,
    digest: str,
    size: int,
    parameters: int,
    model: dict,
    facts: dict,
    tables: Mapping[int, pd.DataFrame],
) -> str:
    """Markdown.

    Args:
        name: of the model.
        digest, size: SHA-256 and bytes of its file.
        parameters: real numbers in it.
        model, facts: what the file says of itself.
        tables: of ``phasegen.metrics.table``, by size [pixel].
    """
    training, diffusion, network = (model[key] for key in ("training", "diffusion", "network"))
    shown = {"noise_added": training["noise"], "sizes": ", ".join(map(str, training["sizes"]))}
    packages = ", ".join(f"{package} {version}" for package, version in facts["versions"].items())
    people = {part: facts[f"{part}_subjects"] for part in ("train", "validation")}
    return CARD.format(
        **{**diffusion, **network, **training, **shown, "noise": diffusion["noise"]},
        name=name,
        digest=digest,
        megabytes=size / 1e6,
        parameters=parameters,
        best_epoch=int(facts["best"]["epoch"]),
        train_count=len(people["train"]),
        validation_count=len(people["validation"]),
        train_subjects=", ".join(people["train"]),
        validation_subjects=", ".join(people["validation"]),
        seed=facts["seed"],
        versions=packages,
        subjects=max(int(table["subjects"].max()) for table in tables.values()),
        tables=markdown(quality_section(size, table) for size, table in tables.items()),
    )
