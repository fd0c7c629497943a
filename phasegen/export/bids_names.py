"""Names of BIDS from the subjects and series of a store."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from phasegen.export.base import Volume
from phasegen.export.names import label, unique

SUFFIXES = {
    name: name
    for name in ("T1w", "T2w", "PDw", "T2starw", "FLAIR", "inplaneT1", "inplaneT2", "angio")
} | {"T1": "T1w", "T2": "T2w", "PD": "PDw", "GRE": "T2starw", "T2star": "T2starw"}
"""Suffixes of anatomical images that BIDS allows ``part`` for, and usual names of the same."""
NOT_KNOWN = "MRI"
"""No suffix of BIDS: its validator is told to pass over it, rather than to be told a contrast."""
ENTITY = re.compile(r"(sub|ses|acq)-([A-Za-z0-9]+)|(run|echo)-([0-9]{1,8})")


@dataclass(frozen=True)
class Place:
    """Where the files of a volume lie."""

    folder: str
    entities: str
    suffix: str

    def file(self, part: str, ending: str) -> str:
        """Path of the file of one part, ``mag`` or ``phase``."""
        return f"{self.folder}/{self.entities}_part-{part}_{self.suffix}{ending}"


def places(volumes: Sequence[Volume]) -> list[Place]:
    """Place of every volume, none of them the same.

    A label has the letters and digits of the subject, without a ``sub-`` at its start; where two
    are the same, both get a digest. Of a series, what is an entity of BIDS already stays one
    (ses, acq, run, echo), its last word is the suffix if it is known as one, and the rest becomes
    ``acq``. Samples of the phase are told apart by ``rec-sample0``, ``rec-sample1``...
    """
    people = list(dict.fromkeys((volume.cohort, volume.subject) for volume in volumes))
    bare = [label(subject.removeprefix("sub-")) for _, subject in people]
    labels = dict(zip(people, unique(bare, people, joint=""), strict=True))
    found = [_place(volume, labels[volume.cohort, volume.subject]) for volume in volumes]
    acquisitions = _apart(volumes, found)
    return [
        _written(participant, entities | extra, suffix)
        for (participant, entities, suffix), extra in zip(found, acquisitions, strict=True)
    ]


def _place(volume: Volume, participant: str) -> tuple[str, dict[str, str], str]:
    rest = volume.series.removeprefix(volume.subject)
    words = re.split(r"[_\s]+", rest)
    entities = dict(word.split("-") for word in words if ENTITY.fullmatch(word))
    entities = {key: label(value) for key, value in entities.items() if key != "sub"}
    words = [word for word in words if not ENTITY.fullmatch(word)]
    *others, last = re.split(r"[-._]+", "_".join(words))
    suffix = SUFFIXES.get(last, NOT_KNOWN)
    free = label("".join(others if last in SUFFIXES else [*others, last]))
    if free:
        entities["acq"] = label(entities.get("acq", "") + free)
    if volume.sample is not None:
        entities["rec"] = f"sample{volume.sample}"
    return participant, entities, suffix


def _apart(volumes: Sequence[Volume], found: Sequence[tuple]) -> list[dict[str, str]]:
    """An ``acq`` with a digest for the volumes that would have one place, else nothing."""
    names = [str(_written(*place)) for place in found]
    marks = unique(names, [volume.identity for volume in volumes], joint="\n")
    return [
        {"acq": place[1].get("acq", "") + mark.rpartition("\n")[2]} if "\n" in mark else {}
        for place, mark in zip(found, marks, strict=True)
    ]


def _written(participant: str, entities: dict[str, str], suffix: str) -> Place:
    session = [f"ses-{entities['ses']}"] if "ses" in entities else []
    ordered = [f"{key}-{entities[key]}" for key in ("acq", "rec", "run", "echo") if key in entities]
    subject = f"sub-{participant}"
    folder = "/".join([subject, *session, "anat"])
    return Place(folder, "_".join([subject, *session, *ordered]), suffix)
