"""The widgets: state goes in as reactives or `show(...)`, news comes out as messages; none knows a sibling or a file."""
