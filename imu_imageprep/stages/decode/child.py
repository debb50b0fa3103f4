"""The child process that decodes what could crash, hang or eat memory.

It reads requests from its standard input until that ends, which it does when the parent dies.
A request is one line of JSON and the file's bytes; a reply is one line of JSON and the pixels.
Nothing is written to disk.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from PIL import AvifImagePlugin, Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.stages.decode.isolated import (
    Request,
    frame_to_reply,
    problem_to_reply,
)
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.decode.pixels import render
from imu_imageprep.stages.decode.trouble import in_plain_words

if TYPE_CHECKING:
    from typing import BinaryIO

# Address space: a base for the interpreter and its libraries, and per pixel of the largest picture
# allowed. The hungriest decoder measured, JPEG 2000, holds 16 bytes a pixel, its output apart.
_BASE_BYTES = 512_000_000
_BYTES_PER_PIXEL = 24


def main() -> None:
    """Answer requests until standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    # What a decoder's library prints must not get between the replies.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    # Ctrl-C goes to the parent's whole group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The size is checked against the policy's limit right after opening.
    Image.MAX_IMAGE_PIXELS = None
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # photos run in parallel, not parts of one
    requests = sys.stdin.buffer
    while line := requests.readline():
        request, size = Request.from_line(line)
        head, pixels = _answer(request, requests, size)
        replies.write(head)
        replies.write(pixels)
        replies.flush()


def _answer(request: Request, requests: BinaryIO, size: int) -> tuple[bytes, bytes]:
    _limit(request)
    try:
        with in_plain_words():
            data = requests.read(size)
        picture = open_picture(data, request.format, request.long_side, request.limits)
        del data
        return frame_to_reply(
            render(picture, request.orientation, request.long_side, request.colour)
        )
    except InputProblem as problem:
        return problem_to_reply(problem)
    finally:
        _alarm(0)


def _limit(request: Request) -> None:
    # Where the parent was killed, nobody ends a decoder that hangs: the system's alarm does.
    _alarm(request.limits.seconds + 1)
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (Windows has none)

    with contextlib.suppress(OSError, ValueError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the pixels
        most = _BASE_BYTES + int(request.limits.megapixels_whole * 1e6 * _BYTES_PER_PIXEL)
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _alarm(seconds: float) -> None:
    """End this process after ``seconds`` even inside a library; 0 takes it back."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
