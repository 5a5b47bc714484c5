r"""Foreign text made plain: what a terminal would obey, hide or reorder is spelled out, as `\x1b` or `\u202e`."""

import re

_INVISIBLE = "\u200b\u2060\ufeff"
"""Zero width: space, word joiner, byte order mark."""
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks, embeddings, overrides and isolates of the bidirectional algorithm: they reorder their surroundings."""
_LINES = "\u2028\u2029"
_SURROGATES = "\ud800-\udfff"
"""Bytes of a file name that are not UTF-8; no terminal can show them."""
_OTHERS = _INVISIBLE + _BIDI + _LINES + _SURROGATES
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_OTHERS}]")
_UNSAFE_BUT_LINES = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_OTHERS}]")

_UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f{_OTHERS}]")


def plain(text: str) -> str:
    """Return `text` as one line in which every character is visible."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_spelled, text)


def plain_lines(text: str) -> str:
    """Return `text` as `plain` does, but keep line ends and tabs."""
    return _UNSAFE_BUT_LINES.sub(_spelled, text)


def plain_json(text: str) -> str:
    """Return JSON with the same values, in which such characters are escaped."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_controls(text: str) -> str:
    """Return `text` without the characters that `plain` would spell."""
    return _UNSAFE.sub("", text)


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
