"""What is remembered is bounded by its bytes, and is what the function gives."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from fmspace_nb.experiments.trials import Trial
from fmspace_nb.remembered import ENTRY, Memory, curves, networks, size
from fmspace_nb.spectrum.mercer import mercer


@dataclass
class Holder:
    inside: object


def asked(memory):
    """A remembered function that gives so many bytes, and the list of what it was run for."""
    runs = []

    @memory
    def array(count, kind="zeros"):
        runs.append((count, kind))
        return getattr(np, kind)(count, dtype=np.uint8)

    return array, runs


def test_a_question_asked_again_is_answered_without_a_run():
    array, runs = asked(Memory(1_000_000))
    assert array(10) is array(10) and array(10, kind="ones") is array(10, kind="ones")
    assert runs == [(10, "zeros"), (10, "ones")]


def test_what_was_asked_longest_ago_goes_when_the_bytes_are_too_many():
    memory = Memory(1_000_000)
    array, runs = asked(memory)
    for count in (400_000, 500_000, 400_000, 300_000, 400_000, 500_000):  # 300 pushes 500 out: 400 was asked after it
        array(count)
        assert memory.bytes <= memory.limit
    assert [count for count, _ in runs] == [400_000, 500_000, 300_000, 500_000]


def test_functions_share_one_bound_and_do_not_mistake_each_other_s_answers():
    memory = Memory(1_000_000)
    (first, runs), (second, _) = asked(memory), asked(memory)
    assert first(600_000) is not second(600_000)
    assert memory.bytes == 600_000 + ENTRY
    first(600_000)
    assert len(runs) == 2


def test_a_result_larger_than_the_bound_is_given_and_leaves_the_others():
    memory = Memory(1_000_000)
    array, runs = asked(memory)
    array(10)
    assert array(2_000_000).size == 2_000_000 and memory.bytes == 10 + ENTRY
    array(10)
    assert len(runs) == 2


def test_numbers_without_arrays_are_bounded_too():
    memory = Memory(10 * ENTRY)
    square = memory(lambda x: x**2)
    assert [square(x) for x in range(100)] == [x**2 for x in range(100)]
    assert memory.bytes == 10 * ENTRY


def test_bytes_are_those_of_arrays_wherever_they_lie_each_once():
    table = np.zeros((100, 10))
    assert size({"a": [table, (table, Holder(table))], "n": 3, "type": Holder}) == table.nbytes
    assert size(table[:1]) == table.nbytes  # a view keeps all of it alive
    assert size((table, np.ones(5))) == table.nbytes + 40


def test_what_functions_hold_is_counted_and_a_memory_s_own_content_is_not():
    table, memory = np.zeros(1000), Memory(1_000_000)
    array, _ = asked(memory)
    array(500_000)
    assert size([partial(np.dot, table), lambda: table, Holder(table).__eq__]) == table.nbytes
    assert size(Holder(array)) == 0


def test_a_spectrum_is_kept_with_all_that_its_eigenfunctions_hold():
    spectrum = mercer("tanh", dim=20, spike=7.25, sectors=2)
    held = size(spectrum.sectors)
    assert held > 10 * sum(sector.eigenvalues.nbytes for sector in spectrum.sectors)
    assert curves.bytes >= held and curves.bytes <= curves.limit


def test_networks_of_a_session_stay_within_their_bound(monkeypatch):
    monkeypatch.setattr(networks, "limit", 10 * 2**20)
    trials = [Trial("relu", "tanh", dim=100, width=100, samples=1, seed=seed) for seed in range(1000, 1060)]
    one = size(trials[0].weight_path())
    assert one >= 3 * 8 * 100**2 and len(trials) * one > networks.limit
    for trial in trials:
        trial.weight_path()
        assert networks.bytes <= networks.limit
    assert trials[-1].weight_path() is trials[-1].weight_path()
