"""fmspace_nb: how one large gradient step reshapes the function space of a two-layer network (arXiv:2605.17718).

Every public name is importable from here: `from fmspace_nb import mercer, mode_mixing, predict_covariance, explore`.
A name is loaded when it is first asked for, so that `import fmspace_nb` brings neither plotly nor widgets.
"""

import sys
from importlib import import_module

_FACE = {
    "activations": ("Activation", "activation"),
    "targets": ("SingleIndexTarget", "target"),
    "covariance": ("Covariance", "SpikedCovariance", "predict_covariance", "predict_conditional"),
    "weights": ("Outlier", "bulk_density", "critical_step_size", "marchenko_pastur", "outlier", "readout_variance"),
    "network": ("TwoLayerNetwork",),
    "steps": ("OneStep", "draw_batch", "gradient_step", "muon_step", "preconditioned_step", "sign_step"),
    "other_steps": ("StepPrediction", "muon_density", "predict_muon_step", "predict_sign_step", "sign_step_angle"),
    "preconditioned": ("predict_preconditioned",),
    "several_directions": ("predict_multi_index", "staircase"),
    "kernel": ("ConjugateKernel", "conjugate_kernel"),
    "expansion": ("expansion_terms", "remainder_norm"),
    "spectrum.mercer": ("MercerSpectrum", "Sector", "mercer"),
    "mixing": ("ModeMixing", "mode_mixing", "saturation", "small_spike_slope"),
    "conditional": ("conditional_learning_curve",),
    "spiked_features": ("spiked_feature_error",),
    "learning": ("Eigenframework", "eigenframework", "learning_curve"),
    "experiments.averaged": ("averaging_gap",),
    "experiments.trials": ("Trial",),
    "course.exercises": ("check",),
    "explorer": ("Choice", "Draws", "Linear", "Log", "explore"),
}
_HOME = {name: module for module, names in _FACE.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def _show_plain_figures():
    """In a kernel a plotly Figure that ends a cell becomes an explorer without controls."""
    from IPython import get_ipython
    from IPython.display import display
    if shell := get_ipython():
        shell.display_formatter.ipython_display_formatter.for_type_by_name(
            "plotly.graph_objs._figure", "Figure", lambda figure: display(__getattr__("explore")(figure)))


if sys.platform == "emscripten" and "IPython" in sys.modules:  # plotly's own display lacks nbformat there
    _show_plain_figures()
