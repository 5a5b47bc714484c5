"""An experiment being edited: plain tables that may still be invalid, edits of them, and the engine's assessment.
Free of Textual; the Build screen shows it."""
