"""What a live explorer leaves in a saved notebook: its picture, as HTML that is seen only where the widget is not.

A widget lives as long as its kernel. In a notebook that is opened again JupyterLab has "model not found" in its place,
whatever else its output holds. So the picture is an output of its own, behind the widget's. The style sheet that it
brings along hides it behind a widget that lives, and hides what failed before it. A notebook of somebody else's is not
trusted: JupyterLab takes the style sheet and the drawing out, and what is left says what the picture shows.
"""

from __future__ import annotations

import html

from fmspace_nb.explorer import assets
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.still.standing import standing

_OUTPUT, _FAILED = ".jp-OutputArea-child", ":has(> .jp-OutputArea-output.jupyter-widgets)"  # a live one has it deeper
_SEEN = f"""
.fm-saved > div {{ display: block !important; }}
.fm-saved .fm-shows {{ display: none; }}
{_OUTPUT}:not({_FAILED}) + {_OUTPUT}:has(.fm-saved) {{ display: none; }}
{_OUTPUT}{_FAILED}:has(+ {_OUTPUT} .fm-saved) {{ display: none; }}
:has([data-explorer]):not(:has(.fm-saved)) + * .fm-saved {{ display: none; }}
"""


def saved(spec: ExplorerSpec) -> str:
    """The explorer at its start as HTML for a saved notebook."""
    alt = spec.skeleton.first.alt or spec.caption
    picture = standing(spec.skeleton.whole, alt, spec.caption, spec.json()["controls"], spec.leads)
    return (f'<div class="fm-saved"><style>{assets.STYLE}{_SEEN}</style><p>This picture was saved. Run its cell, and '
            f'the sliders move.<span class="fm-shows"> It shows: {html.escape(alt)}</span></p>'
            f'<div style="display:none">{picture}</div></div>')
