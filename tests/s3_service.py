"""An S3 service of its own process: moto's, which keeps what it was sent.

    python tests/s3_service.py PORT FOLDER

Every request's body is added to FOLDER/received, and one line with its status to FOLDER/requests.
Where FOLDER/lose is there, the next object whose name holds its text is kept, and nobody is told.
Each line of FOLDER/refuse, a method, a code and a status, refuses one request of that method.
Writes are taken one at a time, as a service does that checks their conditions.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Kept:
    """moto's application, and what went into it."""

    def __init__(self, folder: Path) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._turn = threading.Lock()
        self._lose = folder / "lose"
        self._refuse = folder / "refuse"
        self._received = (folder / "received").open("ab", buffering=0)
        self._requests = (folder / "requests").open("ab", buffering=0)

    def __call__(self, environ: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with self._turn:
            if (refusal := self._refusal(environ["REQUEST_METHOD"])) is not None:
                code, status = refusal
                why = f"<Error><Code>{code}</Code></Error>".encode()
                begin(f"{status} Refused", [("Content-Length", str(len(why)))])
                return [why]
            self._received.write(body)

            def begun(status: str, *rest: Any) -> Any:
                line = f"{status[:3]} {environ['REQUEST_METHOD']} {environ['PATH_INFO']}\n"
                self._requests.write(line.encode(errors="replace"))
                return begin(status, *rest)

            told = list(self._moto(environ, begun))
            if environ["REQUEST_METHOD"] == "PUT" and self._lost(environ["PATH_INFO"]):
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                raise ConnectionResetError
            return told

    def _refusal(self, method: str) -> tuple[str, str] | None:
        lines = self._refuse.read_text("utf-8").splitlines() if self._refuse.exists() else []
        if not lines or lines[0].split()[0] != method:
            return None
        self._refuse.write_text("\n".join(lines[1:]), "utf-8")
        _, code, status = lines[0].split()
        return code, status

    def _lost(self, path: str) -> bool:
        if not self._lose.exists() or self._lose.read_text("utf-8") not in path:
            return False
        self._lose.unlink()
        return True


def main(port: int, folder: Path) -> None:
    """Serve until it is ended."""
    make_server("127.0.0.1", port, Kept(folder), threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
