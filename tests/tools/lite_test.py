"""Run tests of the mathematics and the explorers in Pyodide, under node; arguments go to pytest.

They are a selection: without hypothesis, whose compiled half is not there, without processes, and a minute in all.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from pyodide_folder import NoPyodide, pyodide_folder

ROOT = Path(__file__).parents[2]
TESTS = ("tests/numerics", "tests/explorer/test_explore.py", "tests/explorer/test_live.py",
         "tests/explorer/test_spec.py", "tests/spectrum/test_decay.py",
         "tests/spectrum/test_homogeneous.py", "tests/test_activations.py", "tests/test_covariance.py",
         "tests/test_kernel.py", "tests/test_learning.py", "tests/test_network.py", "tests/test_targets.py",
         "tests/test_products.py", "tests/test_lite.py")


def main(arguments: list[str]) -> int:
    if shutil.which("node") is None:
        print("not run: node is not installed")
        return 0
    try:
        folder = pyodide_folder()
    except NoPyodide as reason:
        print(f"not run: {reason}")
        return 0
    script = Path(__file__).with_name("lite_test.mjs")
    return subprocess.call(["node", script, folder, ROOT, sysconfig.get_path("purelib"), *(arguments or TESTS)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
