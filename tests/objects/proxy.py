"""A TCP proxy before an HTTP server, that can cut a connection in the middle of a body."""

import re
import socket
import threading
from contextlib import suppress

HEAD = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Hands everything on, but for the requests that it was told to cut or refuse."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut: list[tuple[str, str]] = []
        """Requests that were cut, by method and path."""
        self.seen: list[tuple[str, str]] = []
        self._orders: list[tuple[str, str, int, int]] = []
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def order(self, method: str, ending: str, after: int, times: int = 1) -> None:
        """Cut the next requests of a path after so many bytes of a body; below 0 they are refused."""
        self._orders.append((method, ending, after, times))

    def forget(self) -> None:
        self._orders.clear()
        self.cut.clear()
        self.seen.clear()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._connection, args=[client], daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.target)) as up:
            answers = {"left": None}
            back = threading.Thread(target=_answer, args=[up, client, answers], daemon=True)
            back.start()
            left = None
            while data := client.recv(2**16):
                if head := HEAD.match(data):
                    method, path = head[1].decode(), head[2].decode().partition("?")[0]
                    self.seen.append((method, path))
                    after = self._ordered(method, path)
                    if after is not None and after < 0:
                        client.sendall(REFUSAL)
                        break
                    if after is not None and method == "PUT":
                        left = after + (data + b"\r\n\r\n").index(b"\r\n\r\n") + 4
                    elif after is not None:
                        answers["left"] = after
                if left is None:
                    up.sendall(data)
                elif len(data) < left:
                    up.sendall(data)
                    left -= len(data)
                else:
                    up.sendall(data[:left])
                    break
            _close(client, up)

    def _ordered(self, method: str, path: str) -> int | None:
        with self._lock:
            for number, (wanted, ending, after, times) in enumerate(self._orders):
                if times and method == wanted and path.endswith(ending):
                    self._orders[number] = (wanted, ending, after, times - 1)
                    self.cut.append((method, path))
                    return after
        return None


def _answer(up: socket.socket, client: socket.socket, answers: dict[str, int | None]) -> None:
    with suppress(OSError):
        while data := up.recv(2**16):
            if answers["left"] is not None and b"\r\n\r\n" in data:
                keep = data.index(b"\r\n\r\n") + 4 + answers["left"]
                client.sendall(data[:keep])
                if len(data) > keep:
                    break
                answers["left"] -= len(data) - data.index(b"\r\n\r\n") - 4
            elif answers["left"] is not None and data and not data.startswith(b"HTTP/"):
                client.sendall(data[: answers["left"]])
                break
            else:
                client.sendall(data)
    _close(client, up)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
