// node lite_test.mjs PYODIDE REPOSITORY SITE_PACKAGES TESTS…: pytest in Pyodide, on this repository.
// Pure Python packages come from the environment's own folder; numpy and scipy, found first, are Pyodide's.
import { pathToFileURL } from "node:url";

const [pyodide, repository, packages, ...tests] = process.argv.slice(2);
globalThis.fetch = (address) => { throw new Error(`the tests ask for ${address}`); };
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${pyodide}/`, stdout: console.log, stderr: console.error });
await python.loadPackage(["numpy", "scipy"], { messageCallback: () => {} });
for (const [place, folder] of [["/repository", repository], ["/packages", packages]]) {
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
python.globals.set("tests", python.toPy(tests));
try {
  process.exitCode = python.runPython(`
import os, sys
os.chdir("/repository")
sys.dont_write_bytecode = True
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # hypothesis has a compiled half
sys.path[:0] = ["/repository", "/repository/tests", "/repository/tests/tools"]
sys.path.append("/packages")
import pytest
pytest.main(["-p", "no:cacheprovider", "--capture=sys", "--noconftest", "-o", "addopts=", "-q", *tests])
`);
} catch (error) {  // its stack would print the lines of pyodide.asm.js, a megabyte
  console.error(error.message);
  process.exitCode = 1;
}
