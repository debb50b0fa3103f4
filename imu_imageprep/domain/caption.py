"""The text that goes beside an export: what to write under the picture, and what not to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.identifiers import identifier_in, long_number_in
from imu_imageprep.domain.naming import names_nobody
from imu_imageprep.domain.policy import Profile

if TYPE_CHECKING:
    from imu_imageprep.domain.policy import Policy

REMINDER = (
    "[Not for the post] Alt text: say what the picture shows, name nobody, and give no hint who it "
    "is."
)
_MOST = 2000
_AT_THE_PAGE = "Take it out; write large numbers with commas, like 100,000."
# Record numbers of hospitals are runs of digits; a caption that counts can group its digits.
_LONG_NUMBER = 6
# Not printable to Python, and in the spelling of names and emoji: joiners and the no-break space.
_IN_WORDS = "\n\u200c\u200d\u00a0"


def caption(text: str, credit: str | None, policy: Policy) -> str:
    """The caption's lines: a person's own text, the credit, and what the profile asks for.

    Args:
        text: a person's own; may be empty.
        credit: the credit line that is drawn on the picture.
        policy: says whose page it is, and the disclaimer of personal ones.
    """
    if policy.profile is Profile.PERSONAL:
        said = policy.caption.disclaimer
    else:
        owner = policy.owner
        role = f", {owner.role}" if owner.role.strip() else ""
        said = f"Responsible for the content: {owner.responsible}{role}"
    parts = [text.strip(), (credit or "").strip(), said.strip(), REMINDER]
    return "\n\n".join(part for part in parts if part) + "\n"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote to go with a picture.

    Attributes:
        caption: below the picture.
        alt: what it shows, for people who do not see it.
    """

    caption: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        check_caption(self.caption, "The caption", _AT_THE_PAGE)
        check_caption(self.alt, "The alt text", _AT_THE_PAGE)


def check_caption(
    text: str,
    what: str = "The caption",
    advice: str = "Take it out of --caption-text; write large numbers with commas, like 100,000.",
) -> None:
    """Refuse a text that would identify someone.

    Args:
        text: what somebody wrote.
        what: what the text is.
        advice: what to do where it holds an identifier.

    Raises:
        UsageProblem: it holds what looks like an identifier, or is no plain text.
    """
    kind = identifier_in(text)
    if kind is None and long_number_in(text, _LONG_NUMBER):
        kind = "a record number"
    if kind is not None:
        raise UsageProblem(
            f"{what} holds what looks like {kind}, which must not be posted.", advice
        )
    if len(text) > _MOST or not all(c.isprintable() or c in _IN_WORDS for c in text):
        raise UsageProblem(f"{what} is not plain text of at most {_MOST} characters.")


def check_credit(text: str) -> None:
    """Refuse a credit line that would identify someone, or that credits nobody.

    A blank one is none.

    Raises:
        UsageProblem: it holds what looks like an identifier, or no name that a person can read.
    """
    if (kind := identifier_in(text)) is not None:
        raise UsageProblem(
            f"The credit line looks like {kind}, which must not be drawn on a picture.",
            "Write the name of whoever made the picture, and no number or address.",
        )
    if text.strip() and names_nobody(text):
        raise UsageProblem(
            "The credit line names nobody that a person can read.",
            'Write whose picture it is, like "Photo: Example Agency". Do not post a picture whose '
            "owner you do not know.",
        )
