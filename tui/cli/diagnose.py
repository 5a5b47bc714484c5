"""`nnterm diagnose`: what is wrong with an experiment or a run, by which figures, and what mends it."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import asdict, replace

from engine.errors import NntermError
from tui.cli import output
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from
from tui.cli.takes import takes

if TYPE_CHECKING:
    from engine.events import Finding

MARKS = {"error": "✗", "warning": "▲", "info": "·"}
STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


@takes(options=ExperimentOptions)
def diagnose(
    options: ExperimentOptions,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="This run; needed where a file is called like it.")
    ] = None,
    overfit: Annotated[
        bool, typer.Option("--overfit", help="Also try to learn 16 samples by heart, which may take seconds.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> int:
    """Say what is wrong with an experiment or run, and its remedy.

    Of an experiment: what can be known before training, and from its first pass. Of a run: all that its events,
    its checkpoints and its newest weights show. Exit 0 where nothing is found of severity error, 1 where something is,
    2 where the input is wrong.
    """
    name = run or _run_name(options, home)
    if name is not None:
        _refuse_other_options(options, overfit, given=run is not None)
        findings = _diagnose_run(name, home)
    else:
        findings = _diagnose_experiment(options, overfit)
    if json:
        for finding in findings:
            output.json_line(finding)
    else:
        show_findings(findings, name is not None)
    return output.ExitCode.NO if any(f.severity == "error" for f in findings) else output.ExitCode.DONE


def _run_name(options: ExperimentOptions, home: Path | None) -> str | None:
    """The run that the argument names, where there is no such file."""
    from engine.runs import runs_folder

    file = options.file
    if file is None or file.suffix == ".toml" or file.exists() or len(file.parts) != 1:
        return None
    return str(file) if (runs_folder(home) / file).is_dir() or not file.suffix else None


def _refuse_other_options(options: ExperimentOptions, overfit: bool, *, given: bool) -> None:
    """A run is what it is."""
    values = asdict(replace(options, file=None) if not given else options).items()
    names = [name for name, value in values if value not in (None, False, [])] + (
        ["overfit"] if overfit else []
    )
    if names:
        shown = "FILE" if names[0] == "file" else f"--{names[0].replace('_', '-')}"
        raise NntermError(f"{shown} does not go with a run", "a run is diagnosed as it is")


def _diagnose_experiment(options: ExperimentOptions, overfit: bool) -> "list[Finding]":
    from engine.doctor.report import diagnose_experiment

    return diagnose_experiment(experiment_from(replace(options, force=True)), overfit=overfit)


def _diagnose_run(name: str, home: Path | None) -> "list[Finding]":
    from engine.runs import Run
    from engine.runs.diagnosis import diagnose_run

    return diagnose_run(Run.open(name, home))


def show_findings(findings: "list[Finding]", of_run: bool) -> None:
    """Write findings for a person: each cause with its figures and its remedy, then the symptoms that it explains."""
    if not findings:
        output.line(
            "nothing found: " + ("this run looks sound" if of_run else "nothing speaks against training this")
        )
        return
    roots = [finding for finding in findings if not finding.cause]
    for position, root in enumerate(roots):
        if position:
            output.line()
        _show(
            root,
            [finding for finding in findings if finding.cause == root.code and finding is not root],
            findings,
        )


def _show(root: "Finding", symptoms: "list[Finding]", findings: "list[Finding]") -> None:
    from rich.text import Text

    head = Text(f"{MARKS[root.severity]} {root.severity}: {root.code}", STYLES[root.severity])
    head.append(f"  {root.layer}" if root.layer else "", "default")
    output.show(head)
    _indented(_sentence(root.message), 2)
    if root.remedy:
        output.line(f"  mend it:  {set_line(root.remedy)}")  # as it is: a wrapped line could not be copied
    _indented(f"source:   {root.reference}", 2, "dim")
    for symptom in symptoms:
        _indented(f"explains {symptom.code}: {_sentence(symptom.message)}", 2, "dim")
        for further in (finding for finding in findings if finding.cause == symptom.code != finding.code):
            _indented(f"and so {further.code}: {_sentence(further.message)}", 4, "dim")


def _indented(text: str, columns: int, style: str = "") -> None:
    """A text that keeps its distance from the margin where it is wrapped."""
    from rich.padding import Padding
    from rich.text import Text

    output.show(Padding(Text(text, style), (0, 0, 0, columns), expand=False))


def set_line(remedy: dict[str, Any]) -> str:
    """A remedy as the options that make it."""
    return " ".join(f"--set {_quoted(f'{key}={_value(value)}')}" for key, value in remedy.items())


def _quoted(text: str) -> str:
    """A text as one word of a shell."""
    import shlex

    return shlex.quote(text)


def _value(value: Any) -> str:
    """As `--set` reads it: TOML, but a text by itself stays bare."""
    return value if isinstance(value, str) else _toml(value)


def _toml(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json_text.dumps(value, ensure_ascii=False)


def _sentence(text: str) -> str:
    return text if text.endswith(("?", ".")) else f"{text}."
