"""A local HTTP server that has every fault that a download has to survive."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Fault:
    """What goes wrong with one answer; offsets count from the start of its body."""

    cut_after: int | None = None
    stall_after: int | None = None
    wrong_byte: int | None = None
    status: int | None = None
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class FileServer(ThreadingHTTPServer):
    """Serves ``files`` by path; each answer takes the next of ``faults``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.ranges = True
        self.if_range = True
        self.asked: list[dict] = []
        self.released = threading.Event()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"

    @property
    def served(self) -> int:
        """Bytes of bodies, over all answers."""
        return sum(answer["bytes"] for answer in self.asked)

    def handle_error(self, request, client_address) -> None:
        """Clients that go away are part of the tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        name = self.path[1:]
        fault = server.faults.pop(0) if server.faults else Fault()
        asked = {key: self.headers.get(key) for key in ("Range", "If-Range")}
        answer = {"name": name, "bytes": 0} | asked
        server.asked.append(answer)
        if fault.status or name not in server.files:
            self.answer(fault.status or 404, {"Content-Length": "0"} | fault.headers)
            return
        content, tag = server.files[name], server.tags.get(name)
        start = self.start(tag)
        headers = {"ETag": tag} if tag else {}
        if start > len(content) - 1:
            headers |= {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"}
            self.answer(416, headers)
            return
        body = bytearray(content[start:])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        length = len(body) if fault.length is None else fault.length
        self.answer(206 if start else 200, headers | {"Content-Length": length} | fault.headers)
        if fault.wrong_byte is not None:
            body[fault.wrong_byte] ^= 1
        self.send(body, fault, answer)

    def start(self, tag: str | None) -> int:
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        changed = self.headers.get("If-Range", tag) != tag and self.server.if_range
        return int(asked[1]) if asked and self.server.ranges and not changed else 0

    def answer(self, status: int, headers: dict) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, str(value))
        self.end_headers()

    def send(self, body: bytearray, fault: Fault, answer: dict) -> None:
        stops = [n for n in (fault.cut_after, fault.stall_after) if n is not None]
        whole = body[: min([len(body), *stops])]
        for at in range(0, len(whole), 1 << 14):
            piece = whole[at : at + (1 << 14)]
            self.wfile.write(piece)
            answer["bytes"] += len(piece)
        if fault.stall_after is not None:
            self.server.released.wait()
        if stops or len(body) != (fault.length or len(body)):
            self.close_connection = True

    def log_message(self, *words) -> None:
        pass


@contextmanager
def serving() -> Iterator[FileServer]:
    """A server at work in a thread."""
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
