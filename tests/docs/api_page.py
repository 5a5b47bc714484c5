"""Writing docs/api.md from the docstrings of the public names: `python -m tests.docs.api_page`."""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import engine
from engine.errors import NntermError
from engine.events import Event

PAGE = Path(__file__).parents[2] / "docs" / "api.md"

OPENING = """\
# The Python API

`import engine` gives the names below; each is imported on first access, so that the import is fast and needs no torch.
This page is written from their docstrings (`make notes`); `help(engine.Network)` shows the same. [python.md](python.md)
shows the usual jobs, for those who know PyTorch or scikit-learn.

```python
import engine

experiment = engine.Experiment.quick("mnist", layers=[128, 64], epochs=3)
data = engine.load_data(experiment.data)
network = engine.Network.of(experiment, data)
for event in engine.Trainer(experiment, network, data):
    match event:
        case engine.Epoch():
            print(event.epoch, event.train_loss, event.validation_accuracy)
print(network.forward(data.test.x[:3]).argmax(axis=1))
engine.save_network("mnist.safetensors", network, experiment)
network, experiment = engine.load_network("mnist.safetensors")
```

Weights have the shape `(n_out, n_in)` and batches `(m, n_in)`, as in `torch.nn.Linear`. An error that a user can fix is
an `engine.NntermError`: `message` says what is wrong and where, `hint` what to do.
"""
GROUPS = {
    "Experiment and data": ("Experiment", "load_data", "Data"),
    "Network and training": ("Network", "Trainer", "save_network", "load_network"),
    "Gradient checks": (
        "check_gradients",
        "check_function",
        "gradcheck.Report",
        "verify_with_torch",
        "check_trajectory",
        "explain",
    ),
    "Runs and figures": ("Run", "curves"),
    "Members of your own": ("plugins.register", "plugins.load_plugins"),
}
"""The names of `engine`, and of its packages by their dotted name."""


def page() -> str:
    """Return the whole page."""
    parts = [OPENING]
    for heading, names in GROUPS.items():
        parts += [f"## {heading}\n", *(part for name in names for part in _entry(name))]
    parts += ["## Events\n", *_structs(Event), "## Errors\n", *_errors()]
    return "\n".join(parts).rstrip() + "\n"


def _entry(name: str) -> Iterator[str]:
    """Yield a function, or a class with its public methods and properties."""
    home, _, last = f"engine.{name}".rpartition(".")
    described = getattr(importlib.import_module(home), last)
    yield f"### `{name}`\n"
    if not (inspect.isclass(described) and issubclass(described, msgspec.Struct)):
        yield from _signature(name, described)
    yield _docstring(described)
    if inspect.isclass(described):
        for member, value in _members(described).items():
            if not member.startswith("_"):
                yield from _member(name, member, value)


def _members(described: type) -> dict[str, Any]:
    """Return a class's own members, then those of its base classes in the package."""
    bases = [base for base in described.__mro__ if base.__module__.partition(".")[0] == "engine"]
    members: dict[str, Any] = {}
    for base in bases:
        members |= {name: value for name, value in vars(base).items() if name not in members}
    return members


def _member(owner: str, name: str, value: Any) -> Iterator[str]:
    if isinstance(value, property):
        yield f"**`{owner}.{name}`** — {_line(value)}\n"
    elif isinstance(value, classmethod | staticmethod) or inspect.isfunction(value):
        function = inspect.unwrap(value.__func__ if isinstance(value, classmethod | staticmethod) else value)
        yield f"#### `{owner}.{name}`\n"
        yield from _signature(f"{owner}.{name}", function)
        yield _docstring(function)


def _signature(name: str, function: Any) -> Iterator[str]:
    """Yield the call with its parameters; without annotations, which the docstrings say in words."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    shown = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    shown = [_plain(one) for one in shown if one.name not in ("self", "cls")]
    call = f"{name}{inspect.Signature(shown)}"
    yield f"```python\n{textwrap.fill(call, 110, subsequent_indent='    ', break_long_words=False)}\n```\n"


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter whose default is written the same in every process: functions by name, texts as by ruff."""
    default = parameter.default
    if isinstance(default, str):
        return parameter.replace(default=_Name(f'"{default}"'))
    if callable(default) and default is not inspect.Parameter.empty:
        return parameter.replace(
            default=_Name(getattr(default, "__name__", "...").replace("<lambda>", "..."))
        )
    return parameter


class _Name(str):
    """A text whose repr is itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _docstring(described: Any) -> str:
    """Return a docstring as Markdown: its sections `Args:`, `Returns:`, `Raises:` as lists."""
    lines = []
    is_listed = is_prose = False
    for line in inspect.cleandoc(described.__doc__ or "").splitlines():
        if line in ("Args:", "Returns:", "Raises:", "Yields:"):
            lines.append(f"\n*{line[:-1]}*\n")
            is_listed, is_prose = True, line in ("Returns:", "Yields:")
        elif is_listed and line.startswith("    ") and not line.startswith("     "):
            goes_on = is_prose and lines[-1].startswith(("- ", "  "))
            lines.append(f"  {line.strip()}" if goes_on else f"- {line.strip()}")
        else:
            is_listed = is_listed and (line.startswith(" ") or not line)
            lines.append(f"  {line.strip()}" if is_listed and line else line)
    return "\n".join(lines).replace("\n\n\n", "\n\n").strip() + "\n"


def _line(described: Any) -> str:
    return " ".join(inspect.cleandoc(described.__doc__ or "").split())


def _structs(base: type[msgspec.Struct]) -> Iterator[str]:
    """Yield the events of a run, each with its fields; not those that other modules derive once they are imported."""
    yield f"**`{base.__name__}`**: {_line(base)}\n"
    events = (event for event in base.__subclasses__() if event.__module__ == base.__module__)
    for event in events:
        own = ", ".join(f"`{name}`" for name in event.__struct_fields__ if name not in base.__struct_fields__)
        yield f"- **`{event.__name__}`**: {_line(event)} {own}\n"


def _errors() -> Iterator[str]:
    for error in (NntermError, *NntermError.__subclasses__()):
        if error.__name__ in engine.__all__:
            yield f"- **`{error.__name__}`**: {_line(error)}"
    yield ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
