"""The one table of how identifiers are written, and of the days and times that are none.

Every expression is searched in the spelling of ``spelling.normal`` in lower case, with a space for
"_". None is compiled here: most commands use none.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple


class Source(Enum):
    """Where a text stands; a pattern may hold for one of them only."""

    NAME = "a file's name"
    TEXT = "other text"
    READ = "text read in a picture, where the patterns of other text hold"
    BOTH = "both"


class Stage(IntEnum):
    """What is cut out of a text before a pattern is searched in it."""

    WHOLE = 0
    WITHOUT_DAYS = 1
    WITHOUT_YEARS = 2


class Pattern(NamedTuple):
    """How one kind of identifier is written.

    Attributes:
        kind: what a person is told.
        digits: the fewest that it has; a text with fewer is not searched.
        expression: a regular expression.
        source: where it is searched.
        stage: what is cut out before: a day of capture is no record number.
        words: signs, or letters in a row whatever stands between them; it has one of these, and a
            text without them is not searched.
    """

    kind: str
    digits: int
    expression: str
    source: Source = Source.BOTH
    stage: Stage = Stage.WITHOUT_DAYS
    words: tuple[str, ...] = ()


class Cut(NamedTuple):
    """What looks like a number of a person and is none; it has so many digits at least."""

    stage: Stage
    digits: int
    expression: str
    source: Source = Source.BOTH


CARD = "an identity number"
RECORD = "a record number"
EMAIL = "an e-mail address"
PHONE = "a phone number"
PATIENT = "the word patient"
WARD = "a ward or bed number"
BORN = "a date of birth"

# What people put between groups of digits; a comma rather parts the numbers of a list.
_S = r"[^\w,;]{1,3}"
_S0 = rf"(?:{_S})?"

# --- identity cards: YYMMDD-PB-NNNN (MyKad, National Registration Regulations 1990); Singapore has
# a letter, seven digits and a letter
_MM_DD = rf"(?:0{_S0}[1-9]|1{_S0}[0-2]){_S0}(?:0{_S0}[1-9]|[12]{_S0}\d|3{_S0}[01])"
_CLOCK = rf"(?:[01]{_S0}\d|2{_S0}[0-3])(?:{_S0}[0-5]{_S0}\d){{2}}"

# --- words that announce a number; people write M.R.N. and N R I C too
_NO = r"(?:nos?|num|number|nombor|bil|id|lama|baru|old|new|is|ialah)(?![a-z])"
_GAP = rf"\W{{0,3}}(?:{_NO}\W{{0,4}}){{0,2}}"
_LABEL = rf"(?:\W{{0,3}}{_NO}\W{{0,4}}|\W{{0,2}}[:#=]\W{{0,3}})"
_CODE = r"[a-z]{0,3}[-./]?\d(?:[-./ ]?\d){3,}"
_STRONG = r"m\W?r\W?n|n\W?r\W?i\W?c|uhid"
_STRONG_WORDS = ("mrn", "nric", "uhid")
# These stand for other things too, so a year after them is a year ("RN 2026", "IC 2026").
_WEAK = (
    r"(?:r\.?n|i[./\\]?c|k[./\\]?p|pass?port|paspot|my\W?(?:kad|kid|pr)|kad\W{1,2}pengenalan"
    r"|medical\W{1,2}record|rekod\W{1,2}perubatan)"
)
_WEAK_WORDS = ("rn", "ic", "kp", "pas", "my", "pengenalan", "record", "rekod")
_YEAR = r"(?:19|20)\d{2}(?:[-./](?:19|20)?\d{2})?(?![-./]?\d)"
_NOT_A_YEAR = rf"(?!{_YEAR})\d(?:[-./]?\d){{3,}}"
_PEOPLE = (
    r"(?:patient|pesakit|hospital|record|rekod|student|pelajar|staff|staf|employee|pekerja|matric"
    r"|matrik|identity|pengenalan|registration|pendaftaran|admission)s?"
)
_PEOPLE_WORDS = (
    *("patient", "pesakit", "hospital", "record", "rekod", "student", "pelajar", "sta", "employee"),
    *("pekerja", "matri", "identity", "pengenalan", "registration", "pendaftaran", "admission"),
)
_THEIR = r"(?:\W{0,2}(?:nos?|num|number|nombor|id|card|kad|record|code|kod|#)(?![a-z])){1,2}"

# --- telephone numbers, with their country (ITU-T E.123) or the zero of an area
_SIGN = (
    r"(?:(?<![a-z])(?:tel|telefon|telephone|phone|fon|mobile|handphone|whatsapp|wasap|contact|call"
    r"|hubungi|fax|faks|sms|h[/.]p)(?![a-z])|[\u260e\u260f\u2706\U0001f4de\U0001f4f1\U0001f4f2])"
)

_SIGN_WORDS = (
    *("tel", "phone", "fon", "mobile", "what", "wasap", "contact", "call", "hubungi", "fa", "sms"),
    *("hp", *"\u260e\u260f\u2706\U0001f4de\U0001f4f1\U0001f4f2"),
)

# --- e-mail addresses, also as people hide them from programs
_LOCAL, _DOMAIN, _END = r"(?<![\w.+-])[\w.+-]+", r"\w[\w-]*", r"[^\W\d_]{2,}"
_AT = r"(?: ?@ ?| ?[\[({<] ?at ?[\])}>] ?)"
_DOT = r"(?:\.| ?[\[({<] ?(?:dot|titik) ?[\])}>] ?)"

# --- days and times
_DD, _MM = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_MONTH = r"(?:jan|feb|mar|mac|apr|may|mei|jun|jul|jula?i|aug|ogo|sep|oct|okt|nov|dec|dis)[a-z]*"
_B = r"(?: ?\W ?)?"  # between the parts of a day
# A time of a day after a day, its parts alike in how they are parted; seldom a number follows it.
_TIME = (
    r"(?:(?:[t .,-]{0,3}(?:at |jam |pukul )?)(?:[01]\d|2[0-3])(?P<s>[. :-]?)[0-5]\d"
    r"(?:(?P=s)[0-5]\d(?:[. -]?\d{1,3}|\.\d{6})?)?(?:\W?[ap]m)?(?!\d)(?![-. ]?\d{5}))?"
)

PATTERNS = (
    # Twelve digits in a row, or six, two and four; the first are a day.
    Pattern(
        CARD,
        12,
        r"(?<!\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
        r"(?:\d{6}|\W{1,4}\d{2}\W{1,4}\d{4})(?!\d)",
        stage=Stage.WHOLE,
    ),
    Pattern(CARD, 12, r"(?<!\d)\d{6}-\d{2}-\d{4}(?!\d)", stage=Stage.WHOLE),
    Pattern(CARD, 12, r"(?<!\d)\d{6} \d{2} \d{4}(?!\d)", Source.TEXT, Stage.WHOLE),
    # In other groups. Six digits and six more are also how cameras write a day and a time.
    Pattern(
        CARD,
        12,
        rf"(?<![\d+])(?:[3-9]{_S0}\d{_S0}{_MM_DD}|[0-2]{_S0}\d{_S0}{_MM_DD}(?!{_S0}{_CLOCK}))"
        rf"(?:{_S0}\d){{6}}(?!\d)",
    ),
    Pattern(CARD, 7, r"(?<!\w)[stfgm]\d{7}[a-z](?!\w)"),
    Pattern(
        RECORD, 4, rf"(?<![a-z])(?:{_STRONG}){_GAP}{_CODE}", stage=Stage.WHOLE, words=_STRONG_WORDS
    ),
    Pattern(
        RECORD,
        4,
        rf"(?<![a-z])(?:no\W{{1,3}}{_WEAK}{_GAP}|{_WEAK}{_LABEL}){_CODE}",
        stage=Stage.WHOLE,
        words=_WEAK_WORDS,
    ),
    Pattern(RECORD, 5, r"(?<![a-z])(?:rn|ic)\d{5,}", Source.TEXT, Stage.WHOLE, ("rn", "ic")),
    Pattern(
        RECORD,
        4,
        rf"(?<![a-z]){_WEAK}(?:(?=\W){_GAP}[a-z]{{0,2}}[-.]?|(?<=port)[a-z]{{1,2}})?{_NOT_A_YEAR}",
        words=_WEAK_WORDS,
    ),
    Pattern(
        RECORD,
        4,
        rf"(?<![a-z])(?:{_PEOPLE}{_THEIR}|(?:nos?|nombor|id|kod)\W{{1,3}}{_PEOPLE})\W{{0,4}}"
        rf"(?:is )?[a-z]{{0,3}}[-.]?{_NOT_A_YEAR}",
        words=_PEOPLE_WORDS,
    ),
    Pattern(
        EMAIL, 0, rf"{_LOCAL}{_AT}{_DOMAIN}(?:{_DOT}{_DOMAIN})*{_DOT}{_END}", words=("@", "at")
    ),
    Pattern(
        EMAIL, 0, rf"{_LOCAL} at {_DOMAIN}(?: (?:dot|titik) {_DOMAIN})+", words=("dot", "titik")
    ),
    Pattern(PHONE, 8, r"(?<![\w+])\+ ?\(?\d(?:[^\w,;+]{0,3}\d){7,14}(?!\d)"),
    # A mobile number of Malaysia in any groups.
    Pattern(PHONE, 10, rf"(?<!\d)\(?01\d(?:{_S0}\d){{7,8}}(?!\d)"),
    # Numbers begin with one zero; a camera's counters rarely are so long.
    Pattern(PHONE, 9, r"(?<!\d)0[1-9]\d{7,9}(?!\d)"),
    Pattern(PHONE, 9, rf"(?<!\d)\(?0[1-9]\d{{0,2}}\)?{_S}\d{{3,4}}{_S0}\d{{4}}(?!\d)"),
    Pattern(PHONE, 9, rf"(?<!\d)\(?0(?:8\d|[1-9]\d{{2,3}})\)?{_S}\d{{6}}(?!\d)"),
    Pattern(
        PHONE,
        9,
        rf"(?<!\d)(?=\(?0(?:{_S0}\d){{8,9}}(?!\W?\d))\(?0[3-9]\d?\)?{_S}\d{{2,5}}"
        rf"(?:{_S}\d{{2,5}}){{1,3}}(?!\d)",
    ),
    Pattern(PHONE, 9, rf"(?<!\d)(?<!\d\W)0{_S}[1-9](?:{_S}\d){{7,9}}(?!\W?\d)"),
    # With the country, as 60 or 0060; other countries with 00.
    Pattern(
        PHONE,
        10,
        rf"(?<!\d)\(?(?:00{_S0})?60\)?{_S0}(?:\(0\){_S0})?"
        rf"(?:[13](?:{_S0}\d){{8,9}}|[4-9](?:{_S0}\d){{7}})(?!\d)",
    ),
    Pattern(PHONE, 12, rf"(?<!\d)00{_S0}[1-9](?:{_S0}\d){{9,13}}(?!\d)"),
    Pattern(PHONE, 10, r"(?<!\d)(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-. ]\d{4}(?!\d)"),
    Pattern(
        PHONE,
        7,
        rf"{_SIGN}{_GAP}[+(]?\d(?:[^\w,;]{{0,2}}\d){{6,}}",
        stage=Stage.WITHOUT_YEARS,
        words=_SIGN_WORDS,
    ),
    Pattern(
        PATIENT,
        0,
        r"(?<![a-z])(?:patients?|pesakit)(?![a-z])",
        Source.NAME,
        words=("patient", "pesakit"),
    ),
    Pattern(
        WARD,
        1,
        r"(?<![a-z])(?:ward|wad|bed|katil)\W{0,3}(?:no(?![a-z])\W{0,3})?[a-z]?\d{1,3}[a-z]?"
        r"(?![a-z\d])",
        Source.NAME,
        words=("ward", "wad", "bed", "katil"),
    ),
    Pattern(
        WARD, 0, r"(?<![a-z])(?:ward|wad)[ -]+[a-z](?![a-z\d])", Source.NAME, words=("ward", "wad")
    ),
    Pattern(
        BORN,
        1,
        r"(?<![a-z])(?:d\W?o\W?b|date\W{1,2}of\W{1,2}birth|birth\W?date|t(?:ari)?kh\W{0,2}lahir"
        r"|tgl\W{0,2}lahir)(?![a-z])\D{0,12}\d",
        stage=Stage.WHOLE,
        words=("dob", "birth", "lahir"),
    ),
    Pattern(
        BORN,
        4,
        rf"(?<![a-z])(?:born|birth|lahir)(?![a-z])\D{{0,12}}(?:19\d\d|{_DD}\W{{1,3}}{_MM}\W{{1,3}}\d\d"
        rf"|20\d\d\W?{_MM}\W?{_DD}|{_DD}\W{{0,3}}{_MONTH})",
        Source.NAME,
        Stage.WHOLE,
        ("born", "birth", "lahir"),
    ),
    # Before 2000 hardly any photo was taken that is a file today, but most people were born.
    Pattern(
        BORN,
        6,
        rf"(?<!\d)19\d{{2}}{_B}(?:0[1-9]|1[0-2]){_B}(?:0[1-9]|[12]\d|3[01])(?!\d)"
        rf"|(?<!\d){_DD} ?\W ?{_MM} ?\W ?19\d{{2}}(?!\d)",
        Source.NAME,
    ),
)

CUTS = (
    # Names that programs make: UUIDs and digests, whose letters stand in several places.
    Cut(
        Stage.WHOLE,
        7,
        r"(?<![a-z\d])(?:[\da-f]{8}(?:[- ][\da-f]{4}){3}[- ][\da-f]{12}|[\da-f]{32,128}"
        r"|(?=[\da-f]{16,31}(?![a-z\d]))(?:\d*[a-f]+\d+){2,}[a-f][\da-f]*)(?![a-z\d])",
    ),
    # A day, and where it follows the time, as cameras, phones and screenshots write them.
    Cut(
        Stage.WITHOUT_DAYS,
        8,
        rf"(?<!\d)20\d{{2}}(?P<d>[./: -]?)(?:0[1-9]|1[0-2])(?P=d)(?:0[1-9]|[12]\d|3[01]){_TIME}"
        r"(?!\d)",
    ),
    Cut(
        Stage.WITHOUT_DAYS,
        6,
        rf"(?<!\d){_DD}(?P<d>[./-]){_MM}(?P=d)20\d{{2}}{_TIME}(?!\d)",
    ),
    Cut(
        Stage.WITHOUT_DAYS,
        6,
        rf"(?<!\d){_DD}(?P<d>[./-]){_MM}(?P=d)\d\d[t ]+(?:at )?(?:[01]?\d|2[0-3])(?P<s>[.:-])"
        r"[0-5]\d(?:(?P=s)[0-5]\d)?(?!\d)",
    ),
    # Two days of one year: 24.10.26 - 26.10.26.
    Cut(
        Stage.WITHOUT_DAYS,
        6,
        rf"(?<!\d){_DD}[./]{_MM}[./](?P<y>\d\d) ?(?:-|to|hingga|until) ?{_DD}[./]{_MM}[./](?P=y)"
        r"(?!\d)",
    ),
    Cut(Stage.WITHOUT_DAYS, 6, rf"(?<!\d){_DD}(?P<d>[./-]){_MM}(?P=d)19\d\d(?!\d)", Source.TEXT),
    Cut(
        Stage.WITHOUT_DAYS, 4, rf"(?<!\d){_DD}(?P<d>[./-]){_MM}(?P=d)\d\d(?![-./ ]?\d)", Source.TEXT
    ),
    Cut(
        Stage.WITHOUT_DAYS,
        8,
        r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])20[0-4]\d(?!\d)",
        Source.TEXT,
    ),
    Cut(
        Stage.WITHOUT_DAYS,
        3,
        r"(?<!\d)(?<!\d[.:])(?:[01]?\d|2[0-3])[.:][0-5]\d(?!\d|[.:]\d)(?:\W?[ap]\.?m)?",
        Source.TEXT,
    ),
    # Milliseconds since 1970, as messengers name pictures.
    Cut(Stage.WITHOUT_DAYS, 13, r"(?<!\d)1[4-9]\d{11}(?!\d)", Source.NAME),
    # Pictures of agencies; books, journals and papers.
    Cut(
        Stage.WITHOUT_DAYS,
        6,
        r"(?:stock|stockphoto|getty ?images?|alamy|dreamstime|123rf|depositphotos)\W{0,3}"
        r"(?:id\W{0,3})?[1-9]\d{5,9}(?!\W{0,3}\d)",
        Source.TEXT,
    ),
    Cut(
        Stage.WITHOUT_DAYS,
        6,
        r"(?<![a-z])is[bs]n\W{0,3}\d(?:[ -]?[\dx]){6,12}(?![\dx])|10\.\d{4,9}/[^\s]{3,80}",
        Source.TEXT,
    ),
    # Lines of the public (1-300, 1-700, 1-800) are numbers of nobody.
    Cut(Stage.WITHOUT_DAYS, 10, r"(?<!\d)(?<![+\d]\W)1[ -][378]00[ -]?\d{2}[ -]?\d{4}(?!\d)"),
    Cut(Stage.WITHOUT_YEARS, 4, r"(?<!\d)(?:19|20)\d{2}(?: ?[-/] ?(?:19|20)?\d{2})?(?!\d)"),
    Cut(
        Stage.WITHOUT_YEARS,
        1,
        r"(?<![a-z])(?:rooms?|bilik|pages?|pp|lots?|levels?|aras|batch|rm|usd|sgd|myr|bibs?)"
        r"\W{0,3}\d{1,6}(?: ?- ?\d{1,6})?(?![\d-])",
        Source.TEXT,
    ),
)

# A run of digits that may be a telephone number in text; its groups decide.
NUMBER_RUN = r"(?<![\w/])\+?\(?\d[\d ().-]{5,}\d(?!\w)"
