"""The Findings screen: the doctor's findings with evidence, explanation and suggested fix."""
