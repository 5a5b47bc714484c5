"""The screens: one top-level screen a file, and the small ones that lie over them."""
