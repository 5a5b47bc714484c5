"""A term of the glossary."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A term that screens show, explained in a sentence."""

    name: str
    meaning: str
    """One sentence."""
    screens: str
    """Modes of the screens that show it, separated by spaces."""
    usual: str = ""
    """The usual range or value, in a few words."""
    source: str = ""
    """Where the figures in `usual` or `meaning` come from."""
    aliases: tuple[str, ...] = ()
    """Other names and abbreviations."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

    @property
    def text(self) -> str:
        """The meaning, the usual range and the source in one paragraph."""
        usual = f" Usual: {self.usual}." if self.usual else ""
        source = f" ({self.source})" if self.source else ""
        return f"{self.meaning}{usual}{source}"
