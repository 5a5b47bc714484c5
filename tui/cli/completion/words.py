"""A command line as words: bash passes it as text, cut at the cursor."""

import re
from typing import NamedTuple

_PLAIN = re.compile(r"[A-Za-z0-9_./:=,@%+-]")


class Word(NamedTuple):
    """The word at the cursor."""

    text: str
    """Without quotes and backslashes."""
    kept: int
    """Characters of `text` at its start that bash leaves as they are."""
    quote: str = ""
    """The quotation mark that is still open, or ""."""

    def as_typed(self, candidate: str) -> str:
        """Return what replaces the rest of the word, so that the whole becomes `candidate`, quoted for bash."""
        rest = candidate[self.kept :]
        return rest if self.quote else "".join(c if _PLAIN.fullmatch(c) else f"\\{c}" for c in rest)


def split_line(line: str, breaks: str) -> tuple[list[str], Word]:
    """Return the arguments before the one at the end of a bash command line, and that one.

    The command's own name is left out.

    Args:
        line: the command line up to the cursor.
        breaks: characters at which bash breaks words.
    """
    words: list[str] = []
    text, kept, quote, is_open = "", 0, "", False
    characters = iter(line)
    for character in characters:
        if quote:
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"':
                text += next(characters, "")
            else:
                text += character
        elif character in "'\"":
            quote, is_open, kept = character, True, len(text)
        elif character == "\\":
            text, is_open = text + next(characters, ""), True
        elif character.isspace():
            words += [text] if is_open else []
            text, kept, is_open = "", 0, False
        else:
            text, is_open = text + character, True
            if character in breaks:
                kept = len(text)
    return words[1:], Word(text, kept, quote)
