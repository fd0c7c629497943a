"""Tables with a record of the files behind every row of them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from phasegen.paths import whole_file
from phasegen.provenance import file_digest, made_by, recorded_name
from phasegen.report.slice_results import JUDGED_FROM, MADE_FROM
from phasegen.steps.table_file import write_csv

OTHERS = ""
"""Name, in a record, of all columns that have no files of their own."""


def write_traced(
    tables: Mapping[str | Path, pd.DataFrame],
    module: str,
    seed: int,
    paper: str | Path | None,
    sources: str | Path,
) -> None:
    """Tables as CSV, and one record of them all (JSON).

    Args:
        tables: by path, with the columns `MADE_FROM` and, for what is judged, `JUDGED_FROM`,
            which go to the record and not into the CSV.
        module: that made them.
        paper: file of the published figures, behind the columns that have "_paper_" in their names.
    """
    told, files = {}, set()
    for path, table in tables.items():
        write_csv(table.drop(columns=[MADE_FROM, JUDGED_FROM], errors="ignore"), path)
        behind = [_behind(row, paper) for row in table.to_dict("records")]
        files.update(file for row in behind for some in row.values() for file in some)
        told[Path(path).name] = {
            "file": recorded_name(path),
            "sha256": file_digest(path),
            "rows": [
                {column: [recorded_name(file) for file in some] for column, some in row.items()}
                for row in behind
            ],
        }
    content = made_by(module, sorted(files)) | {"module": module, "seed": seed, "tables": told}
    with whole_file(sources) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")


def _behind(row: dict, paper: str | Path | None) -> dict[str, list[str]]:
    """Files behind the columns of a row."""
    found = {OTHERS: row[MADE_FROM]}
    if JUDGED_FROM in row:
        found |= dict.fromkeys(("p_holm", "verdict"), row[JUDGED_FROM])
    published = [column for column in row if "_paper_" in column]
    return found | {column: [str(paper)] for column in published}
