"""The rules, a file or a small family a file; `engine.doctor.rule` finds them here."""
