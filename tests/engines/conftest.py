"""Tests of this folder need browsers that a machine may lack: `make browsers` runs them, `make test` does not."""
