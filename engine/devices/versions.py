"""Version numbers, compared part by part."""

import re

from engine.devices.table import Version


def parse_version(text: str) -> Version:
    """Return the numbers at the start of a version: (2, 13, 0) of "2.13.0+cu126"; empty if there are none."""
    found = re.match(r"\s*v?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def is_at_least(version: Version, least: Version) -> bool:
    """Return True if `version` is `least` or newer; missing parts count as 0."""
    length = max(len(version), len(least))
    return _padded(version, length) >= _padded(least, length)


def _padded(version: Version, length: int) -> Version:
    return version + (0,) * (length - len(version))


def show_version(version: Version) -> str:
    """Return a version as text, `570.26`; the third part of NVIDIA's drivers has two digits: `560.28.03`."""
    first, *rest = version
    if first >= 100 and len(rest) == 2:
        return f"{first}.{rest[0]}.{rest[1]:02}"
    return ".".join(str(part) for part in version)
