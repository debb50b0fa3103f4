"""The process that decodes: it shuts itself in, and then answers until its requests end.

They end when its parent does. A request is one line of JSON and the file's bytes; an answer is one
line of JSON and the pixels. Nothing is written to disk.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Source
from imu_imageprep.sandbox import kernel
from imu_imageprep.sandbox.wire import Answer, Request, hello, problem_told
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.decode.pixels import render
from imu_imageprep.stages.decode.trouble import in_plain_words
from imu_imageprep.stages.metadata import describe, listing

if TYPE_CHECKING:
    from typing import BinaryIO


def main() -> None:
    """Shut this process in, and answer requests on standard input until they end."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a decoder's library prints must not get between the answers.
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    os.close(quiet)
    # Ctrl-C goes to the parent's whole group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The size is checked against the policy's limit right after opening.
    Image.MAX_IMAGE_PIXELS = None
    # One thread is enough for NumPy, and those for every processor would need much address space.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    replies.write(hello(kernel.shut_in()))
    replies.flush()
    while line := requests.readline():
        request, size = Request.from_line(line)
        head, pixels = _answer(request, requests, size)
        replies.write(head)
        replies.write(pixels)
        replies.flush()


def _answer(request: Request, requests: BinaryIO, size: int) -> tuple[bytes, bytes]:
    # Where the parent was killed, nobody ends a decoder that hangs: the system's alarm does.
    _alarm(request.limits.seconds + 1)
    try:
        with in_plain_words():
            data = requests.read(size)
        source = Source(None, data, "", request.format)
        metadata = describe(source)
        listed = listing(source) if request.values else ((), ())
        side = request.long_side
        if side is None:
            return Answer(metadata, None, listed).to_wire()
        picture = open_picture(data, request.format, side, request.limits)
        del data, source
        frame = render(picture, metadata.orientation, side, metadata.colour)
        return Answer(metadata, frame, listed).to_wire()
    except InputProblem as problem:
        return problem_told(problem)
    finally:
        _alarm(0)


def _alarm(seconds: float) -> None:
    """End this process after ``seconds`` even inside a library; 0 takes it back."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
