"""The palette: screens, views, runs, datasets, settings, terms and actions, found by their names."""
