"""Sliders around a figure function: live in a notebook (the kernel computes), frozen in an exported page (a grid does)."""
