"""Breaks text and formulas into lines; the further lines of a formula are indented."""

from collections.abc import Iterator
from textwrap import wrap

AGREES = 1e-10
"""Norm ratio up to which two gradients in float64 count as the same."""
INDENT = 4
"""Additional indent of the further lines of a formula, in cells."""


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """Return `text` in lines of at most `width` cells, `indent` cells in; broken at spaces."""
    pad = " " * indent
    return wrap(
        text, max(width, indent + 8), initial_indent=pad, subsequent_indent=pad, break_on_hyphens=False
    ) or [pad]


def marked_lines(text: str, start: int, end: int, width: int, indent: int = 0) -> list[tuple[str, int, int]]:
    """Return `formula_lines` of a text, each with the place of the part of `text[start:end]` that it holds.

    The places are equal where a line holds nothing of it.
    """
    before, inside = len(text[:start].replace(" ", "")), len(text[start:end].replace(" ", ""))
    lines, seen = [], 0
    for line in formula_lines(text, width, indent):
        places = [i for i, character in enumerate(line) if character != " "]
        held = [place for number, place in enumerate(places, seen) if before <= number < before + inside]
        lines.append((line, held[0], held[-1] + 1) if held else (line, 0, 0))
        seen += len(places)
    return lines


def formula_lines(text: str, width: int, indent: int = 0) -> list[str]:
    """Return a formula in lines of at most `width` cells; a long one breaks where a list ends or a term begins."""
    pieces = list(_pieces(text))
    lines, current = [], " " * indent
    room = max(width, indent + INDENT + 8)
    for piece in pieces:
        if len(current.rstrip()) > indent and len(current) + len(piece.rstrip()) > room:
            lines.append(current.rstrip())
            current = " " * (indent + INDENT)
        current += piece
    return [part for line in [*lines, current.rstrip()] for part in _cut(line, room, indent + INDENT)]


def _pieces(text: str) -> Iterator[str]:
    """Yield pieces to keep on one line if possible: a term with its sign, an item of a list."""
    piece: list[str] = []
    depth, in_list = 0, False
    for word in text.split(" "):
        ends_item = piece != [] and piece[-1].endswith((",", ";"))
        in_list = in_list or (depth == 0 and ends_item)
        begins = ends_item or piece[-1:] == [""] or (word in ("+", "=", "→") and not in_list)
        if piece and depth == 0 and begins:
            yield " ".join(piece) + " "
            piece = []
        depth += word.count("(") - word.count(")")
        piece.append(word)
    yield " ".join(piece)


def _cut(line: str, room: int, indent: int) -> list[str]:
    """Return a line that is too long as one piece, broken at spaces."""
    if len(line) <= room:
        return [line]
    lead = len(line) - len(line.lstrip())
    return wrap(
        line.strip(),
        room,
        initial_indent=" " * lead,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def own_words(difference: float) -> str:
    """Return how the network's own gradients compare with those of a step, by their norm ratio."""
    if difference == 0:
        return "The network's own backward pass gives the same values."
    if difference <= AGREES:
        return f"The network's own backward pass agrees (norm ratio {difference:.0e})."
    return f"The network's own backward pass disagrees: norm ratio {difference:.1e}."
