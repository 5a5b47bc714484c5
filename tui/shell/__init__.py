"""The frame around every screen: top line, key bar, help, dialogs, leaving."""
