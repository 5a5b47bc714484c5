"""Turns the evidence on one tensor into its row of the report."""

import numpy as np

from engine.gradcheck.analytic import norm_ratio
from engine.gradcheck.events import ParameterReport, Verdict
from engine.gradcheck.evidence import Evidence


def row_of(evidence: Evidence, diagnosis: str = "") -> ParameterReport:
    """Return the tensor's row; the values stand at the coordinate with the largest error."""
    tensor, errors = evidence.tensor, evidence.errors
    worst = int(np.argmax(errors)) if errors else -1
    place = evidence.places[worst] if errors else int(tensor.places.flat[0])
    return ParameterReport(
        name=tensor.name,
        shape=tensor.shape,
        index=tensor.index_of(place),
        analytic=float(evidence.analytic[place]),
        finite_difference=evidence.slopes[worst].value if errors else None,
        largest_relative_error=max([*errors, evidence.direction_error]),
        median_relative_error=float(np.median(errors)) if errors else 0.0,
        norm_ratio=norm_ratio(*evidence.pairs) if errors else None,
        checked=len(errors),
        directions=evidence.directions,
        kinks=evidence.kinks,
        verdict=_verdict(evidence),
        diagnosis=diagnosis or _kink_note(evidence),
    )


def _verdict(evidence: Evidence) -> Verdict:
    if evidence.wrong:
        return "wrong"
    if evidence.errors or evidence.directions:
        return "ok"
    return "kink" if evidence.kinks else "unchecked"


def _kink_note(evidence: Evidence) -> str:
    if not evidence.kinks:
        return ""
    coordinates = "coordinate stands" if evidence.kinks == 1 else "coordinates stand"
    return f"{evidence.kinks} {coordinates} at a kink: not checked"
