"""The Findings screen: the doctor's findings, each with evidence, explanation and suggested fix."""
