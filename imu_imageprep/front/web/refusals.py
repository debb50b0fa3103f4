"""What the page answers when it does not do what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain import errors

if TYPE_CHECKING:
    from starlette.types import Scope


class Refusal(Exception):
    """A request that is not served.

    Args:
        status: of HTTP.
        code: a short word that the page's scripts know.
        message: one plain sentence.
        advice: one plain sentence: what to do.
        retry: seconds after which it may be tried again.
    """

    def __init__(
        self, status: int, code: str, message: str, advice: str = "", *, retry: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.advice = advice
        self.retry = retry

    def to_json(self) -> dict[str, object]:
        """As the page's scripts read it."""
        return {"error": {"code": self.code, "message": self.message, "advice": self.advice}}


class NoRoom(Refusal):
    """A photo that is not taken before any of it was read: there is no room for it (now)."""


_BY_KIND: tuple[tuple[type[errors.ImageprepError], int, str], ...] = (
    (errors.UsageProblem, 422, "usage"),
    (errors.PolicyProblem, 422, "policy"),
    (errors.InputProblem, 422, "input"),
    (errors.ModelProblem, 500, "model"),
    (errors.OutputProblem, 507, "output"),
    (errors.VerifyProblem, 500, "verify"),
)


def of_problem(problem: errors.ImageprepError) -> Refusal:
    """A problem of the core as a refusal."""
    for kind, status, code in _BY_KIND:
        if isinstance(problem, kind):
            return Refusal(status, code, problem.message, problem.advice)
    return bug()


def bug() -> Refusal:
    """The refusal of a request that met a bug; it tells nothing of what was in it."""
    return Refusal(
        500,
        "bug",
        "imageprep itself failed. Nothing was exported.",
        "Report what you did.",
    )


def not_found() -> Refusal:
    """There is nothing of that name, or no longer."""
    return Refusal(
        404, "not-found", "This was not found. It may be gone.", "Go back to the photos."
    )


def wrong_state() -> Refusal:
    """The photo is past that, or not there yet."""
    return Refusal(409, "state", "This cannot be done with the photo now.", "Load the page again.")


def look_first() -> Refusal:
    """The photo had something to be answered, and nobody looked at the picture as it leaves."""
    return Refusal(
        409,
        "look-first",
        "Somebody has to look at this picture before it is exported.",
        "Look at it as it would be exported.",
    )


def of_http(status: int) -> Refusal:
    """What the router refuses."""
    if status == 405:  # noqa: PLR2004
        return Refusal(405, "method", "This cannot be done here.", "Go back to the photos.")
    return not_found() if status == 404 else bug()  # noqa: PLR2004


def speaks_json(scope: Scope) -> bool:
    """Whether whoever asks is a script."""
    return str(scope.get("path", "")).startswith(("/api/", "/control/", "/strings.json"))
