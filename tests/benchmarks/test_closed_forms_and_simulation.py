"""Simulation and closed forms say the same: every measure within four standard errors, clustered by officer."""

from decimal import Decimal

import numpy as np
import pytest

from benchmarks.model import (
    conditional,
    from_spec,
    hard_stop,
    optional,
    over_fields,
    record_quality,
    soft_warning,
    with_pick_list,
    with_placeholders_rejected,
)
from benchmarks.regimes import SHARES, compare
from synth.chunks import officer_numbers
from synth.draws import Draws
from synth.scenario import load_scenario
from synth.spec import OperatorSpec, RegimeSpec

SEED = 1
SETS = 200
PARAMETERS = (
    "k", "v", "slips", "h0", "c", "c_stable", "w", "x0", "alpha", "beta", "m0", "stay", "nu", "tau", "override",
    "evasion", "voluntary_placeholder", "voluntary_uninformative", "u", "careless", "h_icc", "divert", "defer",
    "defer_days", "forget", "override_unknown", "respell", "misfit", "novel_placeholder",
)  # fmt: skip
CONTROLS = ("mandatory", "soft_warning", "allow_not_value", "pick_list", "reject_placeholders")
FALSIFIED = ("0", "0.1", "1")  # values of z that are tried
FIELDS = tuple(f"f{number:02}" for number in range(1, 26))
STABLE, LISTED, SAYS_NOTHING = FIELDS[10:15], FIELDS[15:20], FIELDS[17:25]
NAMES = {"informed_of_all": "informed", "lucky_of_all": "lucky"}  # measures that closed forms call otherwise


# ------------------------------------------------------------------------------------------------------------- measures


def measured(contrast, regime):
    """Return each measure as (value, standard error), the error from officers' sums: cases of one officer are alike."""
    tally = contrast.tallies[regime]
    officers = officer_numbers(Draws(contrast.seed), np.arange(contrast.n_cases))
    found = {}
    for share in SHARES:
        if share.denominator in ("pairs", "all_pairs"):
            continue
        above = sum(tally.counts(quantity) for quantity in share.numerator).astype(float)
        below = tally.counts(share.denominator).astype(float)
        if below.sum():
            value = above.sum() / below.sum()
            influence = np.bincount(officers, above - value * below)[np.unique(officers)] / below.sum()
            found[share.name] = value, np.sqrt((influence**2).sum() * influence.size / (influence.size - 1))
    return found


def agrees(contrast, regime, quality):
    """Every measure meets its closed form; where next to nothing happens, the error is that of a rare event."""
    found = measured(contrast, regime)
    assert len(found) >= 9
    cells = contrast.tallies[regime].total("needed")
    for name, (value, error) in found.items():
        expected = getattr(quality, NAMES.get(name, name))
        trials = contrast.n_cases if name == "capture_rate" else cells
        rare = np.sqrt(max(expected * (1 - expected), 0) / trials)
        assert value == pytest.approx(expected, abs=4 * max(error, rare) + 1e-9), (
            f"{name}: {value} simulated, {expected} in closed form, {abs(value - expected) / max(error, rare)} errors"
        )


# ----------------------------------------------------------------------------------------------------- reference values


@pytest.fixture(scope="module")
def reference():
    return compare("reference", n_cases=100_000, seed=SEED)


def test_the_simulation_of_the_reference_meets_its_closed_forms(reference):
    """All five regimes at n = 100,000."""
    spec = reference.scenario.operator
    operator = from_spec(spec)
    allowed = from_spec(spec.model_copy(update={"h0": Decimal("0.50"), "stay": Decimal("0.95")}), not_values=True)
    forms = {
        "optional": optional(operator),
        "soft_warning": soft_warning(operator, overridden=0.75),
        "as_reported": over_fields(operator, n_required=10),
        "all_25": hard_stop(operator, n_required=25),
        "all_25_unknown_allowed": hard_stop(allowed, n_required=25),
    }

    assert set(forms) == set(reference.tallies)
    for regime, quality in forms.items():
        agrees(reference, regime, quality)


def test_a_closed_form_that_is_a_little_off_would_be_found(reference):
    """The errors are small enough to tell h0 .55 from .57 and eps .03 from .034."""
    for changed in ({"h0": Decimal("0.57")}, {"slips": Decimal("0.034")}):
        operator = from_spec(reference.scenario.operator.model_copy(update=changed))
        with pytest.raises(AssertionError, match="errors"):
            agrees(reference, "all_25", hard_stop(operator, n_required=25))


# ------------------------------------------------------------------------------------------------ random parameter sets


def drawn(number, name):
    """Return the generator of one parameter of one set: one that is added later leaves the others as they are."""
    return np.random.default_rng([number, *name.encode()])


def spec_of(number):
    """Return a random operator over the parameters that are switched on."""
    values = {}
    for name in PARAMETERS:
        rng = drawn(number, name)
        if name == "evasion":
            shares = rng.multinomial(1000, rng.dirichlet([1, 1, 1, 1]))
            kinds = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
            values |= {kind: Decimal(int(share)) / 1000 for kind, share in zip(kinds, shares, strict=True)}
        elif name in ("m0", "defer_days"):
            values[name] = int(rng.integers(0, 12))
        elif name == "h_icc":
            values[name] = Decimal(int(rng.integers(0, 7))) / 20
        else:
            high = {"alpha": 0.05, "beta": 0.2, "x0": 0.3, "divert": 0.3, "forget": 0.2,
                    "voluntary_placeholder": 0.4, "voluntary_uninformative": 0.4}.get(name, 1)  # fmt: skip
            values[name] = Decimal(int(rng.integers(0, 1001))) / 1000 * Decimal(str(high))
    if drawn(number, "stay or not").random() < 0.7:
        values.pop("stay", None)
    return OperatorSpec(**values)


def regime_of(number):
    """Return the controls of a set: which fields are mandatory, which warn, where "unknown" is accepted."""
    rng = drawn(number, "controls")
    order = rng.permutation(FIELDS).tolist()
    n_mandatory, n_warned = rng.integers(0, 26), rng.integers(0, 13)
    mandatory, rest = sorted(order[:n_mandatory]), order[n_mandatory:]
    controls = {"mandatory": {"form": mandatory}} if mandatory else {}
    warned = sorted(rest[:n_warned])
    controls |= {"soft_warning": {"form": warned}} if warned else {}
    allowed = rng.random() < 0.5
    controls |= {"allow_not_value": True} if allowed else {}
    lists = {name: str(fit) for name in FIELDS if (fit := drawn(number, f"list {name}").choice(["fits", "misfits", ""],
             p=[0.1, 0.1, 0.8])) and name not in LISTED}  # fmt: skip
    if "pick_list" in CONTROLS and lists:
        controls |= {"pick_list": {"form": lists}}
    refused = [name for name in FIELDS if drawn(number, f"refuse {name}").random() < 0.3]
    if "reject_placeholders" in CONTROLS and refused:
        controls |= {"reject_placeholders": {"form": refused}}
    return controls


def operator_at(name, spec, controls):
    """Return the closed form's operator at one field."""
    asked = {
        "not_values": bool(controls.get("allow_not_value")),
        "stable": name in STABLE,
        "says_nothing": name in SAYS_NOTHING,
    }
    if name in LISTED:
        return from_spec(spec, **asked, entry="pick")
    operator = from_spec(spec, **asked)
    fit = controls.get("pick_list", {}).get("form", {}).get(name)
    if fit is not None:
        return with_pick_list(operator, fits=fit == "fits", says_nothing=asked["says_nothing"])
    refused = controls.get("reject_placeholders", {}).get("form", ())
    return with_placeholders_rejected(operator) if name in refused else operator


def scenario_of(spec, controls):
    """Return `reference` with one regime, stable fields, pick lists, and lists with an answer that says nothing."""
    scenario = load_scenario("reference")
    truth, form = dict(scenario.truth), scenario.systems["form"]
    fields = dict(form.fields)
    for name in FIELDS:
        changed = {"stable": name in STABLE, "pick_list": name in LISTED}
        if name in SAYS_NOTHING:
            truth[name] = truth[name].model_copy(update={"values": {**truth[name].values, "other": Decimal(0)}})
            changed["uninformative"] = "other"
        fields[name] = fields[name].model_copy(update=changed)
    return scenario.model_copy(update={
        "truth": truth, "systems": {"form": form.model_copy(update={"fields": fields})}, "operator": spec,
        "regimes": {"it": RegimeSpec(**controls)}, "base_regime": "it", "novel_placeholders": {"choice": ["n.a", "?"]},
    })  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SETS, 20))
def test_random_operators_meet_their_closed_forms(first):
    """200 sets: any operator, any fields mandatory or warned of, stable fields, lists with and without "other"."""
    for number in range(first, first + 20):
        spec, controls = spec_of(number), regime_of(number)
        mandatory, warned = (controls.get(kind, {}).get("form", ()) for kind in ("mandatory", "soft_warning"))
        people = {name: operator_at(name, spec, controls) for name in FIELDS}

        contrast = compare(scenario_of(spec, controls), n_cases=16_384, seed=number)

        agrees(contrast, "it", record_quality(
            [people[name] for name in mandatory],
            [people[name] for name in FIELDS if name not in mandatory and name not in warned],
            warned=[people[name] for name in warned],
        ))  # fmt: skip


# ------------------------------------------------------------------------------------------------ conditional branches


BRANCH = """
scenario: branch
title: A trigger and three fields it opens
about: a test
mode: rate
base_regime: open
start: 2031-01-01
truth:
  form_no: {kind: reference, prefix: SYN-FRM}
  asked: {kind: choice, values: {"yes": 3, "no": 7}}
  b1: {kind: choice, values: {a: 1, b: 1, c: 1, d: 1}, when: {asked: "yes"}}
  b2: {kind: choice, values: {a: 1, b: 1, c: 1, d: 1}, when: {asked: "yes"}}
  b3: {kind: choice, values: {a: 1, b: 1, c: 1, d: 1}, when: {asked: "yes"}}
systems:
  form:
    title: The form
    prefix: SYN-F
    fields:
      form_no: {stamped: yes}
      asked: {needed: yes, pick_list: no, material: yes}
      b1: {needed: yes, pick_list: no, applies: {asked: ["yes"]}}
      b2: {needed: yes, pick_list: no, applies: {asked: ["yes"]}}
      b3: {needed: yes, pick_list: no, applies: {asked: ["yes"]}}
placeholders: {choice: ["N/A", "UNK", "-"]}
not_values: [unknown]
operator: {slips: 0.06, m0: 1, alpha: 0.05, beta: 0.1, q_placeholder: 0.40, q_wrong: 0.35, q_copy: 0.25,
  override: 0, x0: 0.02, z: Z}
regimes:
  open: {about: the branch is mandatory, mandatory: {form: [b1, b2, b3]}}
  all: {about: the trigger too, mandatory: {form: [asked, b1, b2, b3]}}
  unknown: {about: unknown is accepted, mandatory: {form: [asked, b1, b2, b3]}, allow_not_value: yes}
"""


@pytest.mark.parametrize("z", FALSIFIED)
def test_a_conditional_branch_meets_its_closed_form(z, tmp_path):
    """The group of trigger and branch, asked as recorded, with the burden of the records in which it applies."""
    path = tmp_path / "branch.yaml"
    path.write_text(BRANCH.replace("Z}", f"{z}}}"), encoding="utf-8")
    scenario = load_scenario(str(path))
    contrast = compare(scenario, n_cases=50_000, seed=SEED)

    for regime in contrast.tallies:
        operator = from_spec(scenario.operator, not_values=regime == "unknown")
        required = regime != "open"
        found = conditional(
            operator, [operator] * 3, applies=0.3, z=float(z), n_required=int(required), trigger_required=required,
        )  # fmt: skip
        agrees(contrast, regime, found.group)
