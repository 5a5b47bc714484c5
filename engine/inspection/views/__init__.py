"""The views, one per file; `engine.inspection.registry` names them."""
