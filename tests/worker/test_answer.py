"""What a page's worker answers is what the notebook would draw; it runs the package's figures and no other code."""

import json

import numpy as np
import pytest

from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.traces import take_apart
from fmspace_nb.figures import spike
from fmspace_nb.worker import answer, graph_objects, own


def begun(name, function, **values):
    spec = {"function": function, "figure": {"data": [], "layout": {}}, "slots": [],
            "controls": [[parameter, stops] for parameter, stops in values.items()]}
    return json.loads(answer.begin(name, json.dumps(spec)))


def test_what_a_figure_states_and_its_stand_in_hold_is_what_plotly_holds(declared):
    """Every explorer of every chapter at its start."""
    figure = declared.figure(**declared.values(declared.start))
    stated = figure.stated
    held = [take_apart(figure), take_apart(graph_objects.Figure(*stated))]
    assert len(figure.data) == len(stated[0]) and figure.stated is None         # now plotly has made it
    tree, arrays, alt = take_apart(figure)
    for plain, found, said in held:
        assert plain == tree and said == alt and found.keys() == arrays.keys()
        for path, array in arrays.items():
            np.testing.assert_array_equal(found[path], array)


def test_a_picture_is_that_of_the_figure_function_against_the_page_s_skeleton():
    values = {"step_size": [1.0, 100.0], "activation": ["relu", "erf"]}
    spec = ExplorerSpec(spike.weight_spectrum, {})
    held = {"function": spec.function, "figure": spec.skeleton.figure, "controls": list(values.items()),
            "slots": spec.skeleton.slots}
    told = json.loads(answer.begin("one", json.dumps(held)))
    assert told == [{"texts": ["1", "100"], "own": False}, {"texts": ["relu", "erf"], "own": True}]
    head, *arrays = answer.picture("one", json.dumps({"step_size": 2.5, "activation": "erf"}))
    head, drawn = json.loads(head), spike.weight_spectrum(step_size=2.5, activation="erf")
    expected = spec.skeleton.picture(drawn)
    assert head["alt"] == expected.alt and head["patch"] == json.loads(json.dumps(expected.patch))
    for array, width, bytes_ in zip(expected.arrays, head["widths"], arrays, strict=True):
        np.testing.assert_array_equal(np.frombuffer(bytes_, f"f{width}"), array.ravel())


@pytest.mark.parametrize("function", ["os:system", "__main__:mine", "fmspace_nb.figures.spike:np.save",
                                      "fmspace_nb.figures.spike:__builtins__", "fmspace_nb.writing:write_whole"])
def test_what_is_no_figure_of_the_package_is_refused(function):
    with pytest.raises(ValueError, match="written in the notebook"):
        begun("other", function)


def test_a_text_stands_for_its_function_only_once_the_reader_typed_it():
    begun("typed", "fmspace_nb.figures.spike:weight_spectrum", activation=["relu"])
    wanted = json.dumps({"activation": "lambda z: z**3 - z"})
    with pytest.raises(ValueError, match="activation must be one of"):
        answer.picture("typed", wanted)
    answer.own("activation", "lambda z: z**3 - z")
    with pytest.raises(ValueError, match="traces"):      # drawn; the empty skeleton of this test knows none
        answer.picture("typed", wanted)


@pytest.mark.parametrize("source, said", [
    ("lambda z: z +", "is no formula"), ("z", "a function of one number"),
    ("lambda z, y: z", "a function of one number"),
    ("lambda *z: z", "a function of one number"), ("lambda z=1: z", "a function of one number"),
    ("lambda z: open('f')", "open is not known"), ("lambda z: z.__class__", "is no function of a formula"),
    ("lambda z: np.load('f')", "is no function of a formula"), ("lambda z: [q for q in z]", "has no ListComp"),
    ("lambda z: np.exp(z**2)", "square-integrable"), ("lambda z: 1/0", "division by zero"),
    ("lambda z: 0*z", "vanish")])
def test_what_is_no_function_of_one_number_says_why(source, said):
    with pytest.raises(ValueError, match=said):
        own.read("activation", source)


@pytest.mark.parametrize("source", ["lambda z: np.maximum(z, 0.1*z)", "lambda t: sin(3*t) if True else t",
                                    "lambda z: np.where(z > 0, z, 0)", "lambda z: special.erf(z/sqrt(2))",
                                    "lambda z: 1"])
def test_a_typed_function_is_the_function_and_shown_as_typed(source):
    function, z = own.read("target", source), np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(function(z), eval(source, {**own.NAMES}) (z) + 0 * z)
    assert str(function) == function.__name__ == source


def test_where_a_field_is_offered_the_figure_takes_a_function(declared):
    stops = {parameter: list(control.values) for parameter, control in declared.controls.items()}
    told = begun(declared.name, declared.function, **stops)
    for parameter in [p for p, control in zip(stops, told, strict=True) if control["own"]]:
        function = own.read(parameter, "lambda z: np.maximum(z, 0.1*z) + z/2")
        figure = declared.figure(**declared.values(declared.start) | {parameter: function})
        assert "<" not in figure.layout.meta["alt"].replace("<sub>", "")
        declared.skeleton.picture(figure)
