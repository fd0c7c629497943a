"""Magnitude and phase as NIfTI in a BIDS tree, one pair per volume."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.export.base import Format, Volume, Write
from phasegen.export.bids_names import NOT_KNOWN, places
from phasegen.export.nifti import nifti_file
from phasegen.paths import whole_file

BIDS_VERSION = "1.10.0"
PARTS = {"mag": np.abs, "phase": np.angle}
README = """Magnetic resonance images with their phase, written by PhaseGen from a store of slices.

Magnitudes are as stored; phases are in radians from -pi to pi. Where the store was made by a
model, the phase is synthetic: GeneratedBy in dataset_description.json says by which. The terms of
the data that the store was made from hold for these images too.
"""


class BidsFormat(Format):
    """``part-mag`` and ``part-phase`` with their sidecars; magnitude stores have no phase."""

    domain = "image"
    kinds = ("kspace", "images", "magnitude")

    def files(self, volumes: Sequence[Volume]) -> list[tuple[str, ...]]:
        _refuse_coils(volumes)
        parts = list(PARTS)[: 1 if volumes[0].kind == "magnitude" else 2]
        return [
            tuple(place.file(part, end) for part in parts for end in (".json", ".nii.gz"))
            for place in places(volumes)
        ]

    @contextmanager
    def open(self, volume: Volume, paths: Sequence[Path]) -> Iterator[Write]:
        with ExitStack() as stack:
            # The context entered last ends first, so the last file is the last to be there.
            partials = [stack.enter_context(whole_file(path)) for path in reversed(paths)][::-1]
            for sidecar, part in zip(partials[::2], PARTS, strict=False):
                sidecar.write_text(json.dumps(_sidecar(volume, part), indent=2) + "\n")
            files = [stack.enter_context(nifti_file(path, volume)) for path in partials[1::2]]

            def write(block: np.ndarray) -> None:
                for file, values in zip(files, PARTS.values(), strict=False):
                    file(values(block[:, 0]))

            yield write

    def about(
        self, volumes: Sequence[Volume], files: Sequence[tuple[str, ...]], facts: dict
    ) -> dict[str, str]:
        people = pd.DataFrame(
            {
                "participant_id": [names[0].split("/")[0] for names in files],
                "cohort": [volume.cohort for volume in volumes],
                "subject": [volume.subject for volume in volumes],
            }
        )
        columns = {
            "cohort": {"Description": "data set that the store was made from"},
            "subject": {"Description": "name of the subject there"},
        }
        return {
            "participants.tsv": people.drop_duplicates()
            .replace("", "n/a")
            .to_csv(sep="\t", index=False),
            "participants.json": json.dumps(columns, indent=2) + "\n",
            "dataset_description.json": json.dumps(_description(facts), indent=2) + "\n",
            "README": README,
            ".bidsignore": f"export.json\n*_{NOT_KNOWN}.*\n",
        }


def _refuse_coils(volumes: Sequence[Volume]) -> None:
    if volumes[0].shape[1] > 1:
        raise UserError(
            f"BIDS holds one image per slice, and this store has {volumes[0].shape[1]} coils; "
            "combine them on ingest (ingest.coils: combined) or choose another format"
        )


def _sidecar(volume: Volume, part: str) -> dict:
    row, column = volume.pixel_mm or (None, None)
    return {
        "Units": "rad" if part == "phase" else "arbitrary",
        "Cohort": volume.cohort,
        "Subject": volume.subject,
        "Series": volume.series,
        "Sample": volume.sample or 0,
        "SourceSlices": volume.slices.tolist(),
        "PixelSizeRow": row,
        "PixelSizeColumn": column,
        "SliceDistance": volume.distance_mm if volume.slice_mm else None,
        "Geometry": "mm; what is null is not known and 1 mm in the NIfTI header, whose origin "
        "is made up",
    }


def _description(facts: dict) -> dict:
    description = f"store of kind {facts['kind']}" + (
        f", phase by the source '{facts['source']}'" if facts.get("source") else ""
    )
    generated = {
        "Name": "PhaseGen",
        "Version": facts.get("versions", {}).get("phasegen", "n/a"),
        "Description": description,
    }
    return {
        "Name": "PhaseGen export",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "License": "as the data that it was made from",
        "GeneratedBy": [generated],
    }
