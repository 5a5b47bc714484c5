"""The rules, one or a small family per file; `engine.doctor.rule` finds them here."""
