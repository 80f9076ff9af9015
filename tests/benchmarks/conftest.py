"""A time beside its baseline: as a ratio to work of the same process and moment, since seconds are the machine's.

`make bench BASELINE=write` puts the ratios of its run into baseline.json; read them before they are committed.
"""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

BASELINE = Path(__file__).with_name("baseline.json")
SIDE = 600  # of the matrices whose product is the unit of Python's times
LOOP = """() => {
  const times = []
  for (let k = 0; k < 5; k++) {
    const begun = performance.now()
    let sum = 0
    for (let i = 0; i < 1e6; i++) sum += Math.sin(i)
    times.push(performance.now() - begun + 0 * sum)
  }
  return Math.min(...times)
}"""  # a million sines: the unit of a browser's times


def product() -> float:
    """Milliseconds of a matrix product, the least of five."""
    a, times = np.random.default_rng(0).standard_normal((SIDE, SIDE)), []
    for _ in range(5):
        begun = time.perf_counter()
        a @ a
        times.append(1e3 * (time.perf_counter() - begun))
    return min(times)


@pytest.fixture(scope="session")
def baseline():
    """{name: ratio} of the committed run; what this run measures is written there when asked for."""
    known = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    found = {}
    yield known, found
    if os.environ.get("BASELINE") == "write":
        BASELINE.write_text(json.dumps(dict(sorted((known | found).items())), indent=1, ensure_ascii=False) + "\n",
                            "utf-8")


@pytest.fixture
def beside(baseline):
    """beside(name, milliseconds, page=None, unit=None): print the time in units of a product (of a million sines in the
    page, of another time) beside the baseline's."""
    known, found = baseline

    def told(name, milliseconds, *, page=None, unit=None):
        unit = unit or (page.evaluate(LOOP) if page else product())
        found[name] = float(f"{milliseconds / unit:.3g}")
        was = known.get(name)
        then = f"baseline {was:g}, × {found[name] / was:.2f}" if was else "no baseline"
        print(f"    {name}: {found[name]:g} units ({then})")

    return told
