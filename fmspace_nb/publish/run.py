"""Run a notebook for export: in a kernel told to freeze its explorers, with a time limit, failing in words a reader
can use."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from fmspace_nb.exported import SWITCH
from fmspace_nb.publish import TIME_LIMIT

FROZEN = {SWITCH: "1", "PLOTLY_RENDERER": "plotly_mimetype"}


class ExportError(Exception):
    """Why a notebook could not be exported, in one message that names the notebook and, where there is one, the
    cell."""


class TimeIsUp(ExportError):
    """The notebook ran longer than it may."""


def run(notebook: NotebookNode, *, name: str, folder: Path, time_limit: float | None = None, threads: int | None = None,
        on_cell: Callable[[int], None] = lambda cell: None) -> NotebookNode:
    """The notebook with its outputs, run in `folder` by a kernel of its own.

    time_limit: seconds for the whole notebook (TIME_LIMIT unless given); then it is stopped. threads: how many the
    kernel's linear algebra may use. on_cell: called once a code cell has run with its number (from 0, among all
    cells). Raises ExportError. A notebook without code needs no kernel.
    """
    if all(cell.cell_type != "code" for cell in notebook.cells):
        return notebook
    at, time_limit = {"cell": 0}, time_limit or TIME_LIMIT
    environment = os.environ | FROZEN
    if threads:
        environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)} | environment

    def started(cell, cell_index):
        at["cell"] = cell_index

    client = NotebookClient(
        notebook, kernel_name=_kernel(notebook), resources={"metadata": {"path": str(folder)}}, timeout=None,
        shutdown_kernel="immediate", store_widget_state=False, on_cell_start=started,
        on_cell_executed=lambda cell, cell_index, execute_reply: on_cell(cell_index))

    async def within_the_limit():
        task = asyncio.ensure_future(client.async_execute(env=environment, stderr=complaints))
        done, _ = await asyncio.wait({task}, timeout=time_limit)
        if done:
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise TimeIsUp(
            f"{_place(name, notebook, at['cell'])} was stopped: the notebook had run for {time_limit:g} s, "
            "its time limit (--timeout)"
        )

    def whole():
        try:
            return asyncio.run(within_the_limit())
        except CellExecutionError as error:
            raise ExportError(
                f"{_place(name, notebook, at['cell'])} failed: {_said(notebook.cells[at['cell']]) or error}"
            ) from None
        except DeadKernelError:
            complaints.seek(0)
            last = complaints.read().decode(errors="replace").strip().splitlines()[-3:]
            ended = f"{_place(name, notebook, at['cell'])} ended its kernel: a crash, or out of memory"
            raise ExportError("\n".join([ended, *last])) from None
        except NoSuchKernel as error:
            raise ExportError(f"{name} needs the kernel {error.name!r}, which is not installed here") from None

    def finished():
        done = whole()
        # a figure that fails while it is shown ends its cell without an exception
        for k, cell in enumerate(done.cells):
            if "raises-exception" not in cell.metadata.get("tags", []) and (said := _said(cell)):
                raise ExportError(f"{_place(name, notebook, k)} failed: {said}")
        return done

    # A thread of its own: the caller's may have an event loop already.
    with tempfile.TemporaryFile() as complaints, ThreadPoolExecutor(1) as alone:
        return alone.submit(finished).result()


def _kernel(notebook: NotebookNode) -> str:
    """The kernel the notebook names; for Python this one, whatever the author's environment was called."""
    specification = notebook.metadata.get("kernelspec", {})
    is_python = specification.get("language", "python") == "python"
    return "python3" if is_python else specification.get("name", "python3")


def _place(name: str, notebook: NotebookNode, cell: int) -> str:
    source = notebook.cells[cell].source.strip() if notebook.cells else ""
    first = source.partition("\n")[0]
    return (
        f"{name}, cell {cell + 1} of {len(notebook.cells)} ({first[:60]}{'…' if len(source) > len(first[:60]) else ''})"
    )


def _said(cell: NotebookNode) -> str:
    """The name and the message of the error a cell put out, with the notes that follow it in the traceback; "" for
    none."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            lines = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback)).rstrip().splitlines()
            named = [k for k, line in enumerate(lines) if line.startswith(f"{output.ename}:")]
            return "\n".join(lines[named[-1]:]) if named else f"{output.ename}: {output.evalue}"
    return ""
