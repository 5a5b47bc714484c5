"""The Runs screen: the table of runs with a preview, comparison, fork, resume, rename and trash."""
