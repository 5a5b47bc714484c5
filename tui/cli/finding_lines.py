"""A finding as text: a plain line, coloured rows for the live display, and its fix as `--set` options."""

from typing import TYPE_CHECKING, Any

from engine.events import Finding
from tui.follow.run_findings import MARKS

if TYPE_CHECKING:
    from rich.console import RenderableType

STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def finding_line(finding: Finding) -> str:
    """Return a finding on one line with its suggested fix; a symptom names its cause instead."""
    fix = f"; fix: {set_line(finding.remedy)}" if finding.remedy and not finding.cause else ""
    return f"{_sentence(finding)}{fix}"


def finding_rows(finding: Finding) -> "list[RenderableType]":
    """Return a finding in colour, wrapped beside its mark, and its fix on a line that can be copied."""
    from rich.table import Table
    from rich.text import Text

    style = STYLES["info" if finding.cause else finding.severity]
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column()
    row.add_row(Text(MARKS[finding.severity], style), Text(_sentence(finding), style))
    if not finding.remedy or finding.cause:
        return [row]
    return [row, Text(f"  fix:      {set_line(finding.remedy)}")]


def _sentence(finding: Finding) -> str:
    """Return step, severity, code and message; the code is left out if no rule made the finding."""
    code = f"{finding.code}: " if finding.reference else ""
    if finding.cause:
        layer = f" of {finding.layer}" if finding.layer else ""
        return f"step {finding.step:,}: {finding.severity}: {finding.code}{layer}, caused by {finding.cause}"
    return f"step {finding.step:,}: {finding.severity}: {code}{finding.message}"


def set_line(remedy: dict[str, Any]) -> str:
    """Return a fix as `--set` options, quoted for a shell, on one line."""
    return " ".join(_options(remedy))


def set_lines(remedy: dict[str, Any], head: str, width: int) -> list[str]:
    """Return a fix after `head`, in lines of about `width` columns that a shell reads as one.

    Each but the last ends in a backslash; an option that is longer than a line stays whole.
    """
    lines = [head.rstrip()]
    for option in _options(remedy):
        if len(lines[-1]) + len(option) + len("  \\") > width and lines[-1] != head.rstrip():
            lines[-1] += " \\"
            lines.append(" " * len(head) + option)
        else:
            lines[-1] += (" " if len(lines[-1]) >= len(head) else " " * (len(head) - len(lines[-1]))) + option
    return lines


def _options(remedy: dict[str, Any]) -> list[str]:
    """Return a `--set` option for each change, quoted for a shell."""
    import shlex

    from engine.experiment.toml_writer import toml_value

    # as `--set` reads them: TOML, but a text by itself stays bare
    values = {key: value if isinstance(value, str) else toml_value(value) for key, value in remedy.items()}
    return [f"--set {shlex.quote(f'{key}={value}')}" for key, value in values.items()]
