"""Sliders around a figure function: live in a notebook (the kernel computes), frozen in an exported page (a grid
does)."""

from fmspace_nb.explorer.controls import Choice, Draws, Linear, Log
from fmspace_nb.explorer.explore import explore

__all__ = ["Choice", "Draws", "Linear", "Log", "explore"]
