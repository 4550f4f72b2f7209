"""Scenarios, seeds, sizes and regimes for the properties: the two that come with the package, and small random ones."""

# ruff: noqa: E501  # one line a mistake, one line a part of the scenario file

import os
from datetime import date
from functools import cache

from hypothesis import reject, settings
from hypothesis import strategies as st

from synth import yaml_text
from synth.errors import ScenarioError
from synth.pipeline import generate
from synth.scenario import load_scenario, parse_scenario, scenario_names

# How many worlds each property looks at; the slow run sets a larger number.
LOOK = settings(max_examples=int(os.environ.get("CASEGAUGE_EXAMPLES", "10")))

SHIPPED = scenario_names()

SMALL = """\
scenario: small
title: Two forms and a card
about: for tests
mode: {mode}
base_regime: base
{verdicts}
start: {start}
days: {days}
truth:
  officer: {{kind: officer, prefix: SYN-O}}
  office: {{kind: office, prefix: SYN-P, count: {offices}}}
  ref: {{kind: reference, prefix: SYN-R}}
  day: {{kind: calendar}}
  hour: {{kind: time, first: "{first}", last: "{last}"}}
  due: {{kind: after, of: day, days: [1, 9]}}
  state: {{kind: choice, values: {{open: {w1}, shut: {w2}, kept: 1}}, surfaces: {{open: [open, not shut], shut: [shut, not open], kept: [kept, on file]}}, updates: {{open: [open at first and shut since], shut: [shut then; open now], kept: [kept at first]}}}}
  flag: {{kind: choice, values: {{yes: {w3}, no: {w4}}}}}
  detail: {{kind: choice, values: {{p: 1, q: {w1}}}, when: {{flag: yes}}}}
  pages: {{kind: whole, first: 1, last: 5}}
  desk: {{kind: code, prefix: DSK, count: 4}}
systems:
  alpha:
    title: Alpha
    prefix: SYN-A
    fields:
      ref: {{stamped: yes, needed: yes}}
      officer: {{stamped: yes, needed: yes}}
      day: {{needed: yes, enforced: yes}}
      flag: {{needed: yes, enforced: {enforce_flag}}}
      detail: {{needed: yes, applies: {{flag: yes}}, {detail}}}
      desk: {{needed: yes, gap: {g1}, stable: yes}}
      due: {{gap: {g2}, slip: {slip}}}
      state: {{needed: yes, {state}}}
      narrative: {{needed: yes, material: yes, blank_weight: {b2}}}
  beta:
    title: Beta
    prefix: SYN-B
    fields:
      ref: {{stamped: yes, needed: yes}}
      event: {{truth: day, needed: yes}}
      state: {{needed: yes}}
      hour: {{needed: yes, material: yes, blank_weight: {b1}}}
      pages: {{needed: yes, gap: {g2}}}
      desk: {{gap: {g1}}}
      hidden: {{truth: desk, shown: no}}
      narrative: {{needed: yes, material: yes, blank_weight: {b1}}}
  card:
    title: Card
    prefix: SYN-C
    fields:
      ref: {{stamped: yes}}
      office: {{stamped: yes}}
      pages: {{needed: yes, gap: {g1}, pick_list: yes}}
links:
  ref: {{alpha: ref, beta: ref, card: ref}}
shared_facts:
  day: {{fields: {{alpha: day, beta: event}}}}
  state: {{fields: {{alpha: state, beta: state}}}}
  pages: {{}}
  hour: {{fields: {{beta: hour}}}}
narratives:
  alpha:
    voice: note
    formats: {{day: {date_form}, hour: {clock_form}}}
    sentences:
      - ["Seen on {{day}} at {{hour}}.", "At first, {{day}} and {{hour}} were noted."]
      - ["The file was {{state}}, with {{pages}} pages."]
      - ["End.", "Nothing more."]
  beta:
    voice: log
    sentences:
      - ["Log of {{day}}.", "Day {{day}} opened."]
      - ["Pages: {{pages}}; {{state}}.", "Held {{pages}} pages, {{state}}.", "It had {{pages}} pages and was {{state}}."]
hard_negatives: {{date_format: {r1}, clock_format: {r2}, paraphrase: {r1}, rounding: {r3}, later_update: {r3}}}
placeholders:
  code: ["N/A", "XXX"]
  reference: ["999"]
  date: ["1900-01-01"]
  time: ["99:99"]
  whole: ["-1", "0000"]
  narrative: ["See file.", "-"]
not_values: [unknown, not-asked]
operator:
  k: {k}
  v: {v}
  slips: {slip}
  h0: {r2}
  q_placeholder: 0.40
  q_wrong: 0.35
  q_copy: 0.25
  c: {r1}
  c_stable: 0.90
  w: {r2}
  x0: {x0}
  alpha: {alpha}
  beta: {beta}
  m0: {m0}
  nu: {r1}
  tau: {r2}
  override: {r2}
  voluntary_placeholder: {r1}
  slip_copied: {r1}
  further_blank: {r1}
regimes:
  base:
    mandatory: {{alpha: enforced}}
  hard:
    mandatory: {{alpha: needed, beta: needed}}
  unknown:
    mandatory: {{alpha: [needed, due], beta: [pages, desk], card: pages}}
    allow_not_value: yes
    operator: {{x0: 0.2}}
  soft:
    soft_warning: {{alpha: needed, beta: needed, card: pages}}
"""

PLAIN = {
    "mode": "quota", "verdicts": "verdicts: {documented: 4, inconsistent: 3, insufficient: 3}", "start": "2031-02-03",
    "days": "365", "offices": "3", "first": "08:00", "last": "17:30", "w1": "3", "w2": "1", "w3": "1", "w4": "1",
    "enforce_flag": "no", "detail": "material: yes, blank_weight: 2", "g1": "0.1", "g2": "0.3", "slip": "0.05",
    "state": "material: no", "b1": "1", "b2": "2", "date_form": "long", "clock_form": "clock_24", "r1": "0.25",
    "r2": "0.5", "r3": "0.25", "k": "0.85", "v": "0.7", "x0": "0", "alpha": "0.01", "beta": "0.1", "m0": "3",
}  # fmt: skip


RICH = [  # what is added to the small scenario: (what stands there, what stands there instead)
    ("  desk: {{kind: code,", """  later: {{kind: after, of: day, days: [10, 12]}}
  entered: {{kind: after, of: day, days: [0, 1], late: {{rate: {d1}, days: [5, 9]}}}}
  reason: {{kind: choice, values: {{rain: 3, flood: 2, other-see-notes: 0}}}}
  shift: {{kind: choice, values: {{day: 3, night: 1}}}}
  desk: {{kind: code,"""),
    ("    title: Alpha\n", """    title: Alpha
    truncated: {d1}
    swaps: [{{fields: [due, later], rate: {d2}}}]
    patterns: {{page_two: {{fields: [desk, due, later], rate: {d1}}}}}
"""),
    ("      state: {{needed: yes, {state}}}\n", """      later: {{needed: yes, gap: {g1}}}
      shift: {{stamped: yes}}
      state: {{needed: yes, {state}}}
"""),
    ("    title: Beta\n", """    title: Beta
    duplicates: {d1}
    truncated: {d2}
    off_system: {off_beta}
"""),
    ("      hidden: {{", """      entered: {{stamped: yes}}
      note_sent: {{received: alpha.narrative, shown: no, lost: {d1}}}
      hidden: {{"""),
    ("    title: Card\n", """    title: Card
    duplicates: {d2}
    off_system: {{when: {{flag: yes}}, rate: {d1}}}
"""),
    ("{{needed: yes, gap: {g1}, pick_list: yes}}\n", """{{needed: yes, gap: {g1}, pick_list: yes}}
      reason: {{needed: yes, gap: {g2}, uninformative: other-see-notes}}
      desk_sent: {{received: alpha.desk, lost: {d1}, needed: yes}}
      hour_sent: {{received: beta.hour, lost: {d2}}}
"""),
    ("not_values: [", """novel_placeholders: {{code: ["??", "x.x"], date: ["9.9.99"], time: ["   "], narrative: ["- - -"]}}
mechanisms:
{mechanisms}
not_values: ["""),
    ("  q_placeholder: 0.40\n  q_wrong: 0.35\n  q_copy: 0.25\n", """  q_placeholder: 0.3
  q_wrong: 0.25
  q_copy: 0.25
  q_uninformative: 0.2
  voluntary_uninformative: {rest}
  u: {u}
  slip_typo: {rest}
  novel_placeholder: {r2}
"""),
    ("    soft_warning: {{alpha: needed, beta: needed, card: pages}}\n", """    soft_warning: {{alpha: needed, beta: needed, card: pages}}
    operator: {{override_unknown: {r1}, h_icc: {icc}, drift: 1}}
  lists:
    mandatory: {{alpha: [needed, due, later], beta: [hour, narrative], card: needed}}
    conditional_mandatory: {{beta: {{pages: {{state: [shut, kept]}}}}}}
    pick_list: {{alpha: {{desk: fits}}, beta: {{desk: misfits}}, card: {{reason: misfits}}}}
    reject_placeholders: {{alpha: [needed, due], beta: narrative, card: pages}}
    allow_not_value: {{alpha: [due, later], card: needed}}
    operator: {{z: {r1}, misfit: {d2}, respell: {r2}, divert: 0.1, defer: {r2}, defer_days: 3, forget: {d2}, h_icc: {icc}, careless: {d1}}}
  sent:
    mandatory: {{beta: [needed, desk]}}
    synchronise: {{beta: {{event: alpha.day, state: alpha.state, desk: alpha.desk, note_sent: alpha.narrative}}}}
    operator: {{sigma: {sigma}, c: 0.1}}
"""),
]  # fmt: skip
MECHANISMS = {
    "gap": "- {of: gap, fields: {alpha: [desk, due, later], card: all}, by: shift, odds: {night: 3}}",
    "own": "- {of: gap, fields: {card: reason}, by: value, odds: {rain: 4}}",
    "slip": "- {of: slip, by: office, odds: {SYN-P-001: 5}}",
    "records": "- {of: duplicate_record, by: flag, odds: {yes: 0}}\n- {of: late_entry, by: shift, odds: {night: 9}}",
    "items": "- {of: gap, fields: {beta: [narrative, hour]}, by: state, odds: {open: 3, shut: 0.5}}",
    "forced": "- {of: known, by: shift, odds: {night: 3}}\n- {of: honest, fields: {card: reason}, by: value, odds: {rain: 3}}\n- {of: exit, by: flag, odds: {yes: 2}}",
    "verdict": "- {of: insufficient, by: shift, odds: {night: 3}}\n- {of: inconsistent, by: flag, odds: {yes: 2}}",
}
OF_QUOTAS = ("verdict",)
RICH_PLAIN = {
    "d1": "0.15", "d2": "0.3", "rest": "0.3", "off_beta": "{rate: 0.1}", "u": "0.2", "icc": "0.2", "sigma": "0.6",
}  # fmt: skip


def rich(mechanisms=(), **changes):
    """Give the small scenario with every defect and some mechanisms, and with some of its numbers changed."""
    text = SMALL
    for old, new in RICH:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    values = {**PLAIN, **RICH_PLAIN, **changes}
    quota = values["mode"] == "quota"
    if quota and "off_beta" not in changes:
        values["off_beta"] = "{when: {flag: yes}, blank_weight: 2}"
    lines = [MECHANISMS[name] for name in mechanisms if quota or name not in OF_QUOTAS]
    values["mechanisms"] = "\n".join(f"  {line}" for each in lines for line in each.splitlines()) or "  []"
    return parsed(text.format(**values))


def parsed(text):
    """Read a scenario from a YAML text."""
    return parse_scenario(yaml_text.load(text, error=ScenarioError))


def small(**changes):
    """Give the small scenario with some of its numbers changed."""
    return parsed(SMALL.format(**{**PLAIN, **changes}))


RATES = st.sampled_from(["0", "0.02", "0.25", "0.5", "0.9", "1"])
SEEDS = st.integers(0, 2**64 - 1)
SIZES = st.one_of(st.sampled_from([1, 2, 16, 17, 66, 67, 68, 134]), st.integers(1, 300))


@st.composite
def small_scenarios(draw, *, every_defect=None):
    """A random small scenario: mode, counts, weights, gaps, rates, formats, controls; half of them with all defects."""
    quota = draw(st.booleans())
    counts = draw(st.tuples(*[st.integers(0, 9)] * 3).filter(any))
    names = ("documented", "inconsistent", "insufficient")
    weights = st.sampled_from(["1", "2", "0.5", "7"])
    changes = {
        "mode": "quota" if quota else "rate",
        "verdicts": f"verdicts: {{{', '.join(f'{n}: {c}' for n, c in zip(names, counts, strict=True))}}}" * quota,
        "start": draw(st.dates(min_value=_day(2000), max_value=_day(2090))).isoformat(),
        "days": str(draw(st.integers(300, 366))),
        "offices": str(draw(st.integers(2, 20))),
        "last": draw(st.sampled_from(["08:00", "08:01", "23:59"])),
        "enforce_flag": draw(st.sampled_from(["yes", "no"])),
        "detail": draw(st.sampled_from(["material: yes, blank_weight: 3", "gap: 0.4", "needed: no"])).replace(
            "needed: no", "about: x"
        ),
        "state": draw(st.sampled_from(["material: yes", "enforced: yes", "slip: 0.5"])),
        "date_form": draw(st.sampled_from(["iso", "long", "month_first", "short"])),
        "clock_form": draw(st.sampled_from(["clock_24", "hours", "clock_12"])),
        "x0": "0" if quota else draw(RATES.filter(lambda rate: rate != "1")),
        "m0": str(draw(st.integers(3, 10))),
        "alpha": draw(st.sampled_from(["0", "0.01", "0.3"])),
        "beta": draw(st.sampled_from(["0", "0.1", "1"])),
        "k": draw(st.sampled_from(["0", "0.5", "0.85", "1"])),
        "v": draw(st.sampled_from(["0.1", "0.7"])),
    }
    changes |= {name: draw(weights) for name in ("w1", "w2", "w3", "w4", "b1", "b2")}
    changes |= {name: draw(RATES) for name in ("g1", "g2", "slip", "r1", "r2")}
    most = 1 - max(float(changes["r1"]), float(changes["r2"]))  # of one statement: this form or that
    changes["r3"] = draw(RATES.filter(lambda rate: float(rate) <= most))
    if not (draw(st.booleans()) if every_defect is None else every_defect):
        return small(**changes)
    changes |= {name: draw(st.sampled_from(["0", "0.1", "0.5", "0.9"])) for name in ("d1", "d2")}
    changes |= {name: draw(st.sampled_from(["0", "0.1", "0.5", "1"])) for name in ("u", "icc", "sigma")}
    changes["rest"] = "0" if changes["r1"] in {"0.9", "1"} or changes["r2"] == "1" else draw(RATES.filter(_a_quarter))
    try:
        return rich(draw(st.sets(st.sampled_from(sorted(MECHANISMS)))), **changes)
    except ScenarioError as problem:
        if "with a rate where" in str(problem):  # a mechanism about what this world has at a rate of 0
            return rich(**changes)
        if not any(said in str(problem) for said in ("can be", "Lower the rate", "to sum", "at most")):
            raise
        reject()


def _a_quarter(rate):
    return float(rate) <= 0.25


def _day(year):
    return date(year, 1, 1)


SCENARIOS = st.one_of(st.sampled_from(SHIPPED).map(load_scenario), small_scenarios())


@st.composite
def bundles(draw, scenarios=SCENARIOS, *, base_only=False, sizes=SIZES):
    """Cases of some scenario, seed, size and regime."""
    scenario = draw(scenarios)
    regime = scenario.base_regime if base_only else draw(st.sampled_from(sorted(scenario.regimes)))
    return generate(scenario, n_cases=draw(sizes), seed=draw(SEEDS), regime=regime)


GAPPY_REGIMES = ("base", "hard", "unknown", "soft")
RICH_REGIMES = (
    "rich/base", "rich/hard", "rich/unknown", "rich/soft", "rich/lists", "rich/sent", "quota/base", "quota/hard",
    "quota/unknown", "quota/lists", "quota/sent",
)  # fmt: skip
FIXED = (*GAPPY_REGIMES, *RICH_REGIMES, "as_reported", "all_25")


@cache
def gappy(regime, n_cases=250):
    """Cases with every kind of gap, slip, evasion, contradiction and lost record, always the same ones.

    Of the names with a stroke, the first part says the mode of the scenario with every defect.
    """
    if regime in RICH_REGIMES:
        mode, name = regime.split("/")
        rates = {"g1": "0.2", "slip": "0.2", "r1": "0.4", "enforce_flag": "yes"}
        if mode == "rich":
            rates |= {"mode": "rate", "verdicts": "", "k": "0.9", "v": "0.8"}
        return generate(rich(sorted(MECHANISMS), **rates), n_cases=n_cases, seed=2031, regime=name)
    if regime not in GAPPY_REGIMES:
        return generate("oig-20-13", n_cases=n_cases, seed=2031, regime=regime)
    rates = {"k": "0.95", "v": "0.9", "slip": "0.1", "x0": "0.05", "r1": "0.4", "enforce_flag": "yes"}
    return generate(small(mode="rate", verdicts="", **rates), n_cases=n_cases, seed=2031, regime=regime)
