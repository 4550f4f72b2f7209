"""The file of parameters: what it must hold, and what a file of one's own can change."""

from decimal import Decimal

import pytest

from synth.behaviour import GRADES, KEYS, known_parameters, load_behaviour
from synth.errors import ScenarioError
from synth.spec import OperatorSpec


def own(tmp_path, text):
    """Read a file of one's own."""
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_behaviour(path)


def test_every_parameter_of_the_operator_is_there_with_all_it_needs():
    """All but `stay`, which stands for others; each in words, in order, graded and anchored, and within the model."""
    found = known_parameters()

    assert set(found) == set(OperatorSpec.model_fields) - {"stay"}
    for each in found.values():
        assert each.low <= each.central <= each.high
        assert each.grade in GRADES
        assert len(each.says) > 10
        assert each.anchor
        for end in (each.low, each.central, each.high):
            shares = {"q_wrong": 1 - end, "q_copy": 0, "q_uninformative": 0} if each.name == "q_placeholder" else {}
            OperatorSpec.model_validate({each.name: end, **shares})


def test_the_central_shares_of_evasions_are_all_of_them():
    """Q of placeholder, wrong and copy sum to 1; the fourth is off unless a list says nothing."""
    found = known_parameters()

    assert sum(found[name].central for name in ("q_placeholder", "q_wrong", "q_copy")) == 1
    assert found["q_uninformative"].usual == 0


def test_a_file_of_ones_own_changes_what_it_names_and_nothing_else(tmp_path):
    """Central and high are ours, the rest is the package's; parameters that are not named are not there."""
    found = own(tmp_path, "h0: {central: 0.7, high: 0.95, anchor: our own count of 100 fields, grade: M}\n")

    assert list(found) == ["h0"]
    assert (found["h0"].low, found["h0"].central, found["h0"].high) == (Decimal("0.2"), Decimal("0.7"), Decimal("0.95"))
    assert found["h0"].says == known_parameters()["h0"].says
    assert (found["h0"].grade, found["h0"].anchor) == ("M", "our own count of 100 fields")


BAD = {
    "kk: {central: 1}": "line 1: 'kk' is no parameter. Did you mean 'k'?",
    "k: {centre: 1}": "line 1: 'centre' is no key of a parameter. Did you mean 'central'?",
    "k: 0.9": "line 1: k is a mapping: k: {central: 0.9}.",
    "- k": "line 1: parameters are a mapping: k: {central: 0.9}.",
    "k: {central: much}": "central of k is 'much'; it is a number of 0 or more.",
    "k: {central: -1}": "central of k is '-1'; it is a number of 0 or more.",
    "k: {central: nan}": "central of k is 'nan'; it is a number of 0 or more.",
    "k: {central: [1, 2]}": "central of k is one text or number.",
    "k: {low: 0.9}": "k: low 0.9, central 0.85, high 0.95 do not rise. Put them in order.",
    "k: {grade: A}": "k: grade 'A' is none of M, S, D, U.",
}


@pytest.mark.parametrize(("text", "said"), BAD.items(), ids=BAD)
def test_a_mistake_is_told_with_its_line(tmp_path, text, said):
    """One line: where, what was got, what is possible."""
    with pytest.raises(ScenarioError) as problem:
        own(tmp_path, text)

    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_the_keys_are_those_of_the_type():
    """Each key of the file is an attribute of a parameter."""
    assert all(hasattr(known_parameters()["k"], key) for key in (*KEYS, "off"))
