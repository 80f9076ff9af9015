"""The course's exercises: the reader's number or function is checked, with a message that helps.

Numbers that a reader reads off a picture are typed here; a test reads them off the same picture.
"""

from __future__ import annotations

import math

from fmspace_nb import arguments
from fmspace_nb.course.asked import Asked
from fmspace_nb.course.verdicts import Function, Number, Verdict
from fmspace_nb.exported import is_frozen
from fmspace_nb.weights import outlier

_SPIKES = ((1.0, 5.0), (1.2, 848.0), (2.0, 0.5))  # (bulk, spike)


def _regimes(samples, modes, power, noise):
    """Test error with `modes` equal eigenvalues at no ridge."""
    if samples < modes:
        return (1 - samples / modes) * power + noise / (1 - samples / modes)
    return noise * samples / (samples - modes)


EXERCISES: dict[str, Number | Function] = {
    "00.stretch": Number(10.2, "Yes: the step stretches w* and leaves the rest nearly alone.",
                         "The note in the right-hand panel says: inputs × … against across."),
    "00.width": Number(14.7, "Yes, nearly (2/½)² = 16: B_c ∝ 1/β². What is missing is A_c, which grows too.",
                       "Divide the two numbers B_c/A_c in red; the second slider is β.", tolerance=0.03,
                       slips=((4.0, "That would be B_c ∝ 1/β: read both numbers off the picture."),
                              (1 / 14.7, "The other way round: the narrower network has the larger spike."))),
    "00.missing": Number(1.98, "Yes. B_c ∝ η², so a step √1.98 = 1.4 times as large would do.",
                         "Set β = 8: the red note gives B_c/A_c and the number it needs.", tolerance=0.03,
                         slips=((1 / 1.98, "The other way round: how much must B_c/A_c grow?"),
                                (1.41, "That is the factor of the step size; B_c/A_c is asked for."))),

    "01.degree": Number(5049, "Yes: N(100, 2) = C(101, 2) − C(99, 0).",
                        "Use N(d, k) = C(d+k−1, k) − C(d+k−3, k−2) at d = 100, k = 2.",
                        tolerance=1e-9,
                        slips=((5050, "Nearly: one combination of the products x_i x_j, ‖x‖², is not harmonic."),)),
    "01.ladder": Number(0.1466, "Yes: (A + B)/(4d), and the bar of one leg stands there.",
                        "The picture prints A and B/d. For ReLU the linear level along w* stands at (A + B)/(4d).",
                        tolerance=0.01,
                        slips=((0.00471, "B is d times the printed B/d."),
                               (0.1433, "That is B/(4d): A counts as well."))),
    "01.trace": Number(0.5 - 100 / 400, "Yes: the linear level alone holds half of the trace, at every dimension.",
                       "The trace is ½; level 1 has d functions of eigenvalue 1/(4d). What is left?"),
    "01.share": Function(lambda dim, k: math.comb(dim + k - 1, k) - (math.comb(dim + k - 3, k - 2) if k >= 2 else 0),
                         ((3, 0), (3, 1), (3, 4), (10, 2), (50, 3)),
                         "Yes, and for d = 3 it is the 2k + 1 of the hydrogen atom.",
                         "For k < 2 there is nothing to subtract."),
    "01.square": Function(lambda dim: ((dim + 2) ** 2 / dim**2, 4 / dim**2), ((2,), (10,), (300,)),
                          "Yes. And λ₀ + N(d,2) λ₂ = 3(d+2)/d is the trace: there is no third level.",
                          "k₀ = (‖x‖²‖x'‖² + 2⟨x,x'⟩²)/d². Apply it to ‖x'‖², then to x'₁x'₂; return (λ₀, λ₂).",
                          slips=((lambda dim: (1.0, 4 / dim**2), "λ₀ is 1 only as d → ∞: E ‖x‖⁴ = d(d+2), not d²."),)),

    "02.batch": Number(0.797, "Yes: ⟨v, w*⟩² of this very batch. As d → ∞ it would be 0.788.",
                       "The variances are A_c + B_c along β̂, A_c + B_c⟨v,w*⟩² along w*, A_c across: take differences.",
                       tolerance=0.03, slips=((3.52 / 3.9, "That is a ratio of standard deviations, with A_c in both."),
                                              ((3.52 - 1.01) / (3.9 - 1.01), "Square the standard deviations first."))),
    "02.printed": Number(4.0, "Yes: μ₁⁴ = 1 where μ_σ²μ_g² = ¼. Run predict_covariance in both forms.",
                         "Printed: μ_g⁴. Corrected: μ_σ²μ_g². ReLU has μ_σ = ½.",
                         slips=((2.0, "That is the factor for A − 1; B carries μ_σ²."),
                                (0.25, "The other way round."))),
    "02.samples": Number(13.5, "Yes: nine parts signal to one part noise need α = 9 E[y²]/μ_g².",
                         "⟨v,w*⟩² = μ_g²/(μ_g² + E[y²]/α). In Hermite polynomials g = h₁ + h₂/√2.",
                         slips=((9.0, "E y² is not 1: the quadratic part of g adds to the noise."),
                                (1.5, "That gives ½, not 0.9."))),
    "02.curvature": Number(2.0, "Yes: E[z² He₂] = 2 and E[He₂³] = 8. Large labels pull along w*, too.",
                           "g² = z² + z He₂ + He₂²/4; average each term times He₂(z) = z² − 1. E He₂² = 2, E He₂³ = 8.",
                           slips=((4.0, "Do not forget the ½ in s."),
                                  (1.0, "He₂²/4 contributes as well: E He₂³ = 8."))),
    "02.output": Function(lambda width: -1 / width**2, ((1,), (64,), (300,)),
                          "Yes: at η ≈ 30 and d = 64 this is what the measured A − 1 lies below its line.",
                          "For ReLU the step takes from w_j the share η a_j²/(2m); square the length, and average E "
                          "a_j² = 1/m.",
                          tolerance=1e-9,
                          slips=((lambda width: -0.5 / width**2, "That is w_j itself; A is its square."),
                                 (lambda width: -1 / width, "a_j² is 1/m on average."))),

    "03.data": Number(1.754, "Yes: in (3) only ‖β̂‖ knows α. Few data make a longer β̂, not one that points better.",
                      "Read η_c off the guide in the picture of the overlaps, at both ends of the slider α.",
                      tolerance=0.03,
                      slips=((math.sqrt(32), "‖β̂‖² is μ_g² + E[y²]/α: only the second term knows α."),
                             (1 / 1.754, "The other way round."))),
    "03.width": Number(2**-0.75, "Yes: β^{3/4} in (3). A narrow network shows its spike sooner.",
                       "η_c ∝ β^{3/4} at fixed d, α and target: what does halving β do?",
                       slips=((2**0.75, "The other way round: a narrower network needs a smaller step."),
                              (0.5, "That would be η_c ∝ β; in (3) it is β^{3/4}."))),
    "03.dimension": Number(2.0, "Yes: η_c ~ √d.", "At fixed β and α only √d changes in (3)."),
    "03.outlier": Function(lambda delta, ratio, variance: outlier(spike=delta, ratio=ratio,
                                                                  readout=variance).eigenvalue,
                           ((0.5, 1.0, 1.0), (1.2, 1.0, 0.7), (1.2, 1.0, 1.3), (3.0, 0.5, 0.2), (20.0, 2.0, 3.0)),
                           "Yes, also inside the bulk; and at V = 1 it is (2).",
                           "The one row is as long as θ = δ + γV, the others are Marchenko–Pastur: 1 = θ G(λ) with λ = "
                           "1/G + 1/(1 − γG). "
                           "It detaches at θ − γ = √γ; until then the top eigenvalue is the edge.",
                           slips=((lambda delta, ratio, variance: outlier(spike=delta, ratio=ratio).eigenvalue,
                                   "That is (2), where the row's own variance is V = 1."),
                                  (lambda delta, ratio, variance: (c := delta + ratio * variance)
                                   * (1 + 1 / (c - ratio)),
                                   "Only once it has detached: inside the bulk the top eigenvalue is the edge."))),

    "04.stretch": Number(87.7, "Yes: (× 9.42)² = (A + B)/A.",
                         "The inputs are stretched by √((A + B)/A) along w*, relative to across.",
                         tolerance=0.005, slips=((9.42, "That is the stretch itself; A and B are variances."),
                                                (9.42**2, "Nearly: that is (A + B)/A = 1 + B/A."))),
    "04.linear": Function(lambda bulk, spike, dim, product, t, t2: (bulk * product + spike * t * t2) / dim,
                          ((1.0, 5.0, 10, 3.0, 1.0, -2.0), (1.2, 848.0, 300, 250.0, 0.5, 2.0)),
                          "Yes: xᵀΓx'/d. Every other σ makes its kernel of this number and of q, q'.",
                          "E[⟨w,x⟩⟨w,x'⟩] = xᵀ E[wwᵀ] x' with E[wwᵀ] = Γ/d.",
                          slips=((lambda bulk, spike, dim, product, t, t2: bulk * product + spike * t * t2,
                                  "The weights have covariance Γ/d."),)),
    "04.root": Function(lambda bulk, spike: math.sqrt(bulk + spike) - math.sqrt(bulk), _SPIKES,
                        "Yes. Γ^{1/2} has the same eigenvectors, and the roots of the eigenvalues.",
                        "Γ has the eigenvalue A + B along w* and A across; so along w* it must be √A + c = √(A + B).",
                        slips=((lambda bulk, spike: math.sqrt(spike),
                                "Square it: the cross term 2√(AB) w*w*ᵀ is too much."),)),
    "04.switch": Function(
        lambda t, bulk, spike, radius: 1 / (math.pi * (c := radius * math.sqrt(bulk / (bulk + spike)))
                                            * (1 + (t / c) ** 2)),
        ((0.0, 1.0, 0.0, 10.0), (1.0, 1.2, 40.0, 10.0), (-3.0, 1.0, 848.0, 17.0)),
        "Yes, a Cauchy density: for B ≫ d every neuron switches near 0, within |t| < r√(A/B).",
        "⟨w,x⟩ = 0 at t = −(part across)/(part along), a ratio of Gaussians of variances A r²/d and (A + B)/d."),

    "05.repulsion": Number(0.697, "Yes: the law promises 55.6 and the exact mode has 38.7. The rest went to the top "
                                  "mode.",
                           "The diamond of degree 1 with one leg stands at 1 + B/A. Compare the one with two legs to "
                           "its square.",
                           tolerance=0.04, slips=((1 / 0.697, "The other way round: exact over law."),
                                                  (5.19, "Compare with the law for two legs, (1 + B/A)²."))),
    "05.linear": Number(3.0, "Yes: (A + B)/A.", "By (1) the ratio of the two linear levels is (A + B)/A."),
    "05.legs": Number(9.0, "Yes: two legs, twice the factor 1 + B/A.", "The law is (1 + B/A)^l with l = 2.",
                      slips=((3.0, "That is the growth with one leg."), (6.0, "Legs multiply, they do not add."))),
    "05.trace": Function(lambda dim, bulk, spike: (bulk + spike / dim) / 2, ((10, 1.0, 5.0), (300, 1.2, 848.0)),
                         "Yes: no step hides anything from the trace.", "E k₁(x, x) = ½ E xᵀΓx/d for ReLU."),
    "05.square": Function(lambda dim, bulk, spike: (4 * bulk**2 / dim**2, 4 * bulk * (bulk + spike) / dim**2),
                          ((10, 1.0, 5.0), (50, 1.2, 10.0)),
                          "Yes: for z² the law is exact where no radial mode interferes.",
                          "k₁ = qq' + 2c². Apply it to x_a x_b, then to t x_a, with a, b two directions across w*.",
                          slips=((lambda dim, bulk, spike: (2 * bulk**2 / dim**2, 2 * bulk * (bulk + spike) / dim**2),
                                  "c² contains the product x_a x_b x'_a x'_b twice."),)),

    "06.angle": Number(29.0, "Yes. A larger step turns it to 30.6° at most, the lower dotted line: A grows with η², "
                             "too.",
                       "Put the pointer on the diamond in the picture of the angle.", tolerance=0.015,
                       slips=((35.13, "That is B/(Ad) → ∞, the upper dotted line."),
                              (30.57, "That is η → ∞, the lower dotted line."),
                              (28.2, "That is the first order, the dashed line."))),
    "06.saturation": Number(math.degrees(math.atan(3 / math.sqrt(2))), "Yes: tan φ_∞ = p/√2 with p = 3.",
                            "E[|t|^p h₂(t)]/E|t|^p with h₂ = (t² − 1)/√2 is tan φ_∞: Ψ → |t|^p as B → ∞. In degrees.",
                            slips=((math.degrees(math.atan(2**-0.5)),
                                    "That is p = 1, ReLU: how does max(cz, 0)³ scale with c?"),
                                   (math.degrees(math.atan(math.sqrt(2))),
                                    "That is p = 2, as for z²: how does max(cz, 0)³ scale with c?"),
                                   (math.atan(3 / math.sqrt(2)),
                                    "Right, in radians; the answer is asked in degrees."))),
    "06.slope": Number(2**-0.5, "Yes: E δ(z)/(√2 E max(z, 0)) = 1/√2, for σ'' is a delta function.",
                       "Put E σ''(z) = 1/√(2π) and E σ(z) = 1/√(2π) into the small-spike law."),
    "06.tangent": Function(lambda dim: math.sqrt((dim - 1) * (dim + 2) / 2) / (dim + 1), ((2,), (10,), (1000,)),
                           "Yes, and 1/√2 as d → ∞.", "tan φ_∞ = ⟨|t|, Q⟩/⟨|t|, R⟩ with R = ‖x‖/√d."),
    "06.square": Function(lambda b: math.degrees(math.atan2(2 * math.sqrt(2) * (b + 3 * b**2),
                                                            1 + 2 * b - 3 * b**2)) / 2,
                          ((0.01,), (1.0,), (1000.0,)), "Yes: 45° at B = d, and 54.74° in the end.",
                          "k_∞ = E_ξ[(1 + bξ²t²)(1 + bξ²t'²)] with t² = 1 + √2 h₂(t). Of its 2×2 matrix M on {1, h₂}: "
                          "tan 2φ = "
                          "2M₁₂/(M₁₁ − M₂₂). In degrees; 2φ passes 90°, so use atan2.", tolerance=1e-5),

    "07.samples": Number(24.5, "Yes: 1064 before, 43.4 after. And the real network?",
                         "Put the pointer on the grey-blue line and on the diamond; divide.", tolerance=0.1,
                         slips=((1 / 24.5, "The other way round: before over after."),)),
    "07.limit": Number(1 / 3, "Yes: B/A → n/3. More step cannot buy what more data would.",
                       "μ_σ² = ¼ and E σ'² = ½ for ReLU; μ_g = 1 and E y² = 3/2 for z + He₂/2.", tolerance=0.015,
                       slips=((2 / 3, "E y² is 1 + ½: the quadratic part counts."),
                              (1 / 6, "The bulk grows with E σ'² = ½, not with 1."))),
    "07.floor": Number(1 - 1 / math.sinh(1), "Yes: 15 % of the label's power. Look at the curves of the sine target.",
                       "ReLU learns the linear part of sin z, of power (E z sin z)² = e⁻¹, of E sin² z = (1 − e⁻²)/2 "
                       "in all.",
                       tolerance=0.005, slips=((1 / math.sinh(1), "That is the share that is learned."),
                              ((1 - math.exp(-2)) / 2 - math.exp(-1), "Divide by the label's power, E sin² z."))),
    "07.tail": Number(0.0168, "Yes: two fifths of the ridge that acts was never asked for.",
                      "after.trace − Σ multiplicity · eigenvalue is the tail; add the ridge 0.01.", tolerance=0.01,
                      slips=((0.00679, "That is the tail alone; the ridge 0.01 comes on top."),)),
    "07.regimes": Function(_regimes, ((5, 10, 2.0, 0.1), (9, 10, 2.0, 0.1), (20, 10, 2.0, 0.1), (5, 10, 1.0, 0.0)),
                           "Yes: double descent, with its peak at N = p.",
                           "For N < p: L = N/p. For N > p: κ_eff → 0 and L → 1. Put both into the test error of (1)."),

    "08.exponent": Number(3, "Yes: the subtraction removes the linear part, and sin is odd. One step is blind to it.",
                          "Which Hermite coefficients of sin z vanish? E[z sin z] = e^{−1/2}.", tolerance=1e-9,
                          slips=((1, "μ_g = E cos z − e^{−1/2} = 0."),
                                 (2, "g is odd: so are its Hermite polynomials."))),
    "08.rate": Number(960, "Yes: ρ = 2 at η = 2m/μ_σ² = 8m.",
                      "The note gives ρ = 0.21 at η = 100, and ρ ∝ η. When is |1 − ρ| > 1?",
                      tolerance=0.03,
                      slips=((480, "At ρ = 1 one step has said it all; beyond |1 − ρ| = 1 it diverges."),)),
    "08.threshold": Number(math.sqrt(math.pi) / 2**0.25, "Yes: η_c ~ m ~ d for information exponent 2, not √d.",
                           "E σ'' = 1/√(2π), E g'' = √2, so B₂ = (η/m)²/π. It detaches at B₂ = √(d/m).",
                           tolerance=0.01, slips=((math.sqrt(math.pi / 2), "B₂ must reach √(d/m), not d/m."),
                                  (math.sqrt(math.pi), "That is β = 1."))),
    "08.mixture": Function(lambda bulk: 3 * (1 + 2 * (bulk - 1) + 3 * (bulk - 1) ** 2) / bulk**2,
                           ((1.0,), (2.0,), (140.0,)),
                           "Yes: 3 for a Gaussian, and 9 = 3·3 far beyond η ~ d: a Gaussian readout times a Gaussian.",
                           "Given u the coordinate has variance V = 1 + (A_c − 1)u²; so E w⁴ = 3 E V², with E u⁴ = 3.",
                           slips=((lambda bulk: 3.0,
                                   "That is one Gaussian: here the variance differs from neuron to neuron."),)),
    "08.correlated": Function(lambda a, b: (a + b) ** 2 / (2 * (a**2 + b**2)), ((1.0, 1.0), (1.5, 0.5), (0.0, 2.0)),
                              "Yes: 1 for equal variances, never below ½.",
                              "By Stein's lemma E[yx] ∝ Σw*. The overlap is ⟨w*,Σw*⟩²/‖Σw*‖².",
                              slips=((lambda a, b: (a + b) / (2 * math.hypot(a, b) / math.sqrt(2)),
                                      "That is the cosine; its square is asked for."),)),

    "09.power": Number(0.25, "Yes: from −0.75 to −1. With more data one can afford to turn the spike all the way back.",
                       "The note in the right-hand panel says: best p = …", tolerance=0.01,
                       slips=((-0.25, "It falls by a quarter: from −0.75 to −1."),)),
    "09.threshold": Number(1 / 1600, "Yes: η_c ~ 1/d, and it falls with the width like β^{−1/4}.",
                           "B_c = η²d²P must reach √(d/m) = β^{−1/2}.",
                           slips=((1 / 3200, "B_c must reach √(d/m), not d/m."), (1 / 800, "That is β = 1."),
                                  (1 / 2000, "√P = 0.8, not 1."))),
    "09.own": Number(1.5, "Yes: α > E y²/μ_g². Below it the inverse of the batch's covariance adds more than it saves.",
                     "Compare E y²/α with (E y² − μ_g²)/(α − 1): E y² = 3/2, μ_g = 1.", tolerance=1e-6,
                     slips=((1.0, "At α = 1 the inverse does not exist yet."), (0.5, "That is E y² − μ_g²."))),
    "09.stairs": Number(math.sqrt(2 * math.pi / 5), "Yes: across ℓ counts (H²)₂₂ = 1 + 4, not H₂₂² and no eigenvalue.",
                        "E σ'' = 1/√(2π). H = [[0, 1], [1, 2]], ℓ = e₁: h₂² is the entry of H² across ℓ.",
                        tolerance=0.01,
                        slips=((math.sqrt(2 * math.pi) / (1 + math.sqrt(2)),
                                "That is the eigenvalue of H: ℓ is no eigenvector of H²."),
                               (math.sqrt(2 * math.pi) / 2, "The product z₁z₂ counts, too: (H²)₂₂, not (H₂₂)²."))),
    "09.angle": Function(lambda bulk, share: math.sqrt(2) * share / (bulk + share),
                         ((1.0, 0.0), (1.0, 0.7), (1.4, 30.0)),
                         "Yes: it ends at tan φ = √2, as after a plain step, but on another way.",
                         "ψ₊(t) = E(√A_c z + √b t)² = A_c + b t². Write it with 1 and h₂ = (t² − 1)/√2.",
                         slips=((lambda bulk, share: share / (bulk + share) / math.sqrt(2), "That is ReLU."),
                                (lambda bulk, share: math.sqrt(2) * share / bulk,
                                 "t² = 1 + √2 h₂ adds b to the constant, too."))),
}


def check(exercise: str, answer) -> Verdict | Asked:
    """Whether the answer to an exercise is right, with a message that helps; in an exported page the field for one.

    Args:
        exercise: its name, such as "03.width".
        answer: a number or a function, as the exercise asks; None for none yet.

    Returns:
        the verdict, which prints its message; in an exported page the field for an answer.

    Raises:
        ValueError: an unknown exercise.
    """
    arguments.choice("exercise", exercise, tuple(EXERCISES))
    if is_frozen():
        return Asked(exercise, EXERCISES[exercise])
    if answer is None:
        return Verdict(False, "No answer yet: put yours in the cell above and run both.")
    try:
        return EXERCISES[exercise].verdict(answer)
    except Exception as error:  # the reader's own code may fail in any way: say how, and leave the notebook running
        return Verdict(False, f"{type(error).__name__}: {error}")
