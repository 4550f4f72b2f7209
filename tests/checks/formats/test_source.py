"""Foreign rule files as text: what they hold, where it stands, and what is refused before any rule is read."""

import json
import time

import pytest
import yaml

from checks import load_rules
from checks.formats.source import MAX_BYTES, Source
from checks.sniffing import FORMATS, format_of
from synth.errors import RuleError

SUITE = {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "zip"}}]}


def test_json_is_read_with_its_lines():
    """A JSON text indented with tabs and with signs YAML would stumble over gives the values JSON gives."""
    tree = {"a": [1, 2.5, None, True], "b": {"c": "x: y # z", "d": "tab\there / \\ \u00e9"}}
    text = json.dumps(tree, indent="\t")

    source = Source("x.json", text)

    assert source.tree == tree
    assert source.where(("b", "d")) == "b.d (line 10)"


def test_json_that_yaml_reads_otherwise_is_json():
    """Escaped emoji, 1e5, a line separator and a very long name are what JSON says they are."""
    tree = {"emoji": "\U0001f600", "big": 1e5, "sign": "a\u2028b\x7f", "n" * 2000: 1}
    text = json.dumps(tree).replace("100000.0", "1e5")

    assert "\\ud83d" in text
    assert "1e5" in text
    assert Source("x.json", text).tree == tree


def test_references_that_double_end():
    """A schema that refers to itself twice at each of 25 levels is refused in a moment, not in an age."""
    levels = {f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n - 1}"}] * 2} for n in range(1, 26)}
    schema = {"definitions": {**levels, "d0": {"properties": {"x": {"minimum": 1}}}}, "$ref": "#/definitions/d25"}

    read = load_rules(json.dumps(schema), "json_schema", on_unsupported="list")

    assert any("follows more than 5000 references" in entry.reason for entry in read.coverage())


def test_yaml_is_read_as_its_tools_read_it():
    """A yes is true, a day is a text, an alias is followed, a merge key is merged."""
    text = "base: &base {a: 1, b: yes}\nmore:\n  <<: *base\n  b: no\n  day: 2031-01-01\n"

    assert Source("", text).tree["more"] == {"a": 1, "b": False, "day": "2031-01-01"}


BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    + [f"{b}: &{b} [{', '.join(['*' + a] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
)
REFUSED = [
    ("{", "x.json", r"x\.json: line 1: not JSON"),
    (json.dumps(SUITE, indent=1)[:-4], "x.json", r"x\.json: line \d+: not JSON: .*Is the file complete\?"),
    ("models:\n- name: [x\n", "x.yml", r"x\.yml: line \d: not YAML"),
    ("expectations: !!python/object/apply:os.system [echo]\n", "x.yaml", "tag 'tag:yaml.org,2002:python/object"),
    (BOMB, "x.yaml", r"more than 500000 values once its aliases are followed"),
    ("expectations: " + "[" * 200_000, "x.yml", "nested deeper than 100 levels"),
    ('{"expectations": [' + "9" * 5000 + "]}", "x.json", "line 1: not JSON that can be read"),
    ('{"expectations": [], "expectations": []}', "x.json", "key 'expectations' is given twice"),
    ("[" * 3000 + "]" * 3000, "x.json", "nested deeper than 100 levels"),
    ("a: 1\na: 2\n", "x.yaml", r"line 2: key 'a' is given twice"),
    ("? [1]\n: 2\n", "x.yaml", "a key must be a text"),
    ("\ufffe: 1", "x.yaml", r"x\.yaml: line 1: not YAML"),
    ("colour: red", "x.yaml", r"x\.yaml: is no rule file that is known \(its keys: colour\)"),
    ("- 1\n- 2\n", "x.yaml", "it holds a list of another kind"),
    ("just words", "x.yaml", "it holds plain text"),
    ("", "x.yaml", "line 1: is empty"),
]


@pytest.mark.parametrize(("text", "name", "message"), REFUSED, ids=[message[:40] for *_, message in REFUSED])
def test_what_is_no_rule_file_is_refused_in_one_line(text, name, message, tmp_path):
    """Truncated, mistyped, hostile or foreign: one line with the file and the line, in a moment."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()

    with pytest.raises(RuleError, match=message) as caught:
        load_rules(path)

    assert "\n" not in str(caught.value)
    assert time.perf_counter() - began < 60  # not for ever; speed is measured elsewhere


def test_a_file_that_is_too_big_is_not_read(tmp_path):
    """Above 5 MB nothing is parsed."""
    path = tmp_path / "big.json"
    path.write_text(json.dumps({**SUITE, "meta": "x" * MAX_BYTES}), encoding="utf-8")

    with pytest.raises(RuleError, match=r"big\.json: has more than 5 MB"):
        load_rules(path)


def test_a_text_that_is_too_big_is_not_read():
    """The same where the rules are given as a text: characters of two bytes count twice."""
    for text in ("rules:\n" + "# x\n" * (MAX_BYTES // 4 + 1), "rules:\n#" + "\u00fc" * (MAX_BYTES // 2)):
        with pytest.raises(RuleError, match=r"the text: has more than 5 MB; rules have less"):
            load_rules(text)


def test_bytes_that_are_not_utf_8(tmp_path):
    """The line of the first such byte."""
    path = tmp_path / "x.yaml"
    path.write_bytes(b"rules:\n- id: \xff\n")

    with pytest.raises(RuleError, match=r"x\.yaml: line 2: byte 0xff is not UTF-8"):
        load_rules(path)


def test_a_path_a_name_and_a_text_are_the_same(tmp_path):
    """A file is given as a Path or by its name; a text is the rules themselves."""
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE), encoding="utf-8")

    by_path, by_name, by_text = (load_rules(source) for source in (path, str(path), json.dumps(SUITE)))

    assert by_path.rules == by_name.rules == by_text.rules
    assert by_path.name == "suite"
    with pytest.raises(RuleError, match=r"missing\.json: cannot be read"):
        load_rules("missing.json")


def test_an_untranslated_rule_is_an_error_unless_it_may_be_skipped():
    """Nothing is dropped without a word: refused by default, listed always."""
    suite = {"expectations": [*SUITE["expectations"], {"type": "expect_magic", "kwargs": {"column": "zip"}}]}
    text = json.dumps(suite, indent=1)

    with pytest.raises(
        RuleError, match=r"1 of 2 rules cannot be translated \(.*magic.* at expectations\[1\] \(line 9\)"
    ):
        load_rules(text)
    read = load_rules(text, on_unsupported="skip")

    assert [entry.status for entry in read.coverage()] == ["exact", "unsupported"]
    assert len(read.rules) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rules: []", "casegauge"),
        ("schema_type: dataframe\ncolumns: {}", "pandera"),
        (json.dumps(SUITE), "gx"),
        ("version: 2\nmodels: []", "dbt"),
        ("kind: DataContract\nschema: []", "odcs"),
        ("dataContractSpecification: 1.1.0\nmodels: {}", "odcs"),
        ("checks for orders:\n- row_count > 0", "soda"),
        ("dataset: a/b/c\ncolumns: []", "soda"),
        ('{"fields": [{"name": "a"}]}', "frictionless"),
        ('{"resources": []}', "frictionless"),
        ('{"fields": {"a": {"type": "int"}}}', "tdda"),
        ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}', "json_schema"),
        ("- criticality: error\n  check: {function: is_not_null}", "dqx"),
        ("tbl: x\nsteps: []", "pointblank"),
        ('Rules = [ IsComplete "a" ]', "dqdl"),
        ("t1&t2&EQ(t1.a,t2.a)&IQ(t1.b,t2.b)", "denial"),
    ],
)
def test_a_format_is_known_by_its_look(text, name):
    """Every format tells itself from the others."""
    assert format_of(Source("", text)) == name
    assert name in FORMATS


@pytest.mark.parametrize("given", [{"format": "gxx"}, {"on_unsupported": "ignore"}])
def test_words_that_are_not_known(given):
    """A format or a way that is not there."""
    with pytest.raises(RuleError, match=r"(format|on_unsupported) is '"):
        load_rules(json.dumps(SUITE), **given)


def test_of_several_merges_the_first_has_the_say():
    """A key of its own before all, then the merges in their order, as YAML has it."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2, w: 2}\nc:\n  <<: [*a, *b]\n  w: 3\nd:\n  <<: [*b, *a]\n"
    tree = Source("", text).tree

    assert tree["c"] == yaml.safe_load(text)["c"] == {"x": 1, "y": 1, "z": 2, "w": 3}
    assert tree["d"] == yaml.safe_load(text)["d"] == {"x": 1, "y": 2, "z": 2, "w": 2}


def test_tabs_are_blanks_for_lines_alone():
    """A JSON text indented with tabs has its lines, and a tab in a value stays one."""
    source = Source("s.json", '{\n\t"a": "x\\ty",\n\t"b": {\n\t\t"c": ["p", "\\t"]\n\t}\n}\n')

    assert source.tree == {"a": "x\ty", "b": {"c": ["p", "\t"]}}
    assert [source.line(place) for place in (("a",), ("b",), ("b", "c"))] == [2, 3, 4]


def test_tabs_do_not_cost_the_lines_where_the_slow_reader_is_used(monkeypatch):
    """The YAML reader without its C part takes no tab; the lines of a JSON text are found all the same."""
    monkeypatch.setattr("checks.formats.source._Loader", yaml.SafeLoader)
    source = Source("s.json", '{\n\t"a": "x\\ty",\n\t"b": 1\n}\n')

    assert (source.tree, source.line(("a",)), source.line(("b",))) == ({"a": "x\ty", "b": 1}, 2, 3)
