"""Where a store lies: in a folder, or below a prefix of a bucket that its URL names."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from phasegen.errors import UserError

if TYPE_CHECKING:
    from obstore.store import S3Store

S3 = "s3://"
REGION = "us-east-1"
"""Where none is said; servers other than Amazon's do not mind."""
RETRIES = 4
SECONDS_TO_RETRY = 60
SECONDS_OF_SILENCE = 30
BUFFER = 8 * 2**20
"""Bytes that are asked for at a time where a file is read from its beginning."""


class Unreachable(UserError):
    """An object store that does not answer, does not let in, or breaks off."""


def place(store: "str | Path | ObjectPath") -> "Path | ObjectPath":
    """Where ``store`` lies, by its path or its URL ``s3://BUCKET/PATH``.

    Raises:
        UserError: a URL of another kind, or a package that reading from S3 needs is missing.
    """
    if isinstance(store, (Path, ObjectPath)):
        return store
    if "://" not in store:
        return Path(store)
    bucket, _, key = store.removeprefix(S3).rstrip("/").partition("/")
    if not store.startswith(S3) or not bucket or not key:
        raise UserError(f"{store}: a store is a folder, or a URL s3://BUCKET/PATH")
    _obstore()
    return ObjectPath(bucket, key)


def endpoint() -> str | None:
    """URL of the server, where it is not Amazon's."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION


@dataclass(frozen=True)
class Size:
    """What ``ObjectPath.stat`` knows."""

    st_size: int


@dataclass(frozen=True)
class ObjectPath:
    """An object, or a prefix of objects; as much of ``pathlib.Path`` as reading a store takes.

    What it raises is ``FileNotFoundError`` or, for all that keeps an answer away, ``Unreachable``.
    """

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{S3}{self.bucket}/{self.key}"

    def as_posix(self) -> str:
        return str(self)

    def __truediv__(self, name: str) -> "ObjectPath":
        return ObjectPath(self.bucket, f"{self.key}/{name}")

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    def relative_to(self, other: "ObjectPath") -> PurePosixPath:
        return PurePosixPath(self.key).relative_to(other.key)

    def stat(self) -> Size:
        with self._asked():
            return Size(_obstore().head(self.client(), self.key)["size"])

    def is_file(self) -> bool:
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        return next(iter(self.rglob("*")), None) is not None

    def rglob(self, pattern: str) -> Iterator["ObjectPath"]:
        """Every object below this prefix; there is no other pattern than ``*``."""
        assert pattern == "*", pattern
        with self._asked():
            for batch in _obstore().list(self.client(), f"{self.key}/"):
                yield from (ObjectPath(self.bucket, found["path"]) for found in batch)

    def iterdir(self) -> Iterator["ObjectPath"]:
        """The objects, and the prefixes, directly below this one."""
        with self._asked():
            found = _obstore().list_with_delimiter(self.client(), f"{self.key}/")
        keys = [*found["common_prefixes"], *(entry["path"] for entry in found["objects"])]
        return (ObjectPath(self.bucket, key.rstrip("/")) for key in keys)

    def read_range(self, start: int, count: int) -> bytes:
        with self._asked():
            found = _obstore().get_range(self.client(), self.key, start=start, length=count)
        return found.to_bytes()

    def read_bytes(self) -> bytes:
        with self._asked():
            return _obstore().get(self.client(), self.key).bytes().to_bytes()

    def read_text(self) -> str:
        return self.read_bytes().decode()

    def open(self, mode: str) -> io.BufferedReader:
        assert mode == "rb", mode
        return io.BufferedReader(_Stream(self), BUFFER)

    def client(self, prefix: str | None = None) -> "S3Store":
        return _client(self.bucket, prefix, endpoint())

    @contextmanager
    def _asked(self) -> Iterator[None]:
        with asked(self):
            yield


@contextmanager
def asked(what: object) -> Iterator[None]:
    """Make one line of an error of the object store, that names ``what`` was asked for."""
    known = _obstore().exceptions
    try:
        yield
    except (known.NotFoundError, FileNotFoundError):
        raise FileNotFoundError(f"{what}: there is no such object") from None
    except (known.BaseError, OSError) as error:
        raise Unreachable(f"{what} cannot be read ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """The first line of a message, which goes on with a dump of the error for programmers."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


class _Stream(io.RawIOBase):
    """An object as a file that can be read at any place."""

    def __init__(self, path: ObjectPath) -> None:
        self._path, self._size, self._at = path, path.stat().st_size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:
        count = min(len(buffer), self._size - self._at)
        if count <= 0:
            return 0
        # An answer of another length does not fit, so none is ever taken for a shorter file.
        buffer[:count] = self._path.read_range(self._at, count)
        self._at += count
        return count


def _obstore() -> Any:  # noqa: ANN401
    """The package, which only those need who read from object stores."""
    try:
        import obstore
        import obstore.exceptions
        import obstore.store
    except ImportError:
        raise UserError(
            "a store on S3 needs the package obstore; say: pip install 'phasegen[s3]'"
        ) from None
    return obstore


@cache
def _client(bucket: str, prefix: str | None, url: str | None) -> "S3Store":
    """Client of a bucket; credentials are those of the variables ``AWS_*``."""
    own = {"endpoint": url} if url else {}
    return _obstore().store.S3Store(
        bucket,
        prefix=prefix,
        region=region(),
        client_options={
            "allow_http": bool(url and url.startswith("http://")),
            # A shard is large: what counts is that bytes come, not how long all of them take.
            "read_timeout": timedelta(seconds=SECONDS_OF_SILENCE),
            "timeout": timedelta(hours=1),
        },
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=SECONDS_TO_RETRY),
        },
        **own,
    )
