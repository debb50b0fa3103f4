"""Time and memory of planning a run over many objects of a bucket.

    uv run python tools/measure_listing.py 1000 100000 1000000

A service of its own process makes up the pages of ListObjectsV2, a thousand names each; nothing is
read. Each number of objects is planned by a process of its own, which prints how long that took and
the most memory that it had, beside what it had before the first name.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

import ports  # noqa: E402  (its folder is named above)

if sys.platform == "win32":
    sys.exit("Windows does not tell a process's largest memory so.")

_PAGE = 1000
_ENTRY = "<Contents><Key>in/{:09d}.jpg</Key><Size>4000000</Size></Contents>"
_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>archive</Name><Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount>"
    "<MaxKeys>1000</MaxKeys><IsTruncated>{more}</IsTruncated>{token}{entries}</ListBucketResult>"
)


def serve(port: int, objects: int) -> None:
    """Answer listings of ``in/`` with so many objects; nothing else is there."""

    class Listing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(404, b"")

        def do_GET(self) -> None:
            asked = {key: one[0] for key, one in parse_qs(urlsplit(self.path).query).items()}
            first = int(asked.get("continuation-token", 0))
            most = int(asked.get("max-keys", _PAGE))
            last = min(first + most, objects) if asked.get("prefix") == "in/" else first
            text = _ANSWER.format(
                prefix=asked.get("prefix", ""),
                count=last - first,
                more="true" if first < last < objects else "false",
                token=f"<NextContinuationToken>{last}</NextContinuationToken>",
                entries="".join(_ENTRY.format(number) for number in range(first, last)),
            )
            self._answer(200, text.encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    ThreadingHTTPServer(("127.0.0.1", port), Listing).serve_forever()


def plan(objects: int) -> None:
    """Plan a run over them, and print what it took."""
    from imu_imageprep.batch.plan import Plan  # noqa: PLC0415  (not in the service)
    from imu_imageprep.storage import place  # noqa: PLC0415

    plan = Plan([place("s3://archive/in")], place("s3://archive/out"))
    tasks = iter(plan)
    next(tasks)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, cpu = time.perf_counter(), time.process_time()
    count = 1 + sum(1 for _ in tasks)
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert count == objects, count
    print(
        f"{count:>10,} objects: {took:7.1f} s, {cpu:7.1f} CPU s, peak {peak / 1024:6.1f} MiB "
        f"({before / 1024:.1f} at the first name)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("objects", type=int, nargs="+")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--plan", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.serve:
        serve(told.serve, *told.objects)
    if told.plan:
        plan(*told.objects)
        return
    for objects in told.objects:
        port = ports.free()
        again = [sys.executable, __file__, str(objects)]
        service = subprocess.Popen([*again, "--serve", str(port)])
        try:
            env = {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "x",
                "AWS_SECRET_ACCESS_KEY": "x",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            ports.listens(port, service)
            subprocess.run([*again, "--plan"], env={**os.environ, **env}, check=True)
        finally:
            service.kill()
            service.wait()


if __name__ == "__main__":
    main()
