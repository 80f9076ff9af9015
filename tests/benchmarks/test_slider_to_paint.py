"""How long a slider's event takes to a painted figure in a real JupyterLab, and how soon a drag settles.

Run with `make bench`. Times are printed, none is asserted.
"""

import os
import statistics

import nbformat
import pytest
from driving import Driven

CELL = '''
import time
import numpy as np
import plotly.graph_objects as go
from fmspace_nb.explorer import Choice, Log, explore

def curves(step_size, compute=0.0):
    """Four curves of 200 points, points with error bars, and a 50 × 50 map."""
    end = time.perf_counter() + compute
    x = np.linspace(0, 1, 200)
    data = [dict(type="scatter", x=x, y=np.sin(k * x) * np.log10(step_size + 1)) for k in (1, 2, 4, 8)]
    data += [dict(type="scatter", mode="markers", x=x[::20], y=np.cos(x[::20]) + step_size / 1e4,
                  error_y=dict(type="data", array=0.1 * x[::20]))] + MAP
    while time.perf_counter() < end:
        pass
    layout = dict(template="none", height=400, xaxis=dict(range=[0, 1], domain=[0, 0.6]), yaxis=dict(range=[-4, 4]),
                  xaxis2=dict(domain=[0.65, 1], range=[0, 1]), yaxis2=dict(anchor="x2", range=[0, 1]))
    return go.Figure(data, layout)

explore(curves, step_size=Log(1, 1e4, start=100), compute=Choice(0.0, 0.015, 0.03))
'''
MAP = """[dict(type="heatmap", x=x[::4], y=x[::4], z=np.outer(x[::4], x[::4]) * np.log10(step_size), zmin=0, zmax=4,
 zsmooth="best",
                 xaxis="x2", yaxis="y2")]"""
ONE_BY_ONE = """async (figure, events) => {
  const slider = figure.querySelector('[data-control][type=range]'), times = []
  for (let k = 0; k < events; k++) {
    slider.value = Number(slider.value) + (k % 40 < 20 ? 1 : -1)
    const wanted = slider.value, begun = performance.now()
    slider.dispatchEvent(new Event('input', {bubbles: true}))
    await new Promise((drawn, failed) => {
      const observer = new MutationObserver(() => {
        if (figure.dataset.shown.split(',')[0] === wanted) { observer.disconnect(); setTimeout(drawn) }
      })
      observer.observe(figure, {attributes: true, attributeFilter: ['data-shown']})
      const said = () => `stop ${wanted} of ${slider.max}, move ${k}: ${figure.dataset.shown} ${figure.dataset.state}`
      setTimeout(() => failed(Error(said())), 20000)
    })
    times.push(performance.now() - begun)
    await new Promise(resolve => setTimeout(resolve, 40))
  }
  return times
}"""
DRAG = """async (figure, events) => {
  const slider = figure.querySelector('[data-control][type=range]')
  for (let k = 1; k <= events; k++) {
    slider.value = k
    slider.dispatchEvent(new Event('input', {bubbles: true}))
    if (k < events) await new Promise(resolve => setTimeout(resolve, 1000 / events))
  }
  const last = performance.now()
  while (!(figure.dataset.shown.split(',')[0] === slider.value)) await new Promise(requestAnimationFrame)
  await new Promise(resolve => setTimeout(resolve))
  return performance.now() - last
}"""


EVENTS, DRAGS = 60, 5


@pytest.mark.browser
@pytest.mark.parametrize("shown", ["curves", "curves and a map"])
def test_slider_to_paint(lab, shown, beside):
    cell = nbformat.v4.new_code_cell(CELL.replace("MAP", "[]" if shown == "curves" else MAP))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), lab.folder / "speed.ipynb")
    page = lab.open("speed.ipynb")
    lab.run_all(page)
    curves = Driven(page, "curves")
    curves.settle(60)
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for compute in ("0", "0.015", "0.03"):
        curves.control("compute").select_option(label=compute)
        curves.settle()
        times = curves.figure.evaluate(ONE_BY_ONE, EVENTS)
        settles = [curves.figure.evaluate(DRAG, 60) for _ in range(DRAGS)]
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{shown}, {1000 * float(compute):2.0f} ms a figure: slider to paint median "
              f"{statistics.median(times):4.0f} ms, "
              f"p95 {p95:4.0f} ms; 60 events in 1 s settle {statistics.median(settles):4.0f} ms after the last "
              f"(max {max(settles):4.0f})")
        beside(f"slider to paint, {shown}, {1000 * float(compute):.0f} ms a figure", statistics.median(times),
               page=page)
    assert curves.at[0] == 60 and page.complaints == []
    lab.close(page)
