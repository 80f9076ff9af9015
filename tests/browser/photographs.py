"""A plot as it is seen: what a drag shows, held against what plotly draws anew."""

import base64
import io

import numpy as np
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

# pixels: a letter or two; a point that is not where it should be counts more than it, a line many times more
LETTER = 80
# Plotly owes its figures the redraw that follows a glide, until gd.owed is called.
HOLD = """() => {
  const redraw = Plotly.redraw
  Plotly.redraw = gd => { gd.owed = () => { gd.owed = null; return redraw(gd) } }
}"""
OWED = "gd => new Promise(told => setTimeout(() => told(Boolean(gd.owed)), 250))"


PLACE = """f => {
  const plot = f.querySelector('.fm-plot')
  plot.scrollIntoViewIfNeeded()
  const {x, y, width, height} = plot.getBoundingClientRect()
  return {x: Math.floor(x + scrollX), y: Math.floor(y + scrollY), width: Math.ceil(width), height: Math.ceil(height),
          scale: 1}
}"""
FRAME = "f => new Promise(go => requestAnimationFrame(() => setTimeout(go)))"


def photograph(driven):
    """The plot as it is seen, (height, width, 3); asked of Chromium itself, which takes half the time."""
    page = driven.page
    if not hasattr(page, "camera"):
        page.camera = page.context.new_cdp_session(page)
    place = driven.ask(PLACE)
    driven.ask(FRAME)
    shot = page.camera.send("Page.captureScreenshot", {"clip": place, "optimizeForSpeed": True})
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB"), dtype=np.int16)


def apart(a, b, shades=64):
    """How many pixels of either picture have no like within two pixels of them in the other."""
    rows, columns = (np.flatnonzero(np.any(a != b, axis=axes)) for axes in ((1, 2), (0, 2)))
    if not rows.size:
        return 0
    place = tuple(slice(max(0, differ[0] - 4), differ[-1] + 5) for differ in (rows, columns))  # all else is alike
    a, b, near = a[place], b[place], (5, 5, 1)
    outside = [
        (p < minimum_filter(q, near) - shades) | (p > maximum_filter(q, near) + shades) for p, q in ((a, b), (b, a))
    ]
    return int(np.any(outside, axis=-1).sum())
