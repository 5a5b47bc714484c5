"""The Runs screen: the table of runs, previews, comparison, fork, resume, rename, trash."""
