"""Each behaviour of the operator at its rate, on the reference form: worked out by hand, checked on drawn cases."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import yaml_text
from synth.errors import ScenarioError
from synth.honesty import honesty_levels, people_of
from synth.pipeline import generate, make_plan, sheet_of
from synth.scenario import load_scenario, parse_scenario, scenario_text
from synth.sheet import CAUSES, FATES
from synth.spec import Mechanism, OperatorSpec, RegimeSpec
from synth.true_values import Calendar, Choice, Whole

N = 20_480  # five chunks: 80 officers of 256 cases each
SIGMAS = 4.5
FIELDS = [f"f{number:02d}" for number in range(1, 26)]
K, V = 0.85, 0.70
GAP = 1 - K * V
KNOWN = K * (1 - V) / GAP


def reference(regime=None, mechanisms=(), truth=None, **operator):
    """The reference scenario with a regime "tried", other parameters, true values or mechanisms."""
    scenario = load_scenario("reference")
    changed = OperatorSpec.model_validate({**scenario.operator.model_dump(), **operator})
    regimes = scenario.regimes | {"tried": RegimeSpec.model_validate(regime or {"mandatory": {"form": ["needed"]}})}
    more = {"operator": changed, "regimes": regimes, "mechanisms": list(mechanisms)}
    return scenario.model_copy(update=more | {"truth": scenario.truth | (truth or {})})


def entered(scenario, regime="tried", n_cases=N, seed=5):
    """The plan and the cells of some cases under a regime."""
    plan = make_plan(scenario, seed=seed, regime=regime)
    return plan, sheet_of(plan, np.arange(n_cases), n_cases)[0]


def near(count, total, share):
    """Whether a count is within 4.5 binomial standard errors of its expectation."""
    return abs(count - total * share) <= SIGMAS * math.sqrt(total * share * (1 - share)) + 1e-9


def fates_of(sheet, fields=FIELDS):
    """The fates of the gaps of some fields, of records that were made, and the cases they are of."""
    entries = [sheet.entries["form", field] for field in fields]
    fates = np.concatenate([np.array(FATES)[entry.fates] for entry in entries])
    cases = np.concatenate([entry.gaps for entry in entries])
    made = fates != "lost"
    return fates[made], cases[made]


@pytest.mark.parametrize("u", ["0.2", "1"])
def test_guesses(u):
    """Of what nobody knows the share u is filled all the same: right with w = .25, and then lucky, not informed."""
    _, sheet = entered(reference(u=u, slips="0"), "optional")
    unknown = (1 - K) * float(u)
    filled = np.array([(sheet.entries["form", field].recorded >= 0).sum() for field in FIELDS])
    right = sum((sheet.entries["form", f].recorded == sheet.entries["form", f].expected).sum() for f in FIELDS)
    lucky = sum(sheet.entries["form", field].lucky().size for field in FIELDS)

    assert near(filled.sum(), 25 * N, K * V + unknown)
    assert near(right, 25 * N, K * V + unknown * 0.25)
    assert near(lucky, 25 * N, unknown * 0.25)


def test_nobody_guesses_in_the_reference():
    """With u = 0 nothing is guessed and all that is filled but for slips is right."""
    _, sheet = entered(reference(slips="0"), "optional", n_cases=2000)

    assert not any(entry.guesses.size for entry in sheet.entries.values())
    assert all(((e.recorded == e.expected) | (e.recorded < 0)).all() for e in sheet.entries.values())


def honesty_of_officers(sheet, plan, fields=FIELDS):
    """Per officer: forced gaps, and how many of them were told."""
    fates, cases = fates_of(sheet, fields)
    officers = sheet.truth.officers[cases]
    _, number = np.unique(officers, return_inverse=True)
    return np.bincount(number), np.bincount(number, fates == "honest")


def test_people_differ_by_the_intraclass_correlation():
    """Between officers the share told varies by K h (1 - K h) / n, and by icc h0 (1 - h0) K**2 on top."""
    plan, sheet = entered(reference(h_icc="0.2", beta="0", x0="0", alpha="0"), n_cases=10 * 4096)
    forced, told = honesty_of_officers(sheet, plan)
    share, expected = told / forced, KNOWN * 0.55
    between = (np.var(share, ddof=1) - np.mean(expected * (1 - expected) / forced)) / KNOWN**2

    assert len(forced) == 160
    assert abs(np.mean(share) - expected) <= SIGMAS * KNOWN * math.sqrt(0.2 * 0.55 * 0.45 / 160)
    assert between == pytest.approx(0.2 * 0.55 * 0.45, rel=0.4)  # 4.5 x sqrt(2 / 159) is .5; kurtosis is low


@given(st.fractions(0, 1), st.fractions(Fraction(1, 200), 1))
def test_the_levels_of_honesty_have_the_mean_and_the_variance_asked_for(mean, icc):
    """Exactly: mean h0, variance icc h0 (1 - h0)."""
    levels, shares = honesty_levels(mean, icc)
    found = sum(level * share for level, share in zip(levels, shares, strict=True))
    variance = sum((level - mean) ** 2 * share for level, share in zip(levels, shares, strict=True))

    assert sum(shares) == 1
    assert found == mean
    assert variance == (icc * mean * (1 - mean))


def test_the_careless_never_tell():
    """One in four officers tells nothing, the others as much as without them."""
    plan, sheet = entered(reference(careless="0.25", beta="0", x0="0", alpha="0"), n_cases=10 * 4096)
    forced, told = honesty_of_officers(sheet, plan)
    careless = told == 0

    assert near(careless.sum(), 160, 0.25)
    assert near(told[~careless].sum(), forced[~careless].sum(), KNOWN * 0.55)
    assert people_of(plan.controls.operator).levels[-1] == 0


@pytest.mark.parametrize("beta", ["0", "0.04"])
def test_habit_takes_honesty_month_by_month(beta):
    """With 6 logits a year the odds of telling fall by exp(6 t), t mid-month; then burden takes its share."""
    day = {"day": Calendar(kind="calendar")}
    scenario = reference(drift="6", beta=beta, x0="0", alpha="0", truth=day)
    _, sheet = entered(scenario)
    fates, cases = fates_of(sheet)
    days = sheet.truth.codes("day")[cases]
    days = days - sheet.truth.codes("day").min()
    for month in (0, 3, 7):
        here = days * 12 // 365 == month
        odds = 0.55 / 0.45 * math.exp(-6 * (month + 0.5) / 12)
        told = KNOWN * odds / (1 + odds) * math.exp(-float(beta) * 15)

        assert near((fates[here] == "honest").sum(), here.sum(), told), month


def test_the_careless_are_not_the_least_honest():
    """Being careless and being more or less honest are drawn apart: (1 - .3) h0 is told on average."""
    plan, sheet = entered(reference(careless="0.3", h_icc="0.3", beta="0", x0="0", alpha="0"), n_cases=10 * 4096)
    forced, told = honesty_of_officers(sheet, plan)
    share, expected = told / forced, KNOWN * 0.7 * 0.55

    assert abs(np.mean(share) - expected) <= 4 * np.std(share, ddof=1) / math.sqrt(share.size)


def test_a_link_fills_whole_records_in_its_share():
    """Sigma = .6 of records take what the encounter holds in every linked field; the others keep their own entries."""
    scenario = load_scenario("oig-20-13")
    regime = scenario.regimes["synchronised"]
    regime = regime.model_copy(update={"operator": {**regime.operator, "sigma": Decimal("0.6")}})
    scenario = scenario.model_copy(update={"regimes": scenario.regimes | {"synchronised": regime}})
    plan, sheet = entered(scenario, "synchronised", n_cases=6700)
    _, alone = entered(scenario, "as_reported", n_cases=6700)
    linked = []
    for cell, source in plan.controls.linked.items():
        entry, other = sheet.entries[cell], sheet.entries[source]
        can = (other.recorded >= 0) & (entry.expected >= 0) & ~sheet.lost[source[0]]
        sent = np.isin(np.arange(6700), entry.linked)
        linked.append(sent | ~can)

        assert near(sent.sum(), can.sum(), 0.6)
        assert not (sent & ~can).any()
        assert (entry.recorded[sent] == other.recorded[sent]).all()
        assert (entry.recorded[~sent] == alone.entries[cell].recorded[~sent]).all()
    assert near((linked[0] & linked[1] & linked[2]).sum(), 6700, 0.6)


def test_what_is_put_off_is_forgotten():
    """Half of the records are put off for 2 days, a tenth forgotten each day: K x .5 x .19 told less."""
    _, sheet = entered(reference(defer="0.5", defer_days=2, forget="0.1", beta="0", x0="0", alpha="0"))
    fates, cases = fates_of(sheet)
    told = fates == "honest"

    assert near(told.sum(), told.size, KNOWN * 0.55 * (1 - 0.5 * 0.19))
    # it goes by the record: the share told differs between records put off and not, so it varies more than by chance
    per_case, size = np.bincount(cases, told, N), np.bincount(cases, minlength=N)
    rate = told.mean()
    chance = (size * rate * (1 - rate)).sum()
    assert ((per_case - size * rate) ** 2).sum() > chance

    _, at_once = entered(reference(defer="0.5", defer_days=2, forget="0", beta="0", x0="0", alpha="0"))
    fates, _ = fates_of(at_once)
    assert near((fates == "honest").sum(), fates.size, KNOWN * 0.55)


def test_who_forgot_says_unknown():
    """With nu = 1 and tau = 0 all who do not know, or no longer know, say so: (1 - K) + K x .5 of forced gaps."""
    regime = {"mandatory": {"form": ["needed"]}, "allow_not_value": "yes"}
    _, sheet = entered(reference(regime, defer="1", defer_days=1, forget="0.5", nu="1", tau="0", x0="0", alpha="0"))
    fates, _ = fates_of(sheet)

    assert near((fates == "not_value_honest").sum(), fates.size, 1 - KNOWN * 0.5)


def test_some_keep_the_record_elsewhere():
    """x0 + divert of the records are not there once anything is mandatory, and none where nothing is."""
    _, sheet = entered(reference(divert="0.08", x0="0.02", alpha="0"))
    assert near(sheet.lost["form"].sum(), N, 0.10)
    _, free = entered(reference(divert="0.08", x0="0.02", alpha="0"), "optional")
    assert not free.lost["form"].any()


def test_a_warning_is_overridden_more_by_those_who_do_not_know():
    """.2 of those who know override, .9 of those who do not: what is filled has other shares."""
    regime = {"soft_warning": {"form": ["needed"]}}
    _, sheet = entered(reference(regime, override="0.2", override_unknown="0.9", h0="1", slips="0"))
    fates, _ = fates_of(sheet)

    assert near((fates == "honest").sum(), fates.size, KNOWN * 0.8)
    assert near((fates == "blank").sum(), fates.size, KNOWN * 0.2 + (1 - KNOWN) * 0.9)


def test_refused_placeholders_come_back_or_become_something_else():
    """Of the .4 that are placeholders half are new spellings, the rest is picks and copies, .35 : .25."""
    regime = {"mandatory": {"form": ["needed"]}, "reject_placeholders": {"form": ["needed"]}}
    scenario = reference(regime, h0="0", w="0", c="0").model_copy(update={"novel_placeholders": {"choice": ["??"]}})
    plan, sheet = entered(scenario)
    fates, _ = fates_of(sheet)

    assert near((fates == "placeholder").sum(), fates.size, 0.4 * 0.5)
    for cell, entry in sheet.entries.items():
        field = plan.dictionary[cell]
        disguised = entry.recorded[entry.at(("placeholder",))]
        assert (disguised >= field.not_value_code() + len(field.not_values)).all()
        assert not field.placeholders or not np.isin(entry.recorded, range(8, 8 + len(field.placeholders))).any()
    copied = (fates == "copied_wrong").sum()
    before = (1 - 16 / 4096) * 7 / 8
    assert near(copied, fates.size, before * (0.25 + 0.2 * 0.25 / 0.60))


def test_without_a_new_spelling_refused_placeholders_become_something_else():
    """Where no list of new spellings is given, nobody types one: all evasions are picks and copies."""
    regime = {"mandatory": {"form": ["needed"]}, "reject_placeholders": {"form": ["needed"]}}
    _, sheet = entered(reference(regime))
    fates, _ = fates_of(sheet)

    assert not (fates == "placeholder").any()


def test_an_unforced_placeholder_that_is_refused_is_blank_or_spelled_anew():
    """Half of gaps hold a placeholder of their own accord; refused, .3 of them come back, the others are blank."""
    regime = {"reject_placeholders": {"form": ["needed"]}}
    scenario = reference(regime, voluntary_placeholder="0.5", respell="0.3")
    _, sheet = entered(scenario.model_copy(update={"novel_placeholders": {"choice": ["??"]}}))
    fates, _ = fates_of(sheet)

    assert near((fates == "placeholder").sum(), fates.size, 0.5 * 0.3)
    assert near((fates == "blank").sum(), fates.size, 1 - 0.5 * 0.3)


def test_a_list_takes_no_placeholders():
    """As a pick list f01 holds no placeholder: that share goes to picks, right with w."""
    regime = {"mandatory": {"form": ["needed"]}, "pick_list": {"form": {"f01": "fits"}}}
    plan, sheet = entered(reference(regime, h0="0", q_copy="0", q_wrong="0.6"))
    listed, _ = fates_of(sheet, ["f01"])
    free, _ = fates_of(sheet, ["f02"])

    assert plan.dictionary["form", "f01"].placeholders == ()
    assert set(listed.tolist()) == {"wrong", "lucky_default"}
    assert near((listed == "lucky_default").sum(), listed.size, 0.25)
    assert near((free == "lucky_default").sum(), free.size, 0.6 * 0.25)


def test_a_list_that_misfits_has_no_option_for_some_truths():
    """Whatever would be right is another answer in the share misfit of cells, also where somebody meant to fill it."""
    regime = {"pick_list": {"form": {"f01": "misfits"}}}
    _, sheet = entered(reference(regime, misfit="0.4", slips="0"))
    entry = sheet.entries["form", "f01"]
    filled = entry.recorded >= 0

    assert near((filled & (entry.recorded != entry.expected)).sum(), filled.sum(), 0.4)
    assert (sheet.entries["form", "f02"].recorded[filled] == sheet.entries["form", "f02"].recorded[filled]).all()


BRANCHED = {"trigger": Choice(kind="choice", values={"yes": 1, "no": 3})}


def branched(z, **operator):
    """The reference with f02 asked only where f01 is a or b: a mandatory branch somebody may avoid."""
    scenario = reference({"mandatory": {"form": ["needed"]}}, z=z, slips="0", **operator)
    fields = scenario.systems["form"].fields
    branch = fields["f02"].model_copy(update={"applies": {"f01": ["a", "b"]}})
    form = scenario.systems["form"].model_copy(update={"fields": fields | {"f02": branch}})
    return scenario.model_copy(update={"systems": {"form": form}})


def test_triggers_are_falsified_and_their_branches_stay_blank():
    """Of records whose trigger would open the branch and would be right, the share z says otherwise."""
    _, without = entered(branched("0", x0="0", alpha="0"))
    _, sheet = entered(branched("0.3", x0="0", alpha="0"))
    trigger, branch, before = (s.entries["form", f] for s, f in ((sheet, "f01"), (sheet, "f02"), (without, "f01")))
    opens = (before.expected < 2) & (before.recorded == before.expected)
    changed = opens & (trigger.recorded != trigger.expected)

    assert near(changed.sum(), opens.sum(), 0.3)
    assert np.array_equal(np.flatnonzero(changed), trigger.falsified)
    assert (trigger.recorded[changed] >= 2).all()
    assert (branch.recorded[changed] == -1).all()
    assert not (np.flatnonzero(trigger.recorded != before.recorded) != trigger.falsified).any()
    fates = dict(zip(trigger.gaps.tolist(), np.array(FATES)[trigger.fates].tolist(), strict=True))
    assert {fates[case] for case in trigger.falsified.tolist()} == {"wrong"}


def test_no_branch_no_falsified_trigger():
    """Where the branch is not mandatory nobody avoids it."""
    scenario = branched("1")
    free = scenario.regimes | {"tried": RegimeSpec.model_validate({"mandatory": {"form": ["f01", "f03"]}})}
    _, sheet = entered(scenario.model_copy(update={"regimes": free}))

    assert not sheet.entries["form", "f01"].falsified.size


def test_a_control_on_a_condition_fires_where_it_holds():
    """f03 is mandatory only where f02 holds a: there it is never blank, elsewhere as often as without a control."""
    regime = {"conditional_mandatory": {"form": {"f03": {"f02": ["a"]}}}}
    _, sheet = entered(reference(regime, x0="0", alpha="0"))
    held = sheet.entries["form", "f02"].recorded == 0
    blank = sheet.entries["form", "f03"].recorded < 0

    assert not blank[held].any()
    assert near(blank[~held].sum(), (~held).sum(), GAP)


def test_not_values_only_where_they_are_allowed():
    """`allow_not_value` by field: f01 can be unknown, f02 cannot."""
    regime = {"mandatory": {"form": ["needed"]}, "allow_not_value": {"form": ["f01"]}}
    _, sheet = entered(reference(regime))

    assert "not_value_honest" in fates_of(sheet, ["f01"])[0]
    assert "not_value_honest" not in fates_of(sheet, ["f02"])[0]


TYPE = {"kind_of_place": Choice(kind="choice", values={"jail": 1, "prison": 1})}


def odds_of(process, odds="4", **more):
    """A mechanism by the kind of place."""
    return Mechanism.model_validate({"of": process, "by": "kind_of_place", "odds": {"jail": odds}, **more})


@pytest.mark.parametrize("process", ["known", "honest", "exit"])
def test_what_people_do_can_depend_on_what_is_true(process):
    """Odds of 4 on one of two equal levels, the mean as declared: recovered from what was drawn."""
    scenario = reference(
        truth=TYPE, mechanisms=[odds_of(process)], x0="0.2", alpha="0", beta="0", q_placeholder="1", q_wrong="0",
        q_copy="0", h0="1" if process == "known" else "0.55", slips="0",
    )  # fmt: skip
    _, sheet = entered(scenario, n_cases=40_960)
    jail = sheet.truth.codes("kind_of_place") == 0
    if process == "exit":
        struck, base, mean = sheet.lost["form"], np.ones(jail.shape, np.bool_), 0.2
        here, there = (struck[side].mean() for side in (jail, ~jail))
        assert near(struck.sum(), base.sum(), mean)
    else:
        fates, cases = fates_of(sheet)
        told = fates == "honest"
        here, there = (told[jail[cases] == side].mean() for side in (True, False))
        mean = KNOWN if process == "known" else 0.55
        divisor = 1 if process == "known" else KNOWN
        here, there = here / divisor, there / divisor
        assert np.mean([here, there]) == pytest.approx(mean, abs=0.01)

    assert here / (1 - here) / (there / (1 - there)) == pytest.approx(4, rel=0.12)


def test_honesty_can_depend_on_the_value_itself():
    """The comfortable answer is told more readily than the awkward one: odds on the field's own value."""
    mechanism = Mechanism.model_validate(
        {"of": "honest", "fields": {"form": ["f01"]}, "by": "value", "odds": {"a": "0.1"}}
    )
    _, sheet = entered(reference(mechanisms=[mechanism], beta="0", x0="0", alpha="0"))
    entry = sheet.entries["form", "f01"]
    told = np.isin(np.arange(N), entry.at(("honest",)))
    gap = np.isin(np.arange(N), entry.gaps)
    awkward = entry.expected == 0

    assert told[gap & awkward].mean() < 0.3 * told[gap & ~awkward].mean()
    assert near(told.sum(), gap.sum(), KNOWN * 0.55)


def test_causes_of_what_was_forgotten_and_worn_down():
    """Burden is the cause where a lighter form, or no delay, would have got the truth; own control elsewhere."""
    _, sheet = entered(reference(beta="0.3", x0="0", alpha="0"))
    causes = np.concatenate([np.array(CAUSES)[sheet.entries["form", field].causes] for field in FIELDS])
    worn = 0.55 * (1 - math.exp(-0.3 * 15))

    assert near((causes == "burden").sum(), causes.size, KNOWN * worn)


def test_seconds_and_ranges_come_from_behaviour():
    """What a scenario does not name has the package's value; its range holds it, and what is off has none."""
    scenario = load_scenario("oig-20-13")

    assert scenario.operator.seconds_evasion == Decimal("1.4")
    assert scenario.range_of("k") == (Decimal("0.70"), Decimal("0.95"))
    assert scenario.range_of("u") is None
    assert scenario.range_of("z") == (0, Decimal("0.10"))


def test_the_regimes_of_the_page_on_scenario_files_load_and_generate():
    """The example with every control once holds in the audit's scenario, and changes what is recorded."""
    page = (Path(__file__).parents[2] / "docs" / "scenario-file.md").read_text("utf-8")
    block = page.split("```yaml\nregimes:\n  as_reported:", 1)[1].split("```")[0]
    before, after = scenario_text("oig-20-13").split("\nregimes:\n")
    text = f"{before}\nregimes:\n  as_reported:{block}\nsources:{after.split('sources:')[1]}"
    scenario = parse_scenario(yaml_text.load(text, error=ScenarioError))
    tried, base = (generate(scenario, n_cases=300, seed=1, regime=name) for name in ("tried", "as_reported"))

    assert "research_centre" in tried.answer("labels")["field"].to_numpy()
    assert not tried.records["encounter"].equals(base.records["encounter"])
    assert not tried.records["casework"].equals(base.records["casework"])


def conditional_on_two(z, **changes):
    """f03 is mandatory where f01 is a and f02 is a or b."""
    regime = {"conditional_mandatory": {"form": {"f03": {"f01": ["a"], "f02": ["a", "b"]}}}}
    return reference(regime, z=z, slips="0", x0="0", alpha="0", **changes)


def test_of_two_conditions_the_last_is_changed_and_only_where_the_branch_would_open():
    """With z = 1 f02 is changed wherever both conditions are true and it would be right; f01 never."""
    _, sheet = entered(conditional_on_two("1"))
    first, last = sheet.entries["form", "f01"], sheet.entries["form", "f02"]
    opens = (first.expected == 0) & (last.expected < 2)

    assert not first.falsified.size
    assert opens[last.falsified].all()
    assert not (opens & (last.recorded == last.expected)).any()


def test_a_stamped_answer_is_never_changed():
    """What the system writes itself nobody falsifies, whatever it opens."""
    scenario = conditional_on_two("1")
    fields = scenario.systems["form"].fields
    stamped = {name: fields[name].model_copy(update={"stamped": True}) for name in ("f01", "f02")}
    form = scenario.systems["form"].model_copy(update={"fields": fields | stamped})
    _, sheet = entered(scenario.model_copy(update={"systems": {"form": form}}), n_cases=4096)

    for name in ("f01", "f02"):
        assert (sheet.entries["form", name].recorded == sheet.entries["form", name].expected).all()


def test_a_wrong_pick_after_a_refusal_is_any_wrong_value():
    """The draw that said the spelling is a known one does not also choose the value (found by an attack)."""
    regime = {"mandatory": {"form": ["needed"]}, "reject_placeholders": {"form": ["needed"]}}
    whole = {"f01": Whole(kind="whole", first=1, last=40)}
    scenario = reference(
        regime, truth=whole, h0="0", q_placeholder="1", q_wrong="0", q_copy="0", respell="0", novel_placeholder="0.9",
        w="0",
    )  # fmt: skip
    lists = {"placeholders": {"whole": ["-"], "choice": ["-"]}, "novel_placeholders": {"whole": ["??"]}}
    _, sheet = entered(scenario.model_copy(update=lists))
    entry = sheet.entries["form", "f01"]
    rows = entry.at(("wrong",))
    offsets = (entry.recorded[rows] - entry.expected[rows]) % 40

    assert rows.size > 300
    assert set(offsets.tolist()) == set(range(1, 40))
