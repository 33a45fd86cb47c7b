"""A server that answers byte by byte what a test gave it, and keeps what it was asked."""

import json
import socket
import struct
import threading
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Union


class Received(NamedTuple):
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes


Script = Union[bytes, Callable[[socket.socket], None]]


class RawServer:
    """One script after the other, the last one for ever; then the line is closed."""

    def __init__(self, *scripts: Script) -> None:
        self.received: List[Received] = []
        self.scripts = list(scripts)
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        with connected:
            request = _read_request(connected)
            if request is None:
                return
            self.received.append(request)
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            try:
                if callable(script):
                    script(connected)
                else:
                    connected.sendall(script)
            except OSError:
                pass  # The client has gone.


def _read_request(connected: socket.socket) -> Optional[Received]:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connected.recv(65_536)
        if not chunk:
            return None
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, value = line.split(": ", 1)
        headers[name.lower()] = value
    while len(body) < int(headers.get("content-length", "0")):
        body += connected.recv(65_536)
    method, path, _ = first.split(" ")
    return Received(method, path, headers, body)


def http(status: int, body: Any = b"", length: Optional[int] = None, **headers: str) -> bytes:
    """An answer as HTTP writes it; `length` may promise more than comes. None leaves a header out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content) if length is None else length),
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


def reset(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connected.close()


def drip(start: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, for ever: a time-out of the socket never comes."""

    def send(connected: socket.socket) -> None:
        connected.sendall(start)
        for _ in range(1_000):
            time.sleep(0.02)
            connected.sendall(b" ")

    return send
