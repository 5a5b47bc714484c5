"""Escaping of control characters in text from foreign files, so that a terminal does not obey them."""

import re

import msgspec

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
"""Control characters: C0, DEL and C1."""
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_IN_JSON = re.compile(
    rb"(?<!\\)(?P<slashes>(?:\\\\)*)\\(?:u00(?P<code>(?i:0[0-8b-f]|1[0-9a-f]|7f|[89][0-9a-f]))|(?P<short>[bfr]))"
    rb"|\xc2(?P<c1>[\x80-\x9f])|(?P<delete>\x7f)"
)
"""Control characters in JSON, escaped or raw; a backslash after an odd number of backslashes is part of the text."""
_SHORT = {b"b": b"08", b"f": b"0c", b"r": b"0d"}


def printable(text: str) -> str:
    r"""Return `text` with its control characters escaped, `\x1b` for ESC, so that printing it has no side effects."""
    return text if text.isprintable() else _CONTROL.sub(_spelt, text)


def printable_lines(text: str) -> str:
    """Return `text` as `printable` does, but keep line ends and tabs."""
    return _CONTROL_BUT_LINES.sub(_spelt, text)


def printable_json(text: bytes) -> bytes:
    """Escape as `printable_lines` in all strings of a piece of JSON; it stays valid, or invalid."""
    if b"\\" in text or b"\xc2" in text or b"\x7f" in text:
        return _IN_JSON.sub(_spelt_in_json, text)
    return text


def holds_controls(tables: object) -> bool:
    """Return True if a string in plain tables, keys included, has a control character other than line ends and tabs."""
    text = msgspec.json.encode(tables)
    return printable_json(text) != text


def _spelt(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def _spelt_in_json(found: re.Match[bytes]) -> bytes:
    if found["delete"]:
        return rb"\\x7f"
    if found["c1"]:
        return rb"\\x" + found["c1"].hex().encode()
    return found["slashes"] + rb"\\x" + (_SHORT[found["short"]] if found["short"] else found["code"].lower())
