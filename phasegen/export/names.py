"""Names of files from names that people chose: safe, short and never the same for two things."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 120
LONGEST_LABEL = 32  # a name of BIDS has up to seven of them


def file_name(text: str) -> str:
    """``text`` as one part of a path: ASCII letters, digits, ``.``, ``_`` and ``-``.

    Nothing of it leads out of a folder or hides a file; what is too long is cut.
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:LONGEST].strip(".-") or "unnamed"


def label(text: str) -> str:
    """``text`` as a label of BIDS: ASCII letters and digits alone; what is too long is cut."""
    return re.sub(r"[^A-Za-z0-9]", "", text)[:LONGEST_LABEL]


def unique(names: Sequence[str], identities: Sequence[object], joint: str = "-") -> list[str]:
    """``names``, with a digest of the identity where two are the same but for upper case.

    A digest depends on its own identity alone, not on the order or on the number of others.
    """
    counts = Counter(name.lower() for name in names)
    return [
        name + joint + digest(identity) if counts[name.lower()] > 1 or not name else name
        for name, identity in zip(names, identities, strict=True)
    ]


def digest(identity: object) -> str:
    """Twelve hexadecimal digits of an identity."""
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:12]
