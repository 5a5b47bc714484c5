"""The help of the commands: examples, options in groups with all their choices, commands under headings."""

import difflib
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import typer.core

from engine.errors import NntermError, any_of
from tui.cli.choices import CHOICES, choices, default_of
from tui.cli.lists import refuse_spaces

DEFAULTS = "Defaults: those of FILE, else what suits the dataset (`nnterm data show NAME`), else as shown."
"""Stands once above the options of an experiment, instead of a default for each that depends on the dataset."""
EXPERIMENT_PANELS = ("Data", "Network", "Training")
COLUMN = 24
"""Cells for the names of options; the text of one with a longer name starts below it."""
UNBROKEN = "\u2011"
"""Stands for a hyphen of a name until the text is wrapped, since a name that is cut at it cannot be copied."""
_TOKEN = re.compile(r"\{(\w+)\}")
_EXAMPLES = re.compile(r"^(Examples?):\n((?:[ \t]+.*(?:\n|$))+)", re.MULTILINE)


def expanded(text: str, option: str) -> str:
    """Return a help text with `{activations}` replaced by their names and `{default}` by the option's default."""

    def names(token: re.Match[str]) -> str:
        kind = token[1]
        if kind == "default":
            return default_of(option)
        return ", ".join(choices(kind)).replace("-", UNBROKEN) if kind in CHOICES else token[0]

    return _TOKEN.sub(names, text)


class HelpfulCommand(typer.core.TyperCommand):
    """A command whose docstring may have a paragraph "Examples:", and whose options stand in groups."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; raises an NntermError if a list is written with spaces."""
        if not ctx.resilient_parsing:
            refuse_spaces(args)
        args = ["--help"] if args == ["-h"] else args
        return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        """Return the help, with the hyphens of names as they are typed."""
        return str(super().get_help(ctx)).replace(UNBROKEN, "-")

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the parts of the usage line: arguments that must be given without braces."""
        pieces = super().collect_usage_pieces(ctx)
        pieces = [piece.replace(" ...]...", " ...]") for piece in pieces]
        return [re.sub(r"\{(.*)\}(\.\.\.)?|\[\[(.*)\]\](\.\.\.)?", _usage, piece) for piece in pieces]

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write the docstring, then its examples as they are."""
        _write_text(expanded(self.help or "", ""), formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options under the headings of their groups."""
        panels: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                is_argument = param.param_type_name == "argument"
                panel = "Arguments" if is_argument else getattr(param, "rich_help_panel", None) or "Options"
                name = str(param.metavar or record[0]) if is_argument else record[0]
                panels.setdefault(panel, []).append((name, _option_text(param, record[1])))
        is_told, width = False, max(len(name) for rows in panels.values() for name, _ in rows)
        for panel, rows in panels.items():
            if panel in EXPERIMENT_PANELS and not is_told:
                is_told = True
                formatter.write_paragraph()
                formatter.write_text(DEFAULTS)
            if rows:
                with formatter.section(panel):
                    formatter.write_dl(
                        [(f"{name:<{min(width, COLUMN)}}", text) for name, text in rows], COLUMN
                    )


def _option_text(param: Any, text: str) -> str:
    """Return the help of an option or argument, without `[required]`, which the usage line shows."""
    text = expanded(text.replace("\\[", "["), param.name or "").removesuffix("[required]").strip()
    return re.sub(r"\s+\[", " [", text)


def _usage(match: re.Match[str]) -> str:
    """Return an argument in the usage line: `RUN` for `{RUN}`, `[STEPS]` for `[[STEPS]]`."""
    return match[1] or f"[{match[3]}]"


class Group(typer.core.TyperGroup):
    """A group of commands with its own error for an unknown command."""

    command_class = HelpfulCommand

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write the docstring, then its examples as they are."""
        _write_text(self.help or "", formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name, the command and its arguments.

        Raises:
            NntermError: there is no such command.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=3)
            see = f"see {ctx.command_path} --help"
            hint = f"did you mean {any_of(near)}? {see}" if near else see
            raise NntermError(f'there is no command "{name}"', hint)
        return super().resolve_command(ctx, args)


def _write_text(text: str, formatter: Any) -> None:
    """Write a docstring, its examples under a heading of their own."""
    text = inspect.cleandoc(text)
    examples = [match[2] for match in _EXAMPLES.finditer(text)]
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_EXAMPLES.sub("", text).strip())
    for block in examples:
        formatter.write_paragraph()
        formatter.write_heading("Examples")
        for line in inspect.cleandoc(block).splitlines():
            formatter.write(f"  {line}\n")


def examples(text: str) -> list[str]:
    """Return the command lines of a docstring's examples, without their comments."""
    lines = (line for match in _EXAMPLES.finditer(inspect.cleandoc(text)) for line in match[2].splitlines())
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


def write_commands(headings: Iterable[tuple[str, Iterator[tuple[str, str]]]], formatter: Any) -> None:
    """Write the summaries of commands under headings; the names of all are in one column."""
    blocks = [(heading, list(rows)) for heading, rows in headings]
    width = max(len(name) for _, rows in blocks for name, _ in rows)
    for heading, rows in blocks:
        with formatter.section(heading):
            formatter.write_dl([(f"{name:<{width}}", text) for name, text in rows])
