"""Display names of keys outside a running screen."""

from textual.binding import Binding
from textual.keys import format_key


def key_text(binding: Binding) -> str:
    """Return the key as the key bar shows it."""
    return binding.key_display or format_key(binding.key)
