"""Words that stand on the walls, doors, signs and things of hospitals and clinics.

In English, Malay and Indonesian, and Chinese. One of them says that a picture may be of a clinical
place and no more: they stand on campaigns, books and buses too.
"""

from __future__ import annotations

import re

_WORDS = (
    r"(?i)\b(?:hospital|rumah sakit|clinic|klinik|poliklinik|puskesmas|polyclinic|ward|wad|"
    r"icu|ccu|nicu|emergency|kecemasan|ambulan(?:ce|s)|pharmacy|farmasi|apotek|dispensary|"
    r"patients?|pesakit|pasien|x-?ray|radiolog[yi]|radiography|ultrasound|ct scan|mri|"
    r"operating theat(?:re|er)|dewan bedah|surgery|surgical|labou?r room|maternity|bersalin|"
    r"blood (?:donation|bank|pressure)|derma darah|donor darah|vaccin(?:e|es|ation)|vaksin(?:asi)?|"
    r"immuni[sz]ation|imunisasi|injection|syringe|biohazard|sharps|infus(?:ion|us)|specimen|"
    r"triage|triaj|dialysis|dialisis|dental|pergigian|physiotherapy|fisioterapi|"
    r"health (?:camp|screening)|medical camp|saringan kesihatan|pakar perubatan)\b"
)
_HAN = "医院|醫院|诊所|診所|病房|急诊|急診|药房|藥房|门诊|手术室|手術室|放射科|检验科|疫苗"


def clinical_words(text: str) -> bool:
    """Whether a line has a word of hospitals and clinics."""
    return re.search(_WORDS, text) is not None or re.search(_HAN, text) is not None
