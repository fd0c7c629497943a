"""A file that has arrived in part."""

import hashlib
import json
from pathlib import Path

from phasegen.paths import whole_file


class Part:
    """What has arrived of a file from one URL, kept beside the target from run to run."""

    def __init__(self, target: Path, url: str) -> None:
        tag = hashlib.sha256(url.encode()).hexdigest()[:8]
        self.url = url
        self.name = target.name
        self.path = target.with_name(f".{target.name}.{tag}.part")
        self.facts_file = target.with_name(f".{target.name}.{tag}.json")

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def facts(self) -> dict:
        """What the server said of the file when the part was begun."""
        try:
            return dict(json.loads(self.facts_file.read_text()))
        except (OSError, ValueError, TypeError):
            return {}

    @property
    def is_whole(self) -> bool:
        """Whether as much is there as the server has announced."""
        return self.path.exists() and self.facts.get("total") == self.size

    def start(self, checked: bool) -> int:
        """Byte to go on from: 0 where it could not be known that the file is still the same."""
        facts = self.facts
        total = facts.get("total")
        if total is not None and self.size > total:
            return 0
        return self.size if facts.get("validator") or (checked and total is not None) else 0

    def begin(self, validator: str, total: int | None) -> None:
        """An empty part for a file of ``total`` bytes (None: not said)."""
        # In this order, so that bytes of another file are never taken for this one's.
        self.drop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.note(validator, total)

    def note(self, validator: str, total: int | None) -> None:
        """Keep what the server said of the file; ``validator`` tells its version from others."""
        with whole_file(self.facts_file) as partial:
            partial.write_text(json.dumps({"validator": validator, "total": total}))

    def drop(self) -> None:
        """Forget what has arrived."""
        self.path.unlink(missing_ok=True)
        self.facts_file.unlink(missing_ok=True)
