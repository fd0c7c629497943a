"""The digest of a store's metadata, of the bytes themselves.

JSON has many spellings of one value, and a digest of parsed values needs rules for each number
in every language. Here the file's bytes are hashed with the digest's own place filled by zeros.
"""

import hashlib
from pathlib import Path

NO_DIGEST = "0" * 64


def stamp(path: Path) -> None:
    """Put the digest of a ``zarr.json`` in the place of its 64 zeros."""
    text = path.read_bytes()
    path.write_bytes(text.replace(NO_DIGEST.encode(), metadata_digest(text, NO_DIGEST).encode()))


def metadata_digest(text: bytes, recorded: str) -> str:
    """SHA-256 of the bytes of a ``zarr.json``, the ``recorded`` digest in it made 64 zeros."""
    return hashlib.sha256(text.replace(recorded.encode(), NO_DIGEST.encode())).hexdigest()
