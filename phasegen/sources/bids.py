"""Magnitude images of a BIDS tree: NIfTI with facts in their names and in JSON sidecars.

Source: Gorgolewski et al. (2016), Scientific Data 3:160044, and the specification of BIDS 1.10.
"""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

from phasegen.sources.base import BadFile, Fact, Header, stem
from phasegen.sources.nifti import NiftiReader

FOLDERS = ("sub-*/anat", "sub-*/ses-*/anat")
NAME = re.compile(r"sub-(?P<subject>[A-Za-z0-9]+)_(?P<series>.+)")
NO_MAGNITUDE = re.compile(r"_part-(phase|real|imag)(_|$)|_\w*mask$|_[A-Za-z0-9]+map$")
"""Parts of complex images, masks, and maps such as ``T1map``, whose values are no signal."""
FACTS = {  # by key of the sidecar: our name, and our units in its unit
    "EchoTime": ("te_ms", 1000),
    "RepetitionTime": ("tr_ms", 1000),
    "InversionTime": ("ti_ms", 1000),
    "MagneticFieldStrength": ("field_strength_T", 1),
}
MAX_SIDECAR = 1 << 20  # bytes


class BidsReader(NiftiReader):
    """Reader of the images of a BIDS tree, whose root may be the path of a cohort.

    The subject is the label of ``sub-``, the series the rest of the name, such as
    ``ses-1_run-2_T1w``.
    """

    def find_files(self, root: Path) -> list[Path]:
        """Magnitude images in the ``anat`` folders of a tree; links that lead nowhere included."""
        found = (path for folder in FOLDERS for path in root.glob(f"{folder}/sub-*"))
        return sorted(
            path
            for path in found
            if path.name.endswith(self.suffixes)
            and not NO_MAGNITUDE.search(stem(path, self.suffixes))
        )

    def read_header(self, path: Path) -> Header:
        """Header of one volume, with echo time and the like [ms], [T] from its sidecars.

        Raises:
            BadFile: as `NiftiReader`, a name without ``sub-``, a sidecar that is no JSON.
        """
        header = super().read_header(path)
        name = NAME.fullmatch(stem(path, self.suffixes))
        if name is None:
            raise BadFile(path, "its name is not of BIDS", "such as sub-01_ses-1_T1w.nii.gz")
        facts = {"patient_id": name["subject"], "series_id": name["series"]}
        return replace(header, facts=header.facts | facts | _acquisition(path, self.suffixes))


def _acquisition(path: Path, suffixes: tuple[str, ...]) -> dict[str, Fact]:
    """Facts of the sidecars from the root down: those nearer to the file prevail."""
    facts: dict[str, Fact] = {}
    for sidecar in _sidecars(path, stem(path, suffixes)):
        content = _load(sidecar)
        for key, (name, factor) in FACTS.items():
            value = content.get(key)
            if isinstance(value, int | float) and math.isfinite(value) and value > 0:
                facts[name] = value * factor
    return facts


def _sidecars(path: Path, name: str) -> list[Path]:
    """Sidecars that apply: same suffix, and no entity that the image does not have."""
    *entities, suffix = name.split("_")
    folders = [folder for folder in path.parents if "sub-" in folder.as_posix()]
    root = folders[-1].parent if folders else path.parent
    return [
        sidecar
        for folder in [root, *reversed(folders)]
        for sidecar in sorted(folder.glob(f"*{suffix}.json"), key=lambda file: file.name.count("_"))
        if sidecar.is_file() and set(sidecar.stem.split("_")) <= {*entities, suffix}
    ]


def _load(sidecar: Path) -> dict:
    if sidecar.stat().st_size > MAX_SIDECAR:
        raise BadFile(sidecar, "is too large for a sidecar", "is it the right file?")
    try:
        content = json.loads(sidecar.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadFile(sidecar, f"is no JSON: {error}", "fetch it again") from None
    if not isinstance(content, dict):
        raise BadFile(sidecar, "holds no object of JSON", "fetch it again")
    return content
