"""What the handout states in numbers is what is computed."""

import math
import re
from pathlib import Path

import numpy as np

from fmspace_nb.covariance import predict_covariance
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import mixing
from fmspace_nb.mixing import mode_mixing

TEXT = (Path(__file__).parents[1] / "notebooks" / "12_handout.md").read_text("utf-8")
SIZES = {"dim": 300, "width": 300, "samples": 600}


def stated(pattern):
    return [float(number) for number in re.search(pattern, TEXT).groups()]


def test_the_erratum_s_numbers():
    pattern = r"B=([\d.]+)\$ with one \$\\mu_1\$, \$([\d.]+)\$ with two, \$([\d.]+)\\pm([\d.]+)\$ measured"
    printed, full, mean, error = stated(pattern)
    for form, value in (("printed", printed), ("full step", full)):
        assert round(predict_covariance("relu", "tanh", **SIZES, step_size=600, form=form).spike, 1) == value
    spikes = np.array([trial.growth().at(600)[1] for trial in Trial("relu", "tanh", **SIZES).draws(24)])
    assert (round(spikes.mean(), 1), round(spikes.std(ddof=1) / math.sqrt(24), 1)) == (mean, error)


def test_the_angles_at_which_mixing_stops():
    relu, quadratic = stated(r"\$([\d.]+)\^\\circ\$ for ReLU, \$([\d.]+)\^\\circ\$ for \$z\^2\$")
    for activation, angle in (("relu", relu), ("quadratic", quadratic)):
        assert abs(math.degrees(mode_mixing(activation, dim=100_000, spike=1.0).saturation) - angle) < 0.01


def test_the_angle_at_which_a_step_of_any_size_ends():
    figure = mixing.angle(width_ratio=2)
    drawn = next(trace.y[0] for trace in figure.data if trace.name.startswith("η → ∞"))
    assert [round(drawn, 1)] == stated(r"in the figure at \$([\d.]+)\^\\circ\$")
