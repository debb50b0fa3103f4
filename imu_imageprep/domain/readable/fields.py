"""Words that say what a paper, card, list or screen is, and what its fields are.

In English, Malay and Indonesian, Chinese and Vietnamese.
"""

from __future__ import annotations

import operator
import re

# Words before a value, on forms, wristbands, cards and records.
_FIELD = (
    r"(?i)\b(?:patient(?:'?s)?(?: name| id)?|pesakit|pasien|name(?: of)?|nama(?: penuh| pesakit)?|"
    r"surname|given names?|mrn|rn no|hospital no|reg(?:istration|n)?\.? ?no|ic ?(?:no|number)|"
    r"i/?c|no\.? ?k/?p|no\.? kad pengenalan|nric|nik|d\.?o\.?b|date of birth|tarikh lahir|"
    r"tanggal lahir|tempat lahir|place of birth|age ?/ ?sex|age|umur|sex|gender|jantina|"
    r"jenis kelamin|address|alamat|ward|wad|bed|katil|diagnosis|matric(?: no)?|student (?:id|no)|"
    r"roll no|passport(?: no)?|nationality|warganegara|citizen|ref(?:erred)? by|attending|"
    r"consultant|admission|discharge|next of kin|s/o|d/o|c/o|signature|blood group|allerg(?:y|"
    r"ies)|alahan)\b\s*[:;.=-]?"
)
# One of these alone says that it is about a person.
_STRONG = (
    r"(?i)\b(?:patient(?:'?s)? (?:name|id)|nama pesakit|mrn|ic ?(?:no|number)|no\.? ?k/?p|"
    r"no\.? kad pengenalan|nric|d\.?o\.?b|date of birth|tarikh lahir|age ?/ ?sex|matric no|"
    r"student id|passport no|surname|given names?)\b"
)
# As written on boards by hand, where digits are read as letters.
_BED = r"(?i)(?:b[ei]?[dl]|katil)\s?(?:\d{1,2}\s*|[\dlizt|/!]{1,2}\s+)\w+(?:\W+\w+)+"
_PAPER = (
    r"(?i)bonafide|certif(?:y|icate)|this is to|prescription|laborator(?:y|ium) report|"
    r"medical (?:report|certificate)|birth certificate|akta kelahiran|kutipan akta|kad pengenalan|"
    r"identity card|identity|passport|driving licen[cs]e|lesen memandu|student card|"
    r"examination results?|keputusan peperiksaan|referral|discharge summary|borang|worklist|"
    r"patient list|carte d|personalausweis|republic of|citizen"
)
_HAN = (
    "姓名|性别|性別|年龄|年齡|出生|身份证|身份號|身份号|住址|地址|科室|科别|病历|病歷|病员|床号|床號|诊断|診斷|检验|檢驗|标本|標本|样本|报告|報告|患者|病人|门诊|"
    "住院|送检|医生|民族|公民|学号|學號"
)
_VIETNAMESE = (
    r"(?i)h[oọ] (?:va|và) t[eê]n|c[aă]n c[uư][oơ]c|gi[aấ]y ch[uứ]ng minh|ng[aà]y sinh|"
    r"nguy[eê]n qu[aá]n|th[uư][oơ]ng tr[uú]|cong dan|công dân|full name"
)
# Words of somebody's part in something: beside one, a given name alone is a person.
_ROLES = (
    "student|nurse|doctor|speaker|volunteer|lecturer|officer|staff|participant|delegate|visitor|"
    "crew|committee|organiser|organizer|attendee|sponsor|press|pharmacist|registrar|houseman|intern|"
    "trainee|coordinator|manager|director|engineer|developer|my name is|hello|i am|jururawat|"
    "pelajar|pensyarah|pegawai|peserta|presented to|awarded to|congratulations|staff nurse"
)
_ROLE = rf"(?i)\b(?:{_ROLES})\b"
# Of so long ones one letter may be misread, and spaces are none.
_LONG_ROLES = tuple(word for part in _ROLES.split("|") if len(word := part.replace(" ", "")) >= 7)  # noqa: PLR2004


def fields(text: str) -> frozenset[str]:
    """The field words of a line: one at its beginning or before a colon, and all Chinese ones."""
    first = re.match(_FIELD, text) or (
        re.search(_FIELD, text) if re.search(r"[:：]", text) else None
    )
    word = {re.sub(r"\W", "", first[0]).lower()} if first else set()
    return frozenset(word | set(re.findall(_HAN, text)))


def bed(text: str) -> bool:
    """Whether a line is of a list of beds: a bed's number, then words about who lies there."""
    return re.match(_BED, text) is not None


def strong(text: str) -> bool:
    """Whether a line has a word that stands nowhere but before something about a person."""
    return bool(re.search(_STRONG, text) or re.search(_VIETNAMESE, text))


def paper(text: str) -> bool:
    """Whether a line is the title of a paper, card, list or screen about persons."""
    return re.search(_PAPER, text) is not None


def role(text: str) -> bool:
    """Whether a line says what somebody is or does."""
    if re.search(_ROLE, text):
        return True
    letters = re.sub(r"\W", "", text).lower()
    return any(
        sum(map(operator.ne, word, letters[at:])) <= 1
        for word in _LONG_ROLES
        for at in range(len(letters) - len(word) + 1)
    )
