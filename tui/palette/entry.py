"""An entry of the palette, and how well it matches what is typed."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property

Choose = Callable[[], Awaitable[object] | object]
_WORD = re.compile(r"\w+")

WEIGHTS = {
    "action": 0.009,
    "screen": 0.008,
    "view": 0.008,
    "dataset": 0.007,
    "setting": 0.006,
    "run": 0.005,
    "theme": 0.005,
    "preset": 0.004,
    "action elsewhere": -0.03,
    "term": -0.07,
}
"""Added to the score of an entry by its kind, so that of equal names the nearest comes first."""


@dataclass(frozen=True)
class PaletteEntry:
    """Something that the palette finds by its name."""

    name: str
    kind: str
    """A key of `WEIGHTS`."""
    choose: Choose
    """Action of choosing the entry."""
    detail: str = ""
    """A few words on what it is or does."""
    keys: str = ""
    aliases: tuple[str, ...] = ()
    """Other names by which it is found."""

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(name.casefold() for name in (self.name, *self.aliases))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(_WORD.findall(" ".join(self._names)))

    @cached_property
    def _all_words(self) -> tuple[str, ...]:
        return (*self._words, *_WORD.findall(f"{self.detail} {self.kind}".casefold()))

    def score(self, query: str) -> float:
        """Return how well it matches `query`, 0 (not at all) to 1."""
        query = query.casefold().strip()
        quality = self._quality(query)
        if not quality:
            return 0.0
        shortness = 0.004 / (1 + len(self.name))
        return quality - 0.02 + WEIGHTS[self.kind] + shortness

    def _quality(self, query: str) -> float:
        words = _WORD.findall(query)
        if query in self._names:
            return 1.0 if query == self._names[0] else 0.97
        if any(name.startswith(query) for name in self._names):
            return 0.9
        if words and _begin(words, self._words):
            return 0.8
        if words and _begin(words, self._all_words):
            return 0.6
        if any(query in name for name in self._names):
            return 0.5
        if len(query) > 2 and _is_subsequence(query, self._names[0]):
            return 0.2
        return 0.0


def _begin(words: list[str], known: tuple[str, ...]) -> bool:
    """Return whether each of `words` is the start of a known word."""
    return all(any(one.startswith(word) for one in known) for word in words)


def _is_subsequence(query: str, name: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in query if letter != " ")
