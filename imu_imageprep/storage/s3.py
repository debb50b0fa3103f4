"""Buckets: objects are written by one request each, under conditions that the service checks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import s3fs
from botocore import exceptions
from fsspec.asyn import sync

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.storage.asking import Asked, Told
from imu_imageprep.storage.port import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.domain.place import Remote

# Seconds until a connection stands, and between two answers; and how often a request is made.
_CONNECT, _ANSWER, _TRIES = 15, 60, 3
_PIECE = 1 << 20  # bytes read at a time where only the hash is wanted

# What the service answers (docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) where a
# condition of a write does not hold: something has the name, or is being written in this moment,
# perhaps to no end; such a request is to be made again.
_TAKEN = {"PreconditionFailed", "412"}
_BUSY = {"ConditionalRequestConflict", "409"}
_UNKNOWN = {"NotImplemented", "501"}
_SKEWED = {"RequestTimeTooSkewed", "RequestExpired"}
_GONE = {"NoSuchKey", "404"}
_WRONG_KEY = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.TokenRetrievalError,
)
_UNREACHABLE = (exceptions.HTTPClientError, exceptions.ConnectionError)


class Bucket(Asked):
    """As of ``port.Store``, by way of s3fs's client, which finds the credentials.

    Args:
        where: an address in it.
    """

    def __init__(self, where: Remote) -> None:
        super().__init__(where)
        self._bucket = where.host
        with self.asking():
            self._fs = s3fs.S3FileSystem(
                skip_instance_cache=True,
                use_listings_cache=False,
                config_kwargs={
                    "connect_timeout": _CONNECT,
                    "read_timeout": _ANSWER,
                    "retries": {"mode": "standard", "max_attempts": _TRIES},
                },
            )
            self._fs.retries = 1  # botocore's own tries are enough

    def why(self, problem: Exception) -> Told | None:  # noqa: PLR0911  (one for each kind)
        """As of ``Asked``."""
        problem = problem.__cause__ if isinstance(problem.__cause__, Exception) else problem
        if isinstance(problem, _NO_CREDENTIALS):
            return Told(
                f"No credentials were found for {self.name}.",
                "Give them as other programs want them: AWS_PROFILE, ~/.aws (docs/archive.md).",
            )
        code = _code(problem)
        if code in _GONE | _TAKEN:
            return None
        if code == "NoSuchBucket":
            return Told(f"There is no bucket named {self._bucket}.", "Check the spelling.")
        if code in _WRONG_KEY:
            return Told(
                f"{self.name} does not take these credentials.",
                "Check them with: aws sts get-caller-identity",
            )
        if code in {"AccessDenied", "403"}:
            return self.not_allowed()
        if code in _SKEWED:
            return Told(
                f"{self.name} refuses the time of this computer.",
                "Set its clock right; it may be minutes off at most.",
            )
        if code in _UNKNOWN:
            return Told(
                f"{self.name} does not know what imageprep asks for ({code}).",
                "It has to know writes under a condition (If-None-Match): docs/archive.md.",
            )
        if isinstance(problem, _UNREACHABLE):
            return self.unreachable("no answer")
        if code:
            return Told(f"{self.name} refused ({code}).", "Try again, or ask its administrator.")
        return None

    def check(self, folder: Remote) -> None:
        """As of ``port.Store``: the bucket is there, and its names may be read."""
        with self.asking(OutputProblem):
            self._page(folder, "", 1)

    def kind(self, place: Remote) -> Kind | None:
        """As of ``port.Store``: a folder is what names begin with."""
        with self.asking():
            if place.key and self._head(place):
                return Kind.FILE
            page = self._page(place, "", 1)
            return Kind.FOLDER if page.get("KeyCount") or not place.key else None

    def pages(self, folder: Remote) -> Iterator[Sequence[Entry]]:
        """As of ``port.Store``: of a thousand names each."""
        after = ""
        skip = len(_prefix(folder))
        while True:
            with self.asking():
                page = self._page(folder, after)
            files = ((one["Key"][skip:], one["Size"]) for one in page.get("Contents", ()))
            folders = (one["Prefix"][skip:-1] for one in page.get("CommonPrefixes", ()))
            yield [
                # A program that shows folders leaves an empty object in each, called as it is.
                *(Entry(name, Kind.FILE, size) for name, size in files if name),
                *(Entry(name, Kind.FOLDER) for name in folders),
            ]
            if not page.get("IsTruncated"):
                return
            after = page["NextContinuationToken"]

    def read(self, place: Remote, fits: Callable[[int], object]) -> bytes:
        """As of ``port.Store``."""

        async def whole(size: int, body: Any) -> bytes:
            fits(size)
            return bytes(await body.read())

        with self.asking():
            data: bytes = self._got(place, whole)[1]
        return data

    def beginning(self, place: Remote, count: int) -> bytes:
        """As of ``port.Store``."""

        async def start(_: int, body: Any) -> bytes:
            return bytes(await body.read(count))

        with self.asking():
            try:
                data: bytes = self._got(place, start, Range=f"bytes=0-{count - 1}")[1]
            except OSError as problem:
                if _code(problem.__cause__) not in {"InvalidRange", "416"}:  # it is empty
                    raise
                return b""
        return data

    def there(self, place: Remote) -> bool:
        """As of ``port.Exports``."""
        with self.asking(OutputProblem):
            return self._head(place)

    def digest(self, place: Remote) -> str | None:
        """As of ``port.Exports``."""
        with self.asking(OutputProblem):
            try:
                return self._hashed(place)[1]
            except FileNotFoundError:
                return None

    def ready(self, folder: Remote) -> None:
        """As of ``port.Exports``: a bucket has no folders to make."""

    def put_new(self, place: Remote, data: bytes) -> None:
        """As of ``port.Exports``."""
        with self.asking(OutputProblem):
            self._put(place, data, IfNoneMatch="*")

    def replace(self, place: Remote, data: bytes, earlier: str) -> None:
        """As of ``port.Exports``: the very object whose bytes were read."""
        with self.asking(OutputProblem):
            try:
                tag, sha256 = self._hashed(place)
            except FileNotFoundError:
                raise FileExistsError from None
            if sha256 != earlier:
                raise FileExistsError
            self._put(place, data, IfMatch=tag)

    def sweep(self, folder: Remote) -> int:
        """As of ``port.Exports``: a request that was cut off leaves nothing."""
        del folder
        return 0

    def _page(self, folder: Remote, after: str, most: int = 1000) -> Any:
        more = {"ContinuationToken": after} if after else {}
        return self._fs.call_s3(
            "list_objects_v2",
            Bucket=self._bucket,
            Prefix=_prefix(folder),
            Delimiter="/",
            MaxKeys=most,
            **more,
        )

    def _head(self, place: Remote) -> bool:
        try:
            self._fs.call_s3("head_object", Bucket=self._bucket, Key=place.key)
        except FileNotFoundError:
            return False
        return True

    def _hashed(self, place: Remote) -> tuple[str, str]:
        """The tag of an object, and the hex sha256 of its bytes."""

        async def digest(_: int, body: Any) -> str:
            whole = hashlib.sha256()
            while piece := await body.read(_PIECE):
                whole.update(piece)
            return whole.hexdigest()

        return self._got(place, digest)

    def _got(self, place: Remote, take: Callable[..., Any], **more: str) -> tuple[str, Any]:
        """The tag of an object, and what is taken of its bytes (size, stream)."""

        async def get() -> tuple[str, Any]:
            # Not cat_file: size, bytes and tag have to be of one answer.
            answer = await self._fs._call_s3(  # noqa: SLF001
                "get_object", Bucket=self._bucket, Key=place.key, **more
            )
            async with answer["Body"] as body:
                return answer["ETag"], await take(answer["ContentLength"], body)

        tag, taken = sync(self._fs.loop, get)
        return tag, taken

    def _put(self, place: Remote, data: bytes, **condition: str) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._put_once(place, data, **condition)
            except OSError as problem:
                if not left or _code(problem.__cause__) not in _BUSY:
                    raise
            else:
                return

    def _put_once(self, place: Remote, data: bytes, **condition: str) -> None:
        try:
            self._fs.call_s3(
                "put_object",
                Bucket=self._bucket,
                Key=place.key,
                Body=data,
                ContentType=_TYPES.get(place.suffix, "application/octet-stream"),
                **condition,
            )
        except Exception as problem:
            cause = problem.__cause__ or problem
            taken = _code(cause) in _TAKEN | (_GONE if "IfMatch" in condition else set())
            # A request whose answer was lost is made again, on more than one level of the libraries
            # and not always told, and then finds what it wrote itself.
            lost = taken or _code(cause) in _BUSY or isinstance(cause, _UNREACHABLE)
            if lost and self._lies(place, data):
                return
            if taken:
                raise FileExistsError from None
            raise

    def _lies(self, place: Remote, data: bytes) -> bool:
        """Whether an object is byte for byte what was to be written."""
        try:
            return self._hashed(place)[1] == hashlib.sha256(data).hexdigest()
        except Exception:  # noqa: BLE001  (nobody knows: what went wrong before is told)
            return False


_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}


def _prefix(folder: Remote) -> str:
    return f"{folder.key}/" if folder.key else ""


def _code(problem: BaseException | None) -> str:
    """The service's word for what it refused."""
    answer = getattr(problem, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
