"""A finding as text: a plain line, a coloured one for the live display, and its remedy as the options that make it."""

from typing import TYPE_CHECKING, Any

from engine.events import Finding

if TYPE_CHECKING:
    from rich.console import RenderableType

MARKS = {"error": "✗", "warning": "▲", "info": "·"}
"""A sign for each severity: colour is never the only one."""
STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def finding_line(finding: Finding) -> str:
    """A finding on one line, with its remedy; of a symptom, its cause."""
    mend = f"; mend it: {set_line(finding.remedy)}" if finding.remedy and not finding.cause else ""
    return f"{_told(finding)}{mend}"


def finding_rows(finding: Finding) -> "list[RenderableType]":
    """The same in colour: what was found, wrapped beside its mark; then the remedy on a line that can be copied."""
    from rich.table import Table
    from rich.text import Text

    style = STYLES["info" if finding.cause else finding.severity]
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column()
    row.add_row(Text(MARKS[finding.severity], style), Text(_told(finding), style))
    if not finding.remedy or finding.cause:
        return [row]
    return [row, Text(f"  mend it:  {set_line(finding.remedy)}")]


def _told(finding: Finding) -> str:
    """Step, severity, code and sentence; a remark that no rule made has no code worth naming."""
    code = f"{finding.code}: " if finding.reference else ""
    if finding.cause:
        layer = f" of {finding.layer}" if finding.layer else ""
        return (
            f"step {finding.step:,}: {finding.severity}: {finding.code}{layer}, explained by {finding.cause}"
        )
    return f"step {finding.step:,}: {finding.severity}: {code}{finding.message}"


def set_line(remedy: dict[str, Any]) -> str:
    """A remedy as the options that make it, each one word of a shell."""
    import shlex

    from engine.experiment.toml_writer import toml_value

    # as `--set` reads them: TOML, but a text by itself stays bare
    values = {key: value if isinstance(value, str) else toml_value(value) for key, value in remedy.items()}
    return " ".join(f"--set {shlex.quote(f'{key}={value}')}" for key, value in values.items())
