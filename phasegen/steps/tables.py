"""Rules that tell what was ingested, made and trained, from seals and files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from phasegen.diffusion.weights import load
from phasegen.errors import UserError
from phasegen.metrics.crimes import CRIMES, MEASURES
from phasegen.paths import whole_file
from phasegen.provenance import file_digest
from phasegen.report.model_card import model_card as card_text
from phasegen.report.quality_sections import NOTE, quality_section
from phasegen.steps.section_file import write_sections
from phasegen.steps.table_file import write_csv
from phasegen.store.reading import open_store, provenance, read_index


def cohorts_table(seals: Sequence[str | Path], table: str | Path) -> None:
    """One row per ingested array: cohort, array, subjects, volumes, slices, size."""
    write_csv(pd.DataFrame([_describe(Path(seal).parent) for seal in seals]), table)


def data_crimes(seals: Sequence[str | Path], table: str | Path) -> None:
    """One row per ingested array of images or magnitudes: share of its slices with each finding.

    Raises:
        UserError: an array whose slices were not inspected.
    """
    rows = []
    for store in (Path(seal).parent for seal in seals):
        index = read_index(store)
        if missing := [name for name in (*MEASURES[:2], *CRIMES) if name not in index]:
            raise UserError(f"{store}: its index has no column {missing[0]!r}; ingest it again")
        medians = {f"median_{name}": round(float(index[name].median()), 3) for name in MEASURES[:2]}
        shares = {name: round(float(index[name].mean()), 3) for name in CRIMES}
        rows.append(_describe(store) | shares | medians)
    write_csv(pd.DataFrame(rows), table)


def summary(seals: Sequence[str | Path], table: str | Path) -> None:
    """One row per synthetic store, with the largest error of its magnitude."""
    rows = []
    for store in (Path(seal).parent for seal in seals):
        facts, index = provenance(store), read_index(store)
        size = sum(file.stat().st_size for file in (store / "c").rglob("*") if file.is_file())
        rows.append(
            {"source": facts["source"]}
            | _describe(store)
            | {
                "shards": -(-len(index) // open_store(store).shards[0]),
                "size_mb": round(size / 1e6, 2),
                "largest_magnitude_error": f"{index['magnitude_error'].max():.1e}",
                "store": store.as_posix(),
            }
        )
    write_csv(pd.DataFrame(rows), table)


def model_card(
    weights: str | Path, tables: Mapping[int, str | Path], name: str, card: str | Path
) -> None:
    """Markdown page of a phase model, with the tables of its quality by size."""
    denoiser, facts = load(weights)
    text = card_text(
        name,
        file_digest(weights),
        Path(weights).stat().st_size,
        sum(values.numel() for values in denoiser.parameters()),
        denoiser.settings.model_dump(mode="json"),
        facts,
        {size: pd.read_csv(table) for size, table in tables.items()},
    )
    with whole_file(card) as partial:
        partial.write_text(text)


def phase_quality_text(
    table: str | Path, size: int, banner: str, markdown: str | Path, latex: str | Path
) -> None:
    """Realism of every source of phase at one size [pixel], for people to read."""
    section = quality_section(size, pd.read_csv(table), NOTE)
    write_sections([section], banner, markdown, latex)


def _describe(store: Path) -> dict[str, str | int]:
    index = read_index(store)
    return {
        "cohort": index["cohort"].iloc[0],
        "array": provenance(store)["kind"],
        "subjects": index["subject"].nunique(),
        "volumes": len(index[["subject", "series"]].drop_duplicates()),
        "slices": len(index),
        "matrix": "x".join(map(str, open_store(store).shape[2:])),
    }
