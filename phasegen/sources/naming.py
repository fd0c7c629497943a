"""Which files belong to a cohort, whose they are, and where their masks lie."""

import os
import re
from dataclasses import dataclass
from glob import escape, glob
from pathlib import Path

from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort, BadFile, Header, Reader, stem

PLACEHOLDER = re.compile(r"\{(\w*)\}")


def find_files(cohort: Cohort, source: Reader) -> list[Path]:
    """Files of ``cohort.path`` but those that ``cohort.mask`` catches, sorted.

    A folder is taken for its files where the reader knows how such a folder is laid out.

    Raises:
        BadCohort: there are none.
    """
    folder = Path(cohort.path).expanduser()
    if folder.is_dir() and hasattr(source, "find_files"):
        found = source.find_files(folder)
    else:
        found = _expand(cohort.path)
    masks = {_place(path) for path in _expand(PLACEHOLDER.sub("*", cohort.mask))}
    files = [path for path in found if _place(path) not in masks]
    if files:
        return files
    if found:
        fault = BadFile(cohort.path, f"all {len(found)} files are masks by {cohort.mask!r}")
    else:
        remedy = f"a pattern such as '{cohort.path.rstrip('/')}/**/*' names the files of a folder"
        remedy = remedy if Path(cohort.path).expanduser().is_dir() else ""
        fault = BadFile(cohort.path, f"no file matches, looking from {Path.cwd()}", remedy)
    raise BadCohort(cohort.name, [fault])


def _expand(pattern: str) -> list[Path]:
    # Path.glob takes no absolute patterns
    found = glob(os.path.expanduser(pattern), recursive=True)  # noqa: PTH111, PTH207
    return sorted(path for path in map(Path, set(found)) if not path.is_dir())


def _place(path: Path) -> str:
    # links are not followed: where data are stored by content, equal masks are one file
    return os.path.abspath(path)  # noqa: PTH100


@dataclass(frozen=True)
class Naming:
    """How a file of one cohort gets its subject and series, and finds its mask."""

    pattern: re.Pattern[str] | None
    mask: str
    suffixes: tuple[str, ...]

    @classmethod
    def of(cls, cohort: Cohort, suffixes: tuple[str, ...]) -> "Naming":
        """Naming of a cohort whose files end in ``suffixes``.

        Raises:
            BadCohort: a subject pattern that is no regular expression or does not say which
                group is the subject, a mask template with an unknown placeholder.
        """
        try:
            pattern = re.compile(cohort.subject) if cohort.subject else None
        except re.error as error:
            fault = BadFile(cohort.subject, f"the subject is not a regular expression: {error}")
            raise BadCohort(cohort.name, [fault]) from None
        if pattern and "subject" not in pattern.groupindex and len(_plain_groups(pattern)) != 1:
            reason = "the subject pattern needs the group (?P<subject>...) or one plain group"
            raise BadCohort(cohort.name, [BadFile(cohort.subject, reason)])
        if unknown := set(PLACEHOLDER.findall(cohort.mask)) - {"subject", "series"}:
            reason = (
                f"the mask knows {{subject}} and {{series}}, not {{{'}, {'.join(sorted(unknown))}}}"
            )
            raise BadCohort(cohort.name, [BadFile(cohort.mask, reason)])
        return cls(pattern, cohort.mask, suffixes)

    def identity(self, path: Path, header: Header) -> tuple[str, str]:
        """Subject and series of a file.

        Without a pattern the subject is the ``patient_id`` of the file, else its stem. Where
        the pattern does not name it, the series is the ``series_id`` of the file, else its stem.

        Raises:
            BadFile: the pattern does not match the path.
        """
        name = stem(path, self.suffixes)
        series = str(header.facts.get("series_id") or name)
        if self.pattern is None:
            return str(header.facts.get("patient_id") or name), series
        match = self.pattern.search(path.as_posix())
        groups = match.groupdict() if match else {}
        if match and "subject" not in groups:
            groups["subject"] = match[_plain_groups(self.pattern)[0]]
        if not groups.get("subject"):
            raise BadFile(path, f"the subject pattern {self.pattern.pattern!r} does not match")
        return groups["subject"], groups.get("series") or series

    def find_mask(self, path: Path, subject: str, series: str) -> Path | None:
        """The one mask of a volume; None where the cohort has no masks.

        Raises:
            BadFile: no mask, or more than one.
        """
        if not self.mask:
            return None
        known = {"subject": escape(subject), "series": escape(series)}
        template = PLACEHOLDER.sub(lambda match: known[match[1]], self.mask)
        masks = [mask for mask in _expand(template) if _place(mask) != _place(path)]
        if len(masks) == 1:
            return masks[0]
        if masks:
            raise BadFile(path, f"{len(masks)} masks match: {', '.join(map(str, masks))}")
        raise BadFile(path, f"no mask at {template}")


def _plain_groups(pattern: re.Pattern[str]) -> list[int]:
    return sorted(set(range(1, pattern.groups + 1)) - set(pattern.groupindex.values()))
