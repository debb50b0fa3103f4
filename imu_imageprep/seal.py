"""Personal fields, encrypted record by record, so that erasing a key erases them everywhere.

AES-256-GCM by the ``cryptography`` package. In the ledger each record has its own random key, used
once; in the register all templates share one, which changes whenever the file does. The kind and
the reference are authenticated too, so that no ciphertext can stand in for another's.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from imu_imageprep.domain.errors import ModelProblem

KEY_BYTES = 32
_NONCE_BYTES = 12  # the size that NIST SP 800-38D recommends for GCM
_PADDED_TO = 256


def canonical(value: Any) -> str:
    """JSON that is the same for the same value, which hashes and authentication run over.

    Sorted keys, no spaces, ASCII only.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


class Unreadable(Exception):
    """A ciphertext does not open with its key."""


def seal(values: dict[str, Any], kind: str, ref: str) -> tuple[bytes, str]:
    """Encrypt values under a new key; returns the key, and nonce and ciphertext as base64."""
    key = new_key()
    return key, seal_with(key, values, kind, ref)


def new_key() -> bytes:
    """A random key."""
    return secrets.token_bytes(KEY_BYTES)


def seal_with(key: bytes, values: dict[str, Any], kind: str, ref: str) -> str:
    """Encrypt values under a key; returns nonce and ciphertext as base64."""
    aead, _ = _aead()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    text = canonical(values).encode()
    # Padded, so that after an erasure the length does not tell how long a name was.
    text += b" " * (-len(text) % _PADDED_TO)
    sealed = aead(key).encrypt(nonce, text, _bound(kind, ref))
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(sealed: str, key: bytes, kind: str, ref: str) -> dict[str, Any]:
    """Decrypt what :func:`seal` encrypted.

    Raises:
        Unreadable: the key, the ciphertext, the kind or the reference was changed.
    """
    aead, invalid = _aead()
    try:
        raw = base64.b64decode(sealed, validate=True)
        text = aead(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(kind, ref))
    except (invalid, ValueError, TypeError) as problem:
        raise Unreadable from problem
    values: dict[str, Any] = json.loads(text)
    return values


def _bound(kind: str, ref: str) -> bytes:
    return canonical([kind, ref]).encode()


def _aead() -> tuple[Any, type[Exception]]:
    """The cipher and the error of a wrong key; loaded late, because a clear photo needs neither."""
    try:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    except ImportError as problem:
        raise ModelProblem(
            "The package cryptography is missing, so personal fields cannot be kept or read.",
            "Install imageprep again.",
        ) from problem
    return AESGCM, InvalidTag
