"""Several real networks in one picture: each of them as it is drawn alone."""

import numpy as np
import pytest

from fmspace_nb.experiments.trials import SHOWN
from fmspace_nb.figures import journey, other_steps, step


@pytest.mark.parametrize("picture, name", [
    (journey.weights, "theory, given the data"), (journey.spectrum, "top eigenvalue, measured"),
    (journey.top_mode, "network"), (journey.learning, "after: theory"), (journey.functions, "their spread: theory"),
    (step.weights_by_direction, "theory, given the data"), (step.weights_by_direction, "quantiles"),
    (step.rank_one_model, "the rest"), (other_steps.muon_and_plain, "top eigenvalue, measured"),
])
def test_all_draws_at_once_are_those_that_can_be_drawn_one_by_one(picture, name):
    """As sets of points: where a trace has two lines a draw, all draws' first lines come first."""
    def drawn(seed):
        trace = next(trace for trace in picture(seed=seed).data if name in (trace.name or ""))
        found = np.stack([trace.x, trace.y])
        return {tuple(point) for point in found[:, np.isfinite(found).all(axis=0)].round(9).T}

    single = [drawn(seed) for seed in range(SHOWN)]
    assert set.union(*single) == drawn("all") and len(set(map(frozenset, single))) == SHOWN
