"""A picture that needs no script: a plotly figure as a small drawing in HTML and SVG, until plotly.js draws it."""
