"""The problems that chapter 07 measures: dimension, widths, steps and targets, and the Γ of theory for them."""

from __future__ import annotations


import numpy as np

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.remembered import curves
from fmspace_nb.targets import target as as_target

TEST = 1500  # fresh inputs on which an error is measured


def stops(low: float, high: float, count: int) -> list[float]:
    """So many even ratios from low to high, to three digits: the stops of `Log(low, high, steps=count)`."""
    return [float(f"{low * (high / low) ** (k / (count - 1)):.3g}") for k in range(count)]


DIM, SAMPLE_RATIO = 64, 4.0
STEPS, WIDTH_RATIOS, SAMPLES = stops(10, 3000, 11), stops(0.5, 8, 5), [16, 32, 64, 128, 256, 512, 1024]
PROBLEMS = [("relu", "mixed"), ("relu", "sine"), ("erf", "sine"), ("erf", "mixed")]
FIGURE1 = (None, 0.3, 0.5, 0.7, 0.9)  # the curves of the paper's Figure 1: k₀, and k₁ with B = 5 d^p


def figure1_covariance(exponent: float | None, dim: int) -> dict:
    """A and B of a curve of the paper's Figure 1: A = 1.2 and B = 5 d^exponent, or k₀'s A = 1 and B = 0."""
    return {"bulk": 1.0, "spike": 0.0} if exponent is None else {"bulk": 1.2, "spike": 5 * dim**exponent}


@curves
def centre(target):
    """The target less its mean: a step on labels that are not centred rescales each weight at random (chapter 08)."""
    target = as_target(target)
    mean = target.hermite(0)[0]
    return as_target(lambda t: target.link(t) - mean, noise=target.noise)


def errors(predicted, truth):
    """Mean squared error of each row of predictions, as plain numbers."""
    return np.mean((predicted - truth) ** 2, axis=-1).tolist()


def curve_places(activation, target, width_ratio, step_size) -> dict:
    """Γ of the two learning curves: "kernel", averaged over the data; "network", given data of the typical alignment.

    Each a dictionary bulk, spike, overlap ⟨v, w*⟩² and width (None for the kernel), in DIM dimensions.
    """
    width, batch = sizes(DIM, width_ratio, SAMPLE_RATIO)
    shape, centred = {"dim": DIM, "width": width, "samples": batch, "step_size": step_size}, centre(target)
    averaged, given = (f(activation, centred, **shape) for f in (predict_covariance, typical_conditional))
    overlap = alignment(centred, dim=DIM, samples=batch)
    return {"kernel": {"bulk": averaged.bulk, "spike": max(averaged.spike, 0.0), "overlap": 1.0, "width": None},
            "network": {"bulk": given.bulk, "spike": max(given.spike, 0.0), "overlap": overlap, "width": width}}


def has_spectrum(activation, place: dict) -> bool:
    """Whether the spectrum of a Γ can be solved: σ is homogeneous or the bulk has grown tenfold at most."""
    return as_activation(activation).homogeneity is not None or place["bulk"] <= 10


def is_strong(activation, target, width_ratio, step_size) -> bool:
    """Whether B > d/10 · A, where the eigenframework is too low (chapter 07), and the spectra are known."""
    places = curve_places(activation, target, width_ratio, step_size).values()
    strong = all(place["spike"] > DIM / 10 * place["bulk"] for place in places)
    return strong and all(has_spectrum(activation, place) for place in places)
