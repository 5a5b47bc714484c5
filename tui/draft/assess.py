"""The engine's assessment of a draft: problems, resolved choices and the network's figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_field
from typing import Any

from msgspec.structs import replace

from engine.data import DatasetInfo, describe, resolve_scale
from engine.errors import NntermError, Problem
from engine.experiment.command_line import command_line
from engine.experiment.experiment import Experiment, problems
from engine.experiment.parsing import build_section
from engine.experiment.resolve import resolve_network
from engine.experiment.summary import NetworkSummary, summarise
from engine.named import Named


@dataclass(frozen=True)
class Assessment:
    """The result of assessing a draft; `info` and `summary` are None if the data cannot be described."""

    problems: tuple[Problem, ...] = ()
    forced: bool = False
    info: DatasetInfo | None = None
    summary: NetworkSummary | None = None
    autos: Mapping[str, str] = field(default_factory=dict)
    """The value that each "auto" stands for, by dotted key."""
    command: str = ""
    """The equivalent `nnterm train` command; empty if the draft cannot be trained."""

    @property
    def fatal(self) -> tuple[Problem, ...]:
        """The problems that prevent training."""
        return tuple(p for p in self.problems if not (self.forced and p.forceable))

    @property
    def ready(self) -> bool:
        """True if the draft can be trained as it is."""
        return not self.fatal


def assess(raw: Mapping[str, Any]) -> Assessment:
    """Assess an experiment's tables; reads a file's header, so call it off the event loop. Never raises."""
    found = tuple(problems(raw))
    forced = raw.get("force") is True
    experiment = build_section(Experiment, dict(raw), "", [])
    if experiment is None:
        return Assessment(found, forced)
    try:
        info = describe(experiment.data)
        experiment = replace(experiment, network=resolve_network(experiment.network, info))
        summary = summarise(experiment)
    except NntermError:
        return Assessment(found, forced)
    assessment = Assessment(found, forced, info, summary, _autos(experiment, info))
    if assessment.fatal:
        return assessment
    return replace_field(assessment, command=command_line(Experiment.from_raw(raw)))


def _autos(experiment: Experiment, info: DatasetInfo) -> dict[str, str]:
    autos = {
        "data.scale": str(resolve_scale(experiment.data, info)),
        "data.samples": f"{info.samples + (0 if info.kind == 'gate' else info.test_samples):,}",
    }
    if experiment.network.loss:
        autos["network.loss"] = experiment.network.loss.name
    for i, layer in enumerate(experiment.network.layers):
        for name in layer.__struct_fields__:
            chosen = getattr(layer, name)
            if isinstance(chosen, Named) or name == "units":
                autos[f"network.layers[{i}].{name}"] = (
                    chosen.name if isinstance(chosen, Named) else str(chosen)
                )
    return autos
