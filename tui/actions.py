"""The one registry of what can be done: the app's own keys, and the palette that lists every action in reach.

A key binding is the single place where an action is declared: its description stands in the footer, its tooltip in the
help and the palette.
"""

from collections.abc import Iterator
from functools import partial

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

SCREENS = (
    ("data", "Data", "1", "f2", "choose and look at data"),
    ("build", "Build", "2", "f3", "the network and how it is trained"),
    ("train", "Train", "3", "f4", "watch a training and steer it"),
    ("gradients", "Gradients", "4", "f5", "prove the gradients"),
)
"""Mode, title, digit, function key and purpose of each top-level screen."""

APP_BINDINGS = (
    *(
        Binding(f"{digit},{key}", f"switch_mode('{mode}')", title, show=False, tooltip=f"{title}: {purpose}", id=f"go.{mode}")
        for mode, title, digit, key, purpose in SCREENS
    ),
    Binding("question_mark,f1", "help", "help", key_display="?", tooltip="the keys of this screen", id="help"),
    Binding("ctrl+p", "command_palette", "palette", show=False, tooltip="find an action by name", id="palette"),
    Binding("ctrl+q", "quit", "quit", tooltip="leave nnterm; a training may go on", id="quit", priority=True),
)


def active_actions(provider: Provider) -> Iterator[tuple[str, str, str]]:
    """Yield (what, key, action) for each action that the current screen would take now."""
    seen: set[str] = set()
    for active in provider.screen.active_bindings.values():
        binding = active.binding
        text = binding.tooltip or binding.description
        if text and binding.action not in seen and active.enabled and not binding.system:
            seen.add(binding.action)
            yield text, provider.app.get_key_display(binding), binding.action


class Actions(Provider):
    """The palette's commands: whatever has a key here, and the way to each screen."""

    async def discover(self) -> Hits:
        for text, key, action in active_actions(self):
            yield DiscoveryHit(text, partial(self.screen.run_action, action), help=key)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, key, action in active_actions(self):
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self.screen.run_action, action), help=key)
