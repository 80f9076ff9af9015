"""The pictures, one module a chapter: pure functions from parameters to a plotly Figure.

Theory is drawn as lines, measurements as points; one meaning has one colour through the whole course (`style`).
"""
