"""An experiment being built: plain tables that may still be wrong, the edits that keep them showable, and what
the engine says about them. No widget here; the Build screen shows it."""
