"""Rule files: what they say, what they refuse, and that writing one reads back."""

from pathlib import Path

import pytest
import yaml
from pandas import Timestamp

from checks import (
    Agree,
    AllOf,
    AnyOf,
    Between,
    Compare,
    Custom,
    DaysBetween,
    Denial,
    EvenDays,
    Expression,
    Fact,
    ForeignKey,
    FunctionalDependency,
    HasColumn,
    InSet,
    Length,
    Limit,
    Link,
    Measure,
    Multiple,
    NoNearDuplicate,
    NoPileUp,
    Not,
    NotBlank,
    NotIn,
    NotLikePrevious,
    NotNull,
    NotOnDays,
    NotPlaceholder,
    Pattern,
    PresentIn,
    ReadAs,
    Rule,
    RuleSet,
    SameText,
    SimilarLength,
    SimilarText,
    StoredAs,
    Strftime,
    Typed,
    Unique,
    dump_rules,
    load_pack,
    load_rules,
)
from checks.packs import MORE_PACKS, PACKS, load_pack_file
from checks.pandera_writer import to_pandera
from checks.placeholders import PLACEHOLDERS
from checks.predicates import KINDS, kind_of
from checks.rule_file import read_rule_file
from checks.sql_writer import to_sql
from synth.errors import RuleError

LINK = Link("encounter", "case_no", "casework", "case")
DAY = Fact("day", "date", ("seen on {value}",))
NEAR = Fact("near", "time", tolerance=10)
HELD = Fact("held", "enum", values=(("yes", ("held",)), ("no", ("released", "let go"))))
EVERY_KIND = [
    NotNull("zip"),
    NotBlank("zip"),
    NotIn("zip", ("N/A", "no"), ignore_case=True, trim=True),
    InSet("zip", ("010", "yes", "~", "")),
    Pattern("zip", r"\d{5}", "search"),
    Pattern("zip", r"\d{5}$", "start", "re", "python"),
    Length("zip", min=1, max=5),
    Length("zip", max=5, written="no"),
    InSet("zip", (1, 2.5, 1e16), stored="number"),
    NotIn("zip", (True, False), stored="boolean"),
    InSet("zip", ("1", "yes"), stored="text"),
    NotIn("zip", (Timestamp("2031-01-01T10:00:00"),), stored="datetime"),
    Between("zip", 0, 2.5, as_="stored", stored="number"),
    Compare("opened", "<=", "closed", "stored"),
    Measure("sum", "zip", max="3", of_nothing=0.0),
    Between("zip", min="2031-01-01", exclude_max=True, as_="date"),
    Multiple("zip", "0.5"),
    Typed("opened", "date"),
    Strftime("opened", "%d.%m.%Y"),
    Compare("opened", "<=", "closed", "date"),
    Unique(("zip", "city")),
    Unique(("zip",), nulls="equal", repeats="later"),
    FunctionalDependency(("zip",), ("city", "state")),
    Denial(("t1.zip = t2.zip", "t1.pay > 10", "t1.`post town` != 'x y'")),
    Agree("held", "held", LINK, HELD, ("N/A",)),
    Agree("narrative", "day", fact=DAY),
    Agree("narrative", "narrative", LINK, NEAR),
    SameText("narrative", "narrative", LINK),
    PresentIn(LINK),
    ForeignKey(("zip", "city"), "casework", ("zip", "town")),
    Expression("zip <> city", "postgres", ("zip", "city")),
    StoredAs("zip", ("int", "str")),
    SimilarLength("narrative", "narrative", 3.0, LINK),
    SimilarLength("narrative", "summary"),
    SimilarText("narrative", "narrative", "trigrams", 0.25, LINK),
    SimilarText("narrative", "summary"),
    NotPlaceholder("zip", "both", ("gone",), ("X",)),
    DaysBetween("opened", "closed", 0, 30),
    NotOnDays("opened", ("01-01",), ("sat", "sun"), ("1900",)),
    EvenDays("opened", "weekday", ("officer",), 3.0, 5.0, 50),
    NoPileUp("held", ("officer",), ("yes",), 1.5, 3.0, 30),
    NotLikePrevious(("zip", "city"), ("officer",), ("opened",)),
    NoNearDuplicate(("name", "street"), ("born",)),
    HasColumn("zip"),
    Measure("row_count", min="10"),
    Measure("distinct_share", "zip", max="0.5", exclude_max=True),
    Measure("failing_count", max="3", of=Length("zip", max=5)),
    Measure("row_count", min="10", max="12", outside=True),
    AllOf((NotNull("zip"), Not(InSet("city", ("x",))))),
    AnyOf((NotNull("zip"), NotNull("city"))),
    Not(NotNull("zip")),
    ReadAs(NotNull("zip"), nulls=("", "N/A")),
    ReadAs(Between("zip", max="5"), "number", ("zip",), ("-",), "[0-9]+", " ", "%Y", ",", "fail", ("y",), ("n",)),
]


@pytest.mark.parametrize("predicate", EVERY_KIND, ids=[f"{i}-{type(p).__name__}" for i, p in enumerate(EVERY_KIND)])
def test_written_rules_read_back(predicate):
    """A rule file written from rules gives the same rules."""
    rules = (
        Rule("plain", predicate, system="encounter"),
        Rule(
            "full",
            predicate,
            "encounter",
            NotNull("zip"),
            ("zip",),
            "record",
            "fail",
            "warning",
            0.25,
            "ref",
            "history",
            "d",
            (Limit(0.1, "share", "warning"), Limit(3, "rows", inclusive=True)),
        ),
    )

    assert load_rules(dump_rules(rules)).rules == rules


def test_every_kind_is_tested():
    """Every kind that a file can hold stands in the list above."""
    assert {type(predicate) for predicate in EVERY_KIND} == set(KINDS.values()) - {Custom}


NOT_IN_SQL = {  # typed: as a date; whole numbers and truth values are
    "multiple", "stored_as", "strftime", "denial", "agree", "same_text", "present_in", "has_column", "similar_length",
    "similar_text", "not_placeholder", "days_between", "not_on_days", "even_days", "no_pile_up", "not_like_previous",
    "no_near_duplicate", "read_as", "typed",
}  # fmt: skip
IN_PANDERA = {
    "between",
    "not_null",
    "not_blank",
    "not_in",
    "in_set",
    "length",
    "unique",
    "has_column",
}  # no search, no dates


def test_no_kind_is_dropped_on_the_way_to_another_form():
    """SQL and pandera say of every rule whether they carry it; what they carry stands in the text, once."""
    rules = [Rule(f"r{number}", predicate) for number, predicate in enumerate(EVERY_KIND)]
    kinds = {rule.id: kind_of(rule.predicate) for rule in rules}
    text, in_sql = to_sql(rules)
    schema, in_pandera = to_pandera(rules)

    for coverage in (in_sql, in_pandera):
        assert [entry.id for entry in coverage] == [rule.id for rule in rules]
        assert all(entry.reason for entry in coverage if entry.status != "exact")
    carried = [entry.id for entry in in_sql if entry.status != "unsupported"]
    assert [line.removeprefix("-- id: ") for line in text.splitlines() if line.startswith("-- id: ")] == carried
    assert {kinds[entry.id] for entry in in_sql} - {kinds[name] for name in carried} == NOT_IN_SQL
    assert {kinds[entry.id] for entry in in_pandera if entry.status != "unsupported"} == IN_PANDERA
    assert all(check.name for column in schema.columns.values() for check in column.checks)


@pytest.mark.parametrize("name", [*PACKS, *MORE_PACKS])
def test_packs_read_back(name):
    """Every pack can be written as a rule file and read again."""
    pack = load_pack_file(name)

    assert load_rules(dump_rules(pack)) == pack


def test_a_long_rule_file_is_read(tmp_path):
    """What was translated from a file of 5 MB at most can be written and read again."""
    rules = tuple(Rule(f"rule-{number}", Pattern("zip", "x" * 900)) for number in range(400))
    path = tmp_path / "long.yaml"
    path.write_text(dump_rules(rules), encoding="utf-8")

    assert path.stat().st_size > 300_000
    assert load_rules(path).rules == rules


def test_code_is_not_written():
    """A rule that is code is refused by name."""
    with pytest.raises(RuleError, match="check 'mine' is code"):
        dump_rules([Rule("r", Custom(("a",), lambda frame: (frame, frame), "mine"))])


def test_a_whole_file(tmp_path):
    """Defaults of the file reach its rules, and one entry can stand for several fields."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        """
system: encounter
null_policy: ignore
reference: our handbook, 3
normalise: [html, whitespace]
links:
  case: {encounter: case_no, casework: case}
facts:
  held: {kind: enum, values: {yes: held, no: [released, let go]}}
rules:
  - id: filled
    for_each: [zip, city]
    not_blank:
  - id: closed
    system: casework
    null_policy: native
    where: {all_of: [{not_null: closed}, {not: {in_set: {field: state, values: [open, no]}}}]}
    between: {field: closed, min: 2031-01-01}
  - id: held
    agree: {field: held, with: casework.held, fact: held}
""",
        encoding="utf-8",
    )

    rule_set = load_rules(path)

    assert (rule_set.name, rule_set.normalise) == ("mine", ("html", "whitespace"))
    given = {"system": "encounter", "null_policy": "ignore", "reference": "our handbook, 3"}
    where = AllOf((NotNull("closed"), Not(InSet("state", ("open", "no")))))
    assert rule_set.rules == (
        Rule("filled.zip", NotBlank("zip"), **given),
        Rule("filled.city", NotBlank("city"), **given),
        Rule("closed", Between("closed", "2031-01-01"), "casework", where, reference="our handbook, 3"),
        Rule("held", Agree("held", "held", LINK, HELD), **given),
    )


ONE = "rules:\n  - id: r\n    "
REFUSED = [
    ("rules:\n- id: a\n  patern: x\n", "line 3: unknown key 'patern'. Did you mean 'pattern'"),
    ("ruls: []\n", "line 1: unknown key 'ruls'. Did you mean 'rules'"),
    ("name: x\n", "there is no key 'rules'"),
    ("rules: []\n", "the list of rules is empty"),
    ("rules: x\n", "'rules' is a text"),
    ("- a\n", r"is no rule file that is known \(it holds a list of another kind\)"),
    ("rules:\n- not_null: zip\n", "line 2: a rule has no id"),
    ("rules:\n- id: r\n", "line 2: rule 'r' must have one kind of check; got none"),
    (ONE + "not_null: a\n    not_blank: a\n", "got 'not_null' and 'not_blank'"),
    (
        "rules:\n- {id: r, not_null: a}\n- {id: r, not_null: b}\n",
        r"line 3: rule id 'r' is given twice \(first on line 2\)",
    ),
    (ONE + "pattern: {field: a}\n", "line 3: pattern has no 'regex'"),
    (ONE + "pattern: {field: a, regexp: b}\n", "line 3: unknown key 'regexp'. Did you mean 'regex'"),
    (ONE + "pattern: {field: a, regex: '('}\n", r"line 3: '\(' is not a regular expression"),
    (ONE + "pattern: {field: a, regex: b, how: ful}\n", "'how' is 'ful'. Did you mean 'full'"),
    (ONE + "not_null:\n", "line 3: not_null has no 'field'|'not_null' has no value"),
    (ONE + "in_set: {field: a, values: []}\n", "'values' is an empty list"),
    (ONE + "in_set: {field: a, values: [b], trim: maybe}\n", "'trim' is 'maybe'"),
    (ONE + "length: {field: a, max: -1}\n", "'max' is '-1'; it must be a whole number"),
    (ONE + "not_null: a\n    threshold: 5 %\n", "line 4: 'threshold' is '5 %'; it is a share"),
    (ONE + "not_null: a\n    severity: fatal\n", "line 4: 'severity' is 'fatal'"),
    (ONE + "not_null: a\n    where: {}\n", "line 4: a condition has one kind; got 0"),
    (ONE + "all_of: []\n", "all_of is empty"),
    (ONE + "custom: {fields: a}\n", "unknown key 'custom'"),
    (ONE + "agree: {field: a, with: casework.a}\n", "must name its own system"),
    (ONE + "system: e\n    agree: {field: a, with: casework.a}\n", "line 4: 0 links join 'e' and 'casework'"),
    (ONE + "agree: {field: a, with: b, fact: c}\n", "'fact' is 'c'"),
    ("normalise: [htm]\n" + ONE + "not_null: a\n", "line 1: 'normalise' is 'htm'. Did you mean 'html'"),
    ("links: {x: {a: b}}\n" + ONE + "not_null: a\n", "line 1: link 'x' names 1 systems"),
    ("facts: {x: {kind: enum}}\n" + ONE + "not_null: a\n", "line 1: fact 'x' is an enum without values"),
    (
        "facts: {x: {kind: time, tolerance: some}}\n" + ONE + "not_null: a\n",
        "'tolerance' is 'some'; it must be a whole",
    ),
    ("facts: {x: {kind: dat}}\n" + ONE + "not_null: a\n", "'kind' is 'dat'. Did you mean 'date'"),
    ("null_policy: x\n" + ONE + "not_null: a\n", "line 1: 'null_policy' is 'x'"),
    (
        "links: {a: {e: n, c: n}, b: {e: m, c: m}}\n" + ONE + "system: e\n    present_in: c\n",
        "2 links join 'e' and 'c'",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refused(text, message):
    """A mistake in a rule file is refused in one line with its line, what was got and what is possible."""
    with pytest.raises(RuleError, match=message) as caught:
        load_rules(text)

    assert "\n" not in str(caught.value)


def test_packs_ask_for_what_they_say():
    """Ten fields, 25 fields, and the 15 that are not enforced are the difference."""
    ten, all_25 = ({rule.predicate.field for rule in load_pack(name)} for name in ("required_10", "required_25"))

    assert (len(ten), len(all_25)) == (10, 25)
    assert ten < all_25


def test_placeholder_pack_holds_the_known_list():
    """The list in the pack is the list that links are held against."""
    assert {rule.predicate.values for rule in load_pack("placeholders")} == {PLACEHOLDERS}  # noqa: PD011


def test_packs_and_scenario_name_the_same_fields():
    """Every field a pack reads is a field of the built-in scenario's systems."""
    scenario = yaml.safe_load(
        (Path(__file__).parents[2] / "synth/scenarios/oig-20-13.yaml").read_text(encoding="utf-8")
    )
    fields = {(system, field) for system, given in scenario["systems"].items() for field in given["fields"]}

    read = {(rule.system, field) for name in (*PACKS, *MORE_PACKS) for rule in load_pack(name) for field in rule.blames}

    assert read - fields == set()


def test_rule_sets_compare_by_value():
    """Two readings of one text are equal."""
    text = "rules: [{id: r, not_null: a}]"

    assert load_rules(text) == load_rules(text) == RuleSet("rules", (Rule("r", NotNull("a")),))


NOT_MEANT = [
    ("between: {field: a, min: 10, max: 1}", "between: 'min' is 10 and 'max' is 1, so no value lies between them"),
    ("between: {field: a, min: 5, max: 5, exclude_max: yes}", "no value lies between them"),
    ("between: {field: a, min: '22:00', max: '06:00'}", "'min' is 22:00 and 'max' is 06:00"),
    ("between: {field: a, min: low, as: number}", "'min' is 'low', which is no number. Give a number"),
    (
        "between: {field: a, max: 31.12.2031, as: date}",
        "'max' is '31.12.2031', which is no date. Write it as YYYY-MM-DD",
    ),
    ("between: {field: a, min: 1, max: b}", "'min' is '1' and 'max' is 'b': a number and a text"),
    ("length: {field: a, min: 5, max: 3}", "length: 'min' is 5 and 'max' is 3"),
    ("measure: {metric: row_count, min: 5, max: 3}", "measure: 'min' is 5 and 'max' is 3"),
]
MEANT = [
    "between: {field: a, min: 9, max: 10}",
    "between: {field: a, min: 5, max: 5}",
    "between: {field: a, min: 9, max: 10, as: number}",
    "between: {field: a, min: '10', max: '9a', as: text}",
    "between: {field: a, min: '06:00', max: '22:00'}",
    "between: {field: a, min: 2031-01-01, max: 2031-12-31, as: date}",
    "measure: {metric: row_count, min: 5, max: 3, outside: yes}",
    "length: {field: a, max: 0}",
]


@pytest.mark.parametrize(("check", "said"), NOT_MEANT, ids=[row[0] for row in NOT_MEANT])
def test_bounds_that_cannot_be_meant_are_refused(check, said):
    """No value could pass, or a text stands where numbers are read: one line with its number."""
    with pytest.raises(RuleError, match=r"\Aline 3: ") as caught:
        read_rule_file(f"rules:\n- id: r\n  {check}\n")

    assert said in str(caught.value)


@pytest.mark.parametrize("check", MEANT)
def test_bounds_that_can_be_meant_are_read(check):
    """Nines before tens as numbers, ends that meet, days and times, a range to stay out of."""
    assert len(read_rule_file(f"rules:\n- id: r\n  {check}\n").rules) == 1
