"""The style shared by dialogs: `DIALOG_CSS.replace("{name}", "MyDialog")` is a dialog's `DEFAULT_CSS`."""

DIALOG_CSS = """
{name} { align: center middle; }
{name} > Vertical {
    width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
    border: round $accent; background: $surface;
}
{name} .problem { margin-bottom: 1; }
{name} .keys { margin-top: 1; color: $text-muted; }
{name} .complaint { color: $text-error; height: auto; }
"""
