"""What is wrong with a store, a few of each kind and the number of the rest."""

from collections.abc import Iterable
from itertools import islice

LISTED = 5


class Faults:
    """Faults by kind, in the order in which the kinds were met."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, kind: str, text: str) -> None:
        """One fault of a kind; a kind is what is counted together."""
        self.add_all(kind, [text], 1)

    def add_all(self, kind: str, texts: Iterable[str], count: int) -> None:
        """``count`` faults, of which only as many texts are made as are listed."""
        if count:
            listed = self._texts.setdefault(kind, [])
            listed += islice(texts, LISTED - len(listed))
            self._counts[kind] = self._counts.get(kind, 0) + count

    def lines(self) -> list[str]:
        """At most five of a kind, then how many more there are."""
        found = []
        for kind, texts in self._texts.items():
            found += texts
            if more := self._counts[kind] - len(texts):
                found.append(f"and {more} more: {kind}")
        return found
