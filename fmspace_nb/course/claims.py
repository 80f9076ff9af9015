"""The paper's claims, each tested: what theory predicts, what is measured, how it scales. Computed, never typed.

Every claim is one function below; `table()` runs them all. Sizes are chosen so that the whole table takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from fmspace_nb.course.beyond import BEYOND
from fmspace_nb.course.evidence import Claim, ClaimTable, Rate, fitted_rate
from fmspace_nb.covariance import SpikedCovariance, predict_covariance, typical_conditional
from fmspace_nb.experiments.averaged import Gap, averaging_gap
from fmspace_nb.experiments.distances import best_scale, faces_agreement, mean_distances
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.mixing import mode_mixing
from fmspace_nb.spectrum.decay import at_ranks, weyl_ratio
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.threads import one_thread

_DIMS, _TRIALS = np.array([32, 64, 128]), 160
_MODEL = {"activation": "relu", "target": "tanh"}


def _trial(dim, width_ratio=2) -> Trial:
    return Trial.of_ratios(**_MODEL, dim=int(dim), width_ratio=width_ratio, sample_ratio=4)


def _sizes(dim, step_size, width_ratio=2, sample_ratio=4) -> dict:
    return {"dim": int(dim), "width": int(width_ratio * dim), "samples": int(sample_ratio * dim),
            "step_size": float(step_size)}


@lru_cache(maxsize=1)
def _growths() -> np.ndarray:
    """(A − 1, B) of real steps at η = 20 d^{3/4}: mean and standard error, shape (dims, 2, 2)."""
    found = []
    for dim in _DIMS:
        trials = [trial.growth().at(20 * dim**0.75) for trial in _trial(dim).draws(_TRIALS)]
        found.append((np.mean(trials, axis=0), np.std(trials, axis=0, ddof=1) / math.sqrt(_TRIALS)))
    return np.array(found)


def _covariance_claim(which: int, quantity: str, exponent: float, tolerance: float, form: str = "full step") -> Claim:
    (mean, error), sizes = _growths()[-1], _sizes(_DIMS[-1], 20 * _DIMS[-1] ** 0.75)
    gamma = predict_covariance(**_MODEL, **sizes, form=form)
    rate = fitted_rate("d", _DIMS, _growths()[:, 0, which], _growths()[:, 1, which], stated=exponent, allowed=tolerance)
    source = {"printed": "eq. for Γ, with one μ₁ as printed"}.get(form, f"eq. for Γ, {form}")
    return Claim(source, "After the step the weights have covariance (A I + B w*w*ᵀ)/d", quantity, mean[which],
                 error[which], "02_one_step", (gamma.bulk - 1, gamma.spike)[which], tolerance, rate)


def spike_as_printed() -> Claim:
    """B of real steps against the formula with one μ₁, E g', for μ_σ and μ_g: μ_g⁴ in place of μ_σ²μ_g²."""
    return _covariance_claim(1, "B, real ReLU networks, g = tanh, η = 20 d^{3/4}, d = 128", 0.5, 0.03, "printed")


def spike_of_the_weights() -> Claim:
    """B of real steps against the formula of the full step, μ_σ and μ_g kept apart; B ~ η²/d."""
    return _covariance_claim(1, "B, the same networks", 0.5, 0.03)


def bulk_of_the_weights() -> Claim:
    """A − 1 of real steps against the formula of the full step, E[σ'²] in the bulk; A − 1 ~ η²/d²."""
    return _covariance_claim(0, "A − 1, the same networks", -0.5, 0.06)


def weights_are_gaussian() -> Claim:
    """The weights of real steps along β̂, given the data: their fourth moment, as a Gaussian has it up to O(1/d)."""
    values = []
    for trial in _trial(128).draws(_TRIALS):
        step = trial.first_step().with_step_size(5 * 128**0.75)
        along = step.after.weights @ step.beta_hat
        values.append(np.mean(along**4) / np.mean(along**2) ** 2 / (3 - 6 / (along.size + 1)))
    return Claim("Abstract", "Post-update features are close to a spiked Gaussian",
                 "kurtosis / 3 of the weights along β̂, ReLU, η = 5 d^{3/4}, d = 128",
                 np.mean(values), np.std(values, ddof=1) / math.sqrt(_TRIALS), "02_one_step", 1.0, 0.04)


def _gap_rate(activation: str, zeta: float, pairs: int) -> tuple[Rate, Gap]:
    """The exponent in d of ‖T₁* − T₁‖_HS at η = 2 d^ζ, as stated 4ζ − 5 at most; and the gap at the largest d."""
    dims = (100, 200, 400, 800)
    gaps = [averaging_gap(activation, "tanh", **_sizes(d, 2 * d**zeta), pairs=pairs, rng=d) for d in dims]
    return fitted_rate("d", dims, [g.distance for g in gaps], [g.error for g in gaps], stated=4 * zeta - 5,
                       relation="≤"), gaps[-1]


def kernel_averaged_over_batches() -> Claim:
    """Theorem 1's rate, up to logarithms; the note has what else was fitted."""
    rate, gap = _gap_rate("erf", 0.75, 1500)
    others = [f"{name} at η ∝ d^{{{zeta:g}}}: d^{{{_gap_rate(name, zeta, 300)[0].fitted:.1f}}}".replace("-", "−")
              for name, zeta in (("erf", 0.5), ("erf", 1.0), ("relu", 0.75), ("relu", 1.0))]
    return Claim("Theorem 1", "‖T₁* − T₁‖_{HS} = O(η⁴ ln³d / d⁵)", "‖T₁* − T₁‖_{HS}, erf, η = 2 d^{3/4}, d = 800",
                 gap.distance, gap.error,
                 "04_three_faces", rate=rate, note="; ".join(others))


def three_faces() -> Claim:
    """Theorem 1's identity: weights from N(0, Γ/d), inputs stretched, closed form."""
    widths = 2 ** np.arange(4, 13)
    draws = [faces_agreement(conjugate_kernel("erf", SpikedCovariance(100, bulk=1.2, spike=40.0)), widths, rng=seed)
             for seed in range(6)]
    sampled = np.array([draw.sampled for draw in draws])
    rate = fitted_rate("m", widths, sampled.mean(0), sampled.std(0, ddof=1) / math.sqrt(len(draws)), stated=-0.5)
    return Claim("Theorem 1", "Changing the weights = stretching the inputs = a new kernel",
                 "k₁(x,x') − k₀(Γ^{1/2}x, Γ^{1/2}x'), relative",
                 max(draw.stretched for draw in draws), 1e-15, "04_three_faces", 0.0, rate=rate,
                 note="error 10⁻¹⁵: rounding; rate: of m sampled weights against the closed form")


def network_has_the_kernel() -> Claim:
    """The B with which k₁ fits a real network's kernel best, over the predicted one; and its distance as d grows."""
    dims = np.array([32, 64, 128, 256])
    found = np.array([mean_distances(_trial(d), 5 * d) for d in dims])
    before, averaged, given, floor = found[-1, 0]
    rate = fitted_rate("d", dims, found[:, 0, 2], found[:, 1, 2], stated=-0.5, allowed=0.1)
    scales = [best_scale("spike", trial, 2000) for trial in _trial(100, width_ratio=8).draws(16)]
    return Claim("Abstract", "A real one-step network has the data-adaptive kernel k₁",
                 "best-fitting B / predicted B, ReLU, d = 100, η = 20 d",
                 np.mean(scales), np.std(scales, ddof=1) / 4, "04_three_faces", 1.0, 0.01, rate,
                 f"rate: of the relative distance of the kernels, at η = 5 d, m = 2 d. At d = 256: {given:.2f}, where "
                 "the finite width alone "
                 f"makes {floor:.2f}; {averaged:.2f} with the averaged Γ, {before:.2f} from k₀")


def decay_is_kept() -> Claim:
    """Theorem 2: ordered eigenvalues of T₁ over those of T₀ near the end of their ratio, both decays; ReLU, d = 8."""
    ranks = np.geomspace(1, 1e6, 1200)
    before, after = (at_ranks(mercer("relu", dim=8, spike=spike, sectors=32, modes=36), ranks) for spike in (0.0, 4.0))
    ratio, tail, last = after / before, ranks > 1e3, ranks > 1e5
    steps = [fitted_rate("rank", ranks[tail], ladder[tail], stated=0.0).fitted for ladder in (before, after)]
    return Claim("Theorem 2", "c λ_{j}(T₀) ≤ λ_{j}(T₁) ≤ C λ_{j}(T₀) + ε: the decay is kept",
                 "geometric mean of λ_{j}(T₁)/λ_{j}(T₀), 10⁵ < j < 10⁶, ReLU, d = 8, B = 4",
                 float(np.exp(np.log(ratio[last]).mean())), 0.0,
                 "01_function_space", weyl_ratio(8, bulk=1.0, spike=4.0), 0.05,
                 Rate("j", steps[0], steps[1], allowed=0.1),
                 f"predicted: the limit j → ∞; all ratios lie between {ratio.min():.3g} and {ratio.max():.3g}; stated "
                 "exponent: that of T₀")


def amplification_is_selective() -> Claim:
    """Degree 3 with 0 … 3 legs along w*: the growth (1 + B/A)^l as d → ∞, none for no leg."""
    dims, grown = (100, 1000, 10_000), []
    for dim in dims:
        before, after = (
            {(mode.degree, mode.legs): value for sector in mercer("erf", dim=dim, spike=spike, sectors=4).sectors
             for mode, value in zip(sector.labels, sector.eigenvalues, strict=True) if mode.radial == 0}
            for spike in (0.0, 1.0))
        grown.append([after[3, legs] / before[3, legs] for legs in range(4)])
    rate = fitted_rate("d", dims, [abs(8 - found[3]) for found in grown], stated=-1.0)
    return Claim("Abstract", "A mode with l legs along w* grows by (1 + B/A)^{l}",
                 "growth of degree 3 with three legs, erf, B = A, d = 10⁴", grown[-1][3],
                 0.0, "05_reshaped_spectrum", 8.0, 2e-3, rate,
                 "with 0, 1 and 2 legs: " + ", ".join(f"{found:.3f}" for found in grown[-1][:3])
                 + "; rate: of the correction at finite d")


def _first_order_term(x) -> np.ndarray:
    """S(x, x') of ReLU on all pairs of inputs (n, dim), w* = e₁; chapter 05, (2)."""
    length, t = np.linalg.norm(x, axis=1), x[:, 0]
    theta = np.arccos(np.clip(x @ x.T / np.outer(length, length), -1, 1))
    shared = np.outer(t**2 / length, length)
    return (np.pi - theta) / np.pi * np.outer(t, t) + np.sin(theta) / (2 * np.pi) * (shared + shared.T)


def remainder_is_of_second_order() -> Claim:
    """Theorem 3 and its lemma: ‖T_{E₂}‖_op on sampled inputs, B/d from 0.001 to 0.02; E₂ = k₁ − k₀ − (B/2d) S."""
    ratios, norms = np.geomspace(1e-3, 0.02, 4), []
    for seed in range(5):
        x = np.random.default_rng(seed).standard_normal((500, 100))
        kernels = [conjugate_kernel("relu", SpikedCovariance(100, spike=100 * ratio))(x) for ratio in (0.0, *ratios)]
        rests = [kernel - kernels[0] - ratio / 2 * _first_order_term(x)
                 for kernel, ratio in zip(kernels[1:], ratios, strict=True)]
        norms.append([np.max(np.abs(np.linalg.eigvalsh(rest))) / len(x) for rest in rests])
    mean, error = np.mean(norms, axis=0), np.std(norms, axis=0, ddof=1) / math.sqrt(5)
    rate = fitted_rate("(B/d)", ratios, mean, stated=2.0)  # one draw of inputs serves all B: no chance in the slope
    return Claim("Theorem 3", "k₁ = k₀ + (B/2d) S + E₂ with ‖T_{E₂}‖_{op} = O(B²/d²)",
                 "‖T_{E₂}‖_{op}, ReLU, B/d = 0.02, d = 100, 500 sampled inputs",
                 mean[-1], error[-1], "05_reshaped_spectrum", rate=rate)


def linear_modes_are_exact() -> Claim:
    """Theorem 4: (A + B)/4d and A/4d, for ReLU, from d = 2 to 10⁵."""
    worst = 0.0
    for dim, bulk, spike in ((2, 1.0, 3.0), (10, 1.2, 5.0), (1000, 1.0, 1e3), (100_000, 0.7, 1e5)):
        spectrum = mercer("relu", dim=dim, bulk=bulk, spike=spike, sectors=2, modes=4)
        for legs, expected in ((1, (bulk + spike) / (4 * dim)), (0, bulk / (4 * dim))):
            sector = spectrum.sectors[1 - legs]
            row = next(i for i, mode in enumerate(sector.labels) if (mode.degree, mode.legs) == (1, legs))
            worst = max(worst, abs(sector.eigenvalues[row] / expected - 1))
    return Claim("Theorem 4", "⟨w*,x⟩ and ⟨u,x⟩, u ⊥ w*, are eigenfunctions: (A+B)/4d and A/4d",
                 "worst relative deviation, ReLU, d = 2 … 10⁵",
                 worst, 1e-10, "05_reshaped_spectrum", 0.0, note="error: rounding, at d = 10⁵")


def _first_order(dims, spike_of):
    """(|λ − λ̃|, ‖Ψ − Ψ̃‖) of ReLU at B(d), shape (dims, 2)."""
    found = []
    for dim in dims:
        mix = mode_mixing("relu", dim=dim, spike=spike_of(dim), form="printed")
        ahead = (mix.radial - math.cos(mix.first_order)) ** 2 + (mix.quadratic - math.sin(mix.first_order)) ** 2
        found.append((abs(mix.eigenvalue - mix.first_order_eigenvalue), math.sqrt(ahead + mix.residual)))
    return np.array(found)


def _first_order_claim(which: int, statement: str, quantity: str) -> Claim:
    dims = (100, 300, 1000, 3000)
    values = _first_order(dims, math.sqrt)[:, which]
    rate = fitted_rate("d", dims, values, stated=-0.5, relation="<")
    return Claim("Theorem 5", statement, quantity, values[-1], 0.0, "06_mixing", rate=rate,
                 note="B/d itself falls like d^{−1/2}")


def top_eigenvalue_to_first_order() -> Claim:
    """Theorem 5: λ_max(T₁) = λ̃ + o(B/d), at B = √d."""
    return _first_order_claim(0, "λ_{max}(T₁) = Aλ_{max}(T₀) + B/(2πd) + o(B/d)",
                              "|λ_{max} − λ̃|, ReLU, B = √d, d = 3000")


def top_eigenfunction_to_first_order() -> Claim:
    """Theorem 5: ‖Ψ − Ψ̃‖ = o(B/d), at B = √d."""
    return _first_order_claim(1, "The top eigenfunction is ∝ R + τQ + o(B/d)", "‖Ψ − Ψ̃‖, the same")


def mixing_in_real_networks() -> Claim:
    """The angle between R and Q in the top even mode of real networks' kernels, against the exact one."""
    sizes, angles = _sizes(100, 3000, width_ratio=8), []
    gamma = typical_conditional(**_MODEL, **sizes)
    for trial in _trial(100, width_ratio=8).draws(6):
        path = trial.feature_path(1200)
        lengths = np.linalg.norm(path.inputs, axis=1)
        cosine2 = (path.inputs @ path.direction / lengths) ** 2 - 1 / sizes["dim"]
        modes = np.stack([lengths, lengths * cosine2])
        modes /= np.sqrt(np.mean(modes**2, axis=1))[:, None]
        radial, quadratic = np.linalg.lstsq(modes.T, path.top_mode(sizes["step_size"], 1).values, rcond=None)[0]
        angles.append(math.degrees(math.atan(quadratic / radial)))
    exact = mode_mixing("relu", covariance=gamma, form="printed")
    return Claim("Theorem 5 and beyond", "The top mode turns from R towards Q",
                 "mixing angle in degrees, real ReLU networks, d = 100, η = 30 d",
                 np.mean(angles), np.std(angles, ddof=1) / math.sqrt(6), "06_mixing", math.degrees(exact.angle), 0.02,
                 note=f"exact; first order gives {math.degrees(exact.first_order):.1f}°, B/d → ∞ gives "
                      f"{math.degrees(exact.saturation):.1f}°")


CLAIMS: tuple[Callable[[], Claim], ...] = (
    weights_are_gaussian, spike_as_printed, spike_of_the_weights, bulk_of_the_weights, kernel_averaged_over_batches,
    three_faces, network_has_the_kernel, decay_is_kept, amplification_is_selective, remainder_is_of_second_order,
    linear_modes_are_exact, top_eigenvalue_to_first_order, top_eigenfunction_to_first_order, mixing_in_real_networks,
    *BEYOND)


@one_thread()
def table() -> ClaimTable:
    """All claims, tested now; about five seconds. The table shows itself in a notebook."""
    return ClaimTable.tested(CLAIMS)
