"""Narratives vary, read well in every combination, state the facts and nothing else, and differ legitimately."""

import itertools
import math
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from oracles import read_narrative, read_stump, read_surface
from worlds import small

from checks.evaluation import evaluate
from checks.narrative import differ, read_fact
from checks.packs import load_pack, load_pack_file
from checks.rule import Rule
from synth.datapackage import data_package
from synth.forms import HARD_NEGATIVES, fact_forms, hard_negative_of, rounded_surfaces
from synth.pipeline import generate, make_plan
from synth.scenario import load_scenario
from synth.spec import slots

OIG = load_scenario("oig-20-13")
VOICES = tuple(OIG.narratives)
N = 5_000
SIGMAS = 4.5


@pytest.fixture(scope="module")
def bundle():
    """The records and answers of 5,000 cases under the base regime."""
    return generate("oig-20-13", n_cases=N, seed=20_13)


@pytest.fixture(scope="module")
def texts(bundle):
    """(system, record_id) -> narrative."""
    return {
        (system, row["record_id"]): row["narrative"]
        for system, table in bundle.records.items()
        for row in table.select(["record_id", "narrative"]).to_pylist()
    }


# ----------------------------------------------------------------------------------------------------------- variety


def test_there_are_forty_sentence_patterns_over_three_voices():
    """Every voice has a dozen or more, and no two patterns are alike."""
    patterns = {
        system: [text for variants in told.sentences for text in variants] for system, told in OIG.narratives.items()
    }

    assert sorted(told.voice for told in OIG.narratives.values()) == [
        "first-person note",
        "formal summary",
        "terse log",
    ]
    assert all(len(set(found)) == len(found) >= 12 for found in patterns.values())
    assert len({text for found in patterns.values() for text in found}) >= 40


def skeleton(text, spans):
    """The text with what states facts struck out."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}_{text[end:]}"
    return text


@pytest.mark.parametrize("system", VOICES)
def test_a_hundred_narratives_of_one_voice_have_many_shapes(system):
    """All facts struck out, 100 cases of one voice show 25 shapes or more; openings and closings vary too."""
    made = generate("oig-20-13", n_cases=100, seed=8)
    spans = {}
    for said in made.answers["stated"].to_pylist():
        spans.setdefault((said["system"], said["record_id"]), []).append((said["start"], said["end"]))
    shapes = [
        skeleton(row["narrative"], spans[system, row["record_id"]])
        for row in made.records[system].to_pylist()
        if (system, row["record_id"]) in spans
    ]

    assert len(shapes) >= 80
    assert len(set(shapes)) >= 25
    assert len({shape.split(". ")[0] for shape in shapes}) >= 5
    assert len({shape.split(". ")[-1] for shape in shapes}) >= 5


# ----------------------------------------------------------------------------------------------------------- grammar

SLIPS = {
    "a before a vowel": r"\b[Aa] [aeiou]",
    "an before a consonant": r"\b[Aa]n [^aeiou]",
    "a word twice": r"\b([a-z]+) \1\b",
    "two stops": r"\.\.|\.,\s*$",
    "two spaces": r"  ",
    "a space before a stop": r" [.,;:]",
    "one of many": r"\b(?:1|one) documents\b",
    "many of one": r"\b(?:[02-9]|two|three) document\b",
    "no capital at the start": r"(?:^|(?<!\.m)\. )[a-z]",
    "a capital within": r"(?<=[a-z,] )(?!I\b)[A-Z](?![a-z]* \d)",  # but for months
    "no stop at the end": r"[^.]$",
    "a place without its place": r"\b(?:the|a) (?:at|in) the\b|\b(?:at|in) (?:at|in) ",
}


def every_wording(plan, system, number):
    """Yield a sentence in every variant and every combination of surfaces, for a few days, hours and all else."""
    for variant in OIG.narratives[system].sentences[number]:
        options = []
        for fact in slots(variant):
            forms = plan.forms[system, fact]
            kind = plan.domains[fact].kind
            picked = {"date": (65, 190, 430), "time": (0, 545, 722, 1439)}.get(kind, range(plan.domains[fact].n_values))
            options.append([forms.texts[c * forms.n_forms + f] for c in picked for f in range(forms.n_forms)])
        for surfaces in itertools.product(*options):
            yield variant.format(**dict(zip(slots(variant), surfaces, strict=True)))


@pytest.mark.parametrize("system", VOICES)
def test_no_combination_reads_wrongly(system):
    """In every sentence, whatever it states in whatever form: articles, plurals, stops and capitals are right."""
    plan = make_plan("oig-20-13")
    for number in range(len(OIG.narratives[system].sentences)):
        for text in every_wording(plan, system, number):
            found = {slip for slip, pattern in SLIPS.items() if re.search(pattern, text)}
            assert not found, (text, found)


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("I took an short note.", "an before a consonant"),
        ("At 2:05 p.m..", "two stops"),
        ("three documents were seen.", "no capital at the start"),
        ("I saw the The clerk.", "a capital within"),
        ("Seen at in the room.", "a place without its place"),
    ],
)
def test_slips_would_be_found(text, slip):
    """The patterns above find what they are for."""
    assert re.search(SLIPS[slip], text)


def test_each_voice_is_its_own(texts):
    """The log has no sentences and no "I"; every note speaks in the first person; no summary does."""
    own = re.compile(r"\b(?:I|my|me|My)\b")
    for (system, _), text in texts.items():
        if text is None:
            continue
        if system == "inquiry":
            assert not re.search(r"\b(?:I|my|we|the|is|are|was|were|has|had|have)\b", text)
            assert max(len(piece.split()) for piece in text.split(". ")) <= 9
        assert bool(own.search(text)) == (system == "encounter"), text


# -------------------------------------------------------------------------------------------------------------- facts


def test_every_shared_fact_is_stated_by_two_systems():
    """Two narratives or more state each fact; eight kinds of fact are among them."""
    plan = make_plan("oig-20-13")
    for fact in OIG.shared_facts:
        assert sum(fact in told for told in plan.told.values()) >= 2, fact
    kinds = {"date", "time", "place", "count", "status", "role", "action", "outcome"}
    assert {spec.kind for spec in OIG.shared_facts.values()} >= kinds


def test_the_data_package_says_of_which_kind_a_shared_fact_is():
    """Rules and reviewers read the kind beside the fields that state the fact."""
    described = data_package(make_plan("oig-20-13"), {}, {}, {})["shared_facts"]

    assert described["encounter_place"] == {"kind": "place", "fields": {}}
    assert described["answer"] == {"kind": "outcome", "fields": {"inquiry": "answer"}}


def test_nothing_is_stated_that_the_key_does_not_list(bundle, texts):
    """Read by its grammar, a narrative states just what answers/stated lists, at those places."""
    listed = {}
    for said in bundle.answers["stated"].to_pylist():
        here = listed.setdefault((said["system"], said["record_id"]), {})
        here[said["fact"]] = (said["value"], said["start"], said["end"])
    labels = bundle.answer("labels")
    cut = {
        tuple(row) for row in labels.loc[labels["defect"] == "narrative_truncated", ["system", "record_id"]].to_numpy()
    }
    for (system, record_id), text in list(texts.items())[::10]:
        read = read_narrative(OIG, system, text) if text else None
        if (system, record_id) in cut:
            read = read_stump(OIG, system, text)
        assert (read or {}) == listed.get((system, record_id), {}), text


def test_seven_kinds_of_fact_are_contradicted(bundle):
    """A contradiction changes one fact in one system; facts of seven kinds or more are among them."""
    labels = bundle.answer("labels")
    found = labels[labels["defect"] == "narrative_contradiction"]
    kinds = {OIG.shared_facts[fact].kind for fact in found["fact"]}

    assert len(kinds - {"other"}) >= 7
    assert found["case_id"].is_unique


def around_the_clock(apart):
    """How far two times are apart, the shorter way round."""
    return np.minimum(np.abs(apart), 1440 - np.abs(apart))


def test_no_rounded_time_can_stand_for_the_truth_and_for_a_wrong_time():
    """A wrong time is 30 minutes off or more: rounded or not, it is nearer to no statement of the true one than 23."""
    exact = np.arange(1440)
    rounded = np.array([quarter_by_hand(minute) for minute in exact])
    wrong = around_the_clock(exact[:, None] - exact) >= 30

    assert around_the_clock(rounded - exact).max() == 7
    assert around_the_clock(rounded[:, None] - exact)[wrong].min() == 23
    assert around_the_clock(rounded[:, None] - rounded)[wrong].min() == 30


def quarter_by_hand(minute):
    """The nearest quarter of an hour, found by looking at all of them."""
    quarters = range(0, 1441, 15)
    return min(quarters, key=lambda quarter: abs(quarter - minute)) % 1440


def test_rounded_times_are_the_nearest_quarters():
    """All 1,440 minutes, on both clocks."""
    for minute in range(1440):
        quarter = quarter_by_hand(minute)
        about, around = rounded_surfaces(f"{minute // 60:02d}:{minute % 60:02d}")

        assert about == f"about {quarter // 60:02d}:{quarter % 60:02d}"
        assert str(read_surface("time", around)) == about.removeprefix("about ")


# ----------------------------------------------------------------------------------------------------- hard negatives


def spans_of(bundle, texts, kind):
    """Yield (label, own words, the other's words) of every hard negative of a kind."""
    for label in bundle.answers["labels"].to_pylist():
        if label["class"] == "hard_negative" and label["defect"] == kind:
            own = texts[label["system"], label["record_id"]][label["span_start"] : label["span_end"]]
            other = texts[label["other_system"], label["other_record_id"]]
            yield label, own, other[label["other_span_start"] : label["other_span_end"]]


def kind_by_reading(one, other):
    """What two statements of one value differ by, from their words."""
    both = f"{one} / {other}"
    if re.search(r"\b(?:since|by now)\b", both):
        return "later_update"
    if re.search(r"\b(?:about|around)\b", both):
        return "rounding"
    if re.search(r"\d\d:\d\d|hours|[ap]\.m\.", both):
        return "clock_format"
    return "date_format" if re.search(r"\d{4}", both) else "paraphrase"


@pytest.mark.parametrize("kind", HARD_NEGATIVES)
def test_a_hard_negative_is_called_what_it_is(bundle, texts, kind):
    """The kind is what a reader of both statements says, and the label holds their words."""
    found = list(spans_of(bundle, texts, kind))

    assert len(found) > 100
    for label, own, other in found:
        assert (own, other) == (label["recorded"], label["expected"])
        assert own != other
        assert kind_by_reading(own, other) == kind


def test_an_update_goes_before_a_paraphrase_and_rounding_before_a_clock():
    """Of two forms that both differ from the plain one, the weightier says what differs; by hand."""
    plan = make_plan("oig-20-13")
    times, status = plan.forms["encounter", "encounter_time"], plan.forms["encounter", "custody_status"]

    assert times.kinds == ("clock_format",) * 3 + ("rounding",) * 2
    assert status.kinds == ("paraphrase",) * 2 + ("later_update",) * 2
    assert HARD_NEGATIVES[hard_negative_of(times, 1, times, 3)] == "rounding"
    assert HARD_NEGATIVES[hard_negative_of(times, 1, times, 0)] == "clock_format"
    assert HARD_NEGATIVES[hard_negative_of(status, 1, status, 2)] == "later_update"
    assert hard_negative_of(status, np.array([0, 3]), status, np.array([1, 0])).tolist() == [2, 4]


def pairs_told(bundle, texts, fact):
    """What the extractor reads of a fact, case by case: case -> system -> reading; and the fact."""
    reader = load_pack_file("narrative_agreement").facts[fact]
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in bundle.answers["links"].to_pylist()}
    keys = [key for key in texts if fact in make_plan("oig-20-13").told[key[0]]]
    read = read_fact(reader, pa.array([texts[key] for key in keys], pa.large_string())).to_pylist()
    told = {}
    for key, value in zip(keys, read, strict=True):
        told.setdefault(case_of[key], {})[key[0]] = value
    return told, reader


def test_plain_equality_flags_hard_negatives_and_the_extractor_does_not(bundle, texts):
    """Comparing the words flags three in ten or more; the fact extractor flags under 2 in 100."""
    labels = [label for label in bundle.answers["labels"].to_pylist() if label["class"] == "hard_negative"]
    naive, flagged = 0, Counter()
    for fact in OIG.shared_facts:
        told, reader = pairs_told(bundle, texts, fact)
        here = [label for label in labels if label["fact"] == fact]
        sides = [[told[x["case_id"]][x[which]] for x in here] for which in ("system", "other_system")]
        apart = differ(reader, *(pa.array(side, pa.large_string()) for side in sides))
        naive += sum(x["recorded"] != x["expected"] for x in here)
        flagged.update(x["defect"] for x, wrong in zip(here, apart, strict=True) if wrong)
        assert None not in sides[0] + sides[1]

    assert naive >= 0.3 * len(labels)
    assert flagged.total() < 0.02 * len(labels), flagged


def test_the_pack_finds_contradictions_and_leaves_hard_negatives_alone(bundle):
    """Of all contradictions the pack flags 95 in 100; of cases that only differ in form, under 2 in 100, by kind."""
    labels = bundle.answer("labels")
    case_of = dict(bundle.answer("links").set_index(["system", "record_id"])["case_id"])
    frames = bundle.frames()
    flagged = set()
    for result in evaluate(load_pack("narrative_agreement"), frames).results:
        fact = result.rule.predicate.fact.name
        ids = frames[result.system]["record_id"][result.fail]
        flagged |= {(case_of[result.system, record_id], fact) for record_id in ids}
    contradictions = labels[labels["defect"] == "narrative_contradiction"]
    wrong = set(zip(contradictions["case_id"], contradictions["fact"], strict=True))
    different = labels[labels["class"] == "hard_negative"]

    assert len(wrong) > 700
    assert len(wrong & flagged) >= 0.95 * len(wrong)
    for kind, found in different.groupby(different["defect"].astype(str)):
        legitimate = set(zip(found["case_id"], found["fact"], strict=True)) - wrong
        assert len(legitimate & flagged) < 0.02 * len(legitimate), kind


def test_a_reader_without_tolerance_falls_for_rounding(bundle):
    """The same pack without its tolerance flags most rounded times: they are hard negatives, not decoration."""
    labels = bundle.answer("labels")
    rounded = set(labels.loc[labels["defect"] == "rounding", "case_id"])
    (rule,) = [rule for rule in load_pack("narrative_agreement") if rule.id == "narratives.encounter_time"]
    fact = rule.predicate.fact
    predicate = replace(rule.predicate, fact=replace(fact, tolerance=0))
    strict = Rule("strict", predicate, system="encounter")
    frames = bundle.frames()
    case_of = dict(bundle.answer("links").set_index(["system", "record_id"])["case_id"])
    (result,) = evaluate([strict], frames).results
    flagged = {case_of["encounter", record_id] for record_id in frames["encounter"]["record_id"][result.fail]}

    assert len(rounded & flagged) > 0.7 * len(rounded)


def with_rates(**rates):
    """The audit scenario with these rates of hard negatives."""
    changed = OIG.hard_negatives.model_copy(update={kind: Decimal(rate) for kind, rate in rates.items()})
    return OIG.model_copy(update={"hard_negatives": changed})


NONE = dict.fromkeys(HARD_NEGATIVES, "0")


@pytest.mark.parametrize("kind", HARD_NEGATIVES)
def test_a_rate_of_none_gives_none_and_the_others_stay(kind):
    """Without a kind there is not one label of it; alone, it is the only one."""
    found = {}
    for name, rates in (("without", {kind: "0"}), ("alone", NONE | {kind: "0.2"})):
        labels = generate(with_rates(**rates), n_cases=400, seed=6).answer("labels")
        found[name] = set(labels.loc[labels["class"] == "hard_negative", "defect"])

    assert found == {"without": {*HARD_NEGATIVES} - {kind}, "alone": {kind}}


TELLING = {
    "rounding": ("encounter_time", "0.08", r"(?:about|around) .*"),
    "clock_format": ("encounter_time", "0.12", r"\d{4} hours|\d{1,2}:\d\d [ap]\.m\."),
    "later_update": ("custody_status", "0.04", r".*(?:since|by now) .*"),
    "paraphrase": ("informed_role", "0.06", r"clerk for .*|.* on duty|officer at .*"),
}


@pytest.mark.parametrize("system", ["encounter", "casework"])
@pytest.mark.parametrize("kind", TELLING)
def test_declared_rates_are_met(bundle, texts, system, kind):
    """A statement takes each form at its declared rate, within 4.5 binomial standard errors."""
    fact, rate, pattern = TELLING[kind]
    said = [
        texts[system, row["record_id"]][row["start"] : row["end"]]
        for row in bundle.answers["stated"].to_pylist()
        if (row["system"], row["fact"]) == (system, fact)
    ]
    hits, share = sum(re.fullmatch(pattern, surface) is not None for surface in said), float(rate)

    assert getattr(OIG.hard_negatives, kind) == Decimal(rate)
    assert abs(hits - len(said) * share) <= SIGMAS * math.sqrt(len(said) * share * (1 - share))


def test_rates_that_fill_everything_leave_no_usual_form():
    """Clock .75 and rounding .25 leave nothing for the usual form; the thresholds end at 2**32 exactly."""
    scenario = small(r2="0.75", r3="0.25", r1="0.75")
    domain = make_plan(scenario).domains["hour"]
    forms = fact_forms(scenario, domain, "alpha", "hour")

    assert forms.bounds.tolist() == [0, 3 << 29, 3 << 30, 7 << 29, 1 << 32]
    assert forms.others == (1, 2, 3, 4)
    assert forms.usual == 0
