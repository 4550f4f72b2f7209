"""Field lists become scenarios that load and generate; what cannot be carried is said, what is unreadable refused."""

import json

import pytest
import reviewer
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cli import main
from synth import yaml_text
from synth.consistency import MOST_FIELDS
from synth.errors import OutputError, ScenarioError
from synth.export import write
from synth.field_files import MAX_BYTES
from synth.field_lists import import_field_list, write_new
from synth.pipeline import generate, make_plan
from synth.scenario import load_scenario, parse_scenario

FIELDS_TODAY = 500  # fields of one list that must import and generate; 1,000 as soon as MOST_FIELDS allows it

PLAIN = """\
Field,Type,Required,Applies when,Blank %,Placeholder %,Values,List fits
Contact no,id,yes,,1,,,
Date of contact,date,mandatory,,4,,,
Hour,time,no,,,,,
Reason closed,list,no,Outcome = closed,35,5,moved|no reply|other,
Outcome,list,yes,,12,,open|closed|Unknown,90
Pages,integer,recommended,,,0,,
Amount paid,decimal,no,,,,,
Notes,note,no,,60,,,
Interpreter,yes/no,no,,,,,
Language,string,no,Interpreter is yes,,,,
"""

TABLES = {
    "name": "pack",
    "resources": [
        {"name": "person", "schema": {"primaryKey": "id", "fields": [
            {"name": "id", "type": "string", "constraints": {"required": True}, "example": "Ann Example, 1 High St"},
            {"name": "state", "type": "string", "constraints": {"required": True, "enum": ["on", "off", "N/A"]}},
            {"name": "born", "type": "date", "description": "Ann was born on 1 May"},
            {"name": "size", "type": "integer", "constraints": {"minimum": 3, "maximum": 9}},
            {"name": "place", "type": "geopoint"}]}},
        {"name": "visit", "schema": {"primaryKey": ["id"], "fields": [
            {"name": "id", "type": "string"}, {"name": "person_id", "type": "string", "default": "Ann"},
            {"name": "other_id", "type": "string"}, {"name": "year", "type": "integer",
                                                     "constraints": {"minimum": 1900, "maximum": 2100}}],
            "foreignKeys": [{"fields": "person_id", "reference": {"resource": "person", "fields": "id"}},
                            {"fields": ["other_id"], "reference": {"resource": "person", "fields": ["id"]}}]}},
    ],
}  # fmt: skip

OBJECT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "kind": {"enum": ["a", "b", "c"]},
        "from": {"type": "string", "format": "date"},
        "note": {"type": ["string", "null"], "maxLength": 4000},
        "open": {"type": "boolean"},
        "size": {"$ref": "#/$defs/size"},
        "why": {"type": "string"},
        "place": {"type": "object", "required": ["room"], "properties": {"room": {"type": "string"}, "wing": {}}},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["kind", "place"],
    "allOf": [{"if": {"properties": {"kind": {"enum": ["b", "c"]}}}, "then": {"required": ["why"]}}],
    "$defs": {"size": {"type": "integer", "minimum": 0, "maximum": 12}},
}

OMOP = """\
cdmTableName,cdmFieldName,isRequired,cdmDatatype,isPrimaryKey,isForeignKey,fkTableName,fkFieldName
thing,thing_id,Yes,integer,Yes,No,NA,NA
thing,thing_concept_id,Yes,integer,No,Yes,CONCEPT,CONCEPT_ID
thing,thing_text,No,varchar(MAX),No,No,NA,NA
event,event_id,Yes,integer,Yes,No,NA,NA
event,thing_id,Yes,integer,No,Yes,THING,THING_ID
event,event_datetime,No,datetime,No,No,NA,NA
"""

LISTS = {
    "csv": ("fields.csv", PLAIN), "table-schema": ("pack.json", json.dumps(TABLES)),
    "json-schema": ("object.json", json.dumps(OBJECT)), "omop": ("omop.csv", OMOP),
}  # fmt: skip
AUDITS = [None, (44, 11, 12), (5, 0, 2), (5, 3, 0), (1, 0, 0)]


def imported(tmp_path, text, name="fields.csv", **given):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_field_list(path, **given)


def loaded(made):
    return parse_scenario(yaml_text.load(made.text, error=ScenarioError))


@pytest.mark.parametrize("audit", AUDITS, ids=str)
@pytest.mark.parametrize("file_format", LISTS)
def test_every_format_makes_a_scenario_that_loads_and_generates(tmp_path, file_format, audit):
    """With counts of an audit the verdicts come out exactly; every regime makes cases."""
    made = imported(tmp_path, LISTS[file_format][1], LISTS[file_format][0], audit=audit)
    scenario = loaded(made)

    assert made.file_format == file_format
    for regime in scenario.regimes:
        bundle = generate(scenario, n_cases=sum(audit or (30,)), seed=3, regime=regime)
        if audit is not None:
            verdicts = bundle.answer("truth")["verdict"].value_counts().to_dict()
            wanted = dict(zip(("documented", "inconsistent", "insufficient"), audit, strict=True))
            assert {verdict: verdicts.get(verdict, 0) for verdict in wanted} == wanted


@pytest.mark.parametrize("audit", [(44, 11, 12), None], ids=str)
@pytest.mark.parametrize("file_format", LISTS)
def test_the_records_show_the_verdicts(tmp_path, file_format, audit):
    """A reviewer that shares no code with us finds every drawn verdict from the files alone; spans are right."""
    made = imported(tmp_path, LISTS[file_format][1], LISTS[file_format][0], audit=audit)
    write(make_plan(loaded(made), seed=4), tmp_path / "data", n_cases=134, file_format="csv")

    drawn, found, wrong = reviewer.review(tmp_path / "data")

    assert found == drawn
    assert not wrong


@pytest.mark.parametrize("file_format", LISTS)
def test_no_field_is_dropped(tmp_path, file_format):
    """Every field of the list is a field of the scenario, in the order of the list but for conditions."""
    counts = {"csv": 10, "table-schema": 9, "json-schema": 9, "omop": 6}

    made = imported(tmp_path, LISTS[file_format][1], LISTS[file_format][0])

    assert made.n_fields == counts[file_format]
    assert sum(len(system.fields) for system in loaded(made).systems.values()) == counts[file_format]


def test_a_plain_list_says_what_it_says(tmp_path):
    """Usage, conditions, rates and lists are those of the list; a condition's field comes first."""
    fields = loaded(imported(tmp_path, PLAIN)).systems["form"].fields

    assert list(fields) == [
        "contact_no", "date_of_contact", "hour", "outcome", "reason_closed", "pages", "amount_paid", "notes",
        "interpreter", "language",
    ]  # fmt: skip
    assert [fields[name].usage for name in ("contact_no", "date_of_contact", "hour", "pages")] == [
        "required", "mandatory", "optional", "recommended",
    ]  # fmt: skip
    assert fields["reason_closed"].applies == {"outcome": ["closed"]}
    assert fields["language"].applies == {"interpreter": ["yes"]}
    assert str(fields["reason_closed"].gap) == "0.4"
    assert str(fields["outcome"].gap) == "0.12"
    assert fields["outcome"].not_values == ["unknown"]
    assert fields["reason_closed"].pick_list is False
    assert [name for name, field in fields.items() if field.needed] == ["contact_no", "date_of_contact", "outcome"]


def test_what_a_type_becomes_and_what_is_said_of_it(tmp_path):
    made = imported(tmp_path, PLAIN)
    truth = loaded(made).truth

    kinds = {name: value.kind for name, value in truth.items()}
    assert kinds == {
        "case_day": "calendar", "contact_no": "reference", "date_of_contact": "after", "hour": "time",
        "outcome": "choice", "reason_closed": "choice", "pages": "whole", "amount_paid": "whole", "notes": "code",
        "interpreter": "choice", "language": "code",
    }  # fmt: skip
    assert list(truth["outcome"].values) == ["open", "closed"]
    assert list(made.nearest.values()) == [1, 1]
    assert "# nearest kind: decimals are not carried" in made.text
    assert "gap: modeller's choice" in made.text
    assert "list fits: 90 (not carried)" in made.text


def test_a_data_package_gives_a_system_a_resource_and_links_by_its_keys(tmp_path):
    """One true value for a key and what refers to it, once a system; bounds and lists are taken, 'N/A' is no value."""
    made = imported(tmp_path, json.dumps(TABLES), "pack.json")
    scenario = loaded(made)

    assert {name: list(system.fields) for name, system in scenario.systems.items()} == {
        "person": ["id", "state", "born", "size", "place"], "visit": ["id", "person_id", "other_id", "year"],
    }  # fmt: skip
    assert scenario.links == {"id": {"person": "id", "visit": "person_id"}}
    assert scenario.truth_of("visit", "person_id") == "id"
    assert scenario.truth_of("visit", "id") == "visit_id"
    assert scenario.truth_of("visit", "other_id") == "other_id"
    assert (scenario.truth["size"].first, scenario.truth["size"].last) == (3, 9)
    assert scenario.truth["year"].kind == "code"
    assert scenario.systems["person"].fields["state"].not_values == ["not-applicable"]
    assert sum(made.nearest.values()) == 2


def test_examples_defaults_and_descriptions_are_never_copied(tmp_path):
    """Real people may stand in them: nothing of the kind is in the scenario."""
    text = imported(tmp_path, json.dumps(TABLES), "pack.json").text

    assert "Ann" not in text
    assert "born on" not in text
    assert "High St" not in text


def test_a_json_schema_opens_objects_and_reads_simple_conditions(tmp_path):
    fields = loaded(imported(tmp_path, json.dumps(OBJECT), "object.json")).systems["form"].fields

    assert list(fields) == ["kind", "from", "note", "open", "size", "why", "place_room", "place_wing", "tags"]
    assert fields["why"].applies == {"kind": ["b", "c"]}
    assert [name for name, field in fields.items() if field.needed] == ["kind", "why", "place_room"]


def test_a_foreign_key_to_concepts_is_a_code(tmp_path):
    scenario = loaded(imported(tmp_path, OMOP, "omop.csv"))

    assert scenario.truth["thing_concept_id"].kind == "code"
    assert scenario.links == {"thing_id": {"thing": "thing_id", "event": "thing_id"}}
    assert scenario.systems["thing"].fields["thing_id"].stamped
    assert not scenario.systems["event"].fields["thing_id"].stamped


NAMES = [
    ("record_id", "record_id_field"), ("Narrative", "narrative_field"), ("case id", "case_id_field"),
    ("verdict", "verdict_field"), ("needed", "needed_field"), ("2nd Visit?", "f_2nd_visit"), ("\u00e9tat", "etat"),
    ("PatientName", "patient_name"), ("--", "field"), ("x" * 80, "x" * 60), ("a{b}: #c", "a_b_c"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "name"), NAMES, ids=[name for _, name in NAMES])
def test_names_are_cleaned_and_listed(tmp_path, written, name):
    made = imported(tmp_path, f'field\n"{written}"\n')

    assert list(loaded(made).systems["form"].fields) == [name]
    assert written.casefold() == name or [new for _, new in made.renamed] == [name]


def test_names_that_become_the_same_are_numbered(tmp_path):
    made = imported(tmp_path, "field\na b\nA-B\na_b\n")

    assert list(loaded(made).systems["form"].fields) == ["a_b", "a_b_2", "a_b_3"]


VALUES = [
    ("a|a | b", ["a", "b"]), ("None|b", ["listed-None", "b"]), ("=1+1|@x|b", ["1+1", "x", "b"]),
    ("caf\u00e9|th\u00e9", ["cafe", "the"]), ("only", ["only", "other"]), ("unknown", ["other", "other-still"]),
    ("1;2;3", ["1", "2", "3"]), ("{a}|b", ["a", "b"]), ("N/A|-|b", ["-", "b"]), ("other", ["other", "other-still"]),
]  # fmt: skip


@pytest.mark.parametrize(("listed", "values"), VALUES, ids=[listed for listed, _ in VALUES])
def test_listed_values_are_made_fit_to_be_true(tmp_path, listed, values):
    """No null-likes, no formulas, plain ASCII, two or more; answers such as `unknown` are not-values."""
    scenario = loaded(imported(tmp_path, f'field,type,values,placeholder %\nx,list,"{listed}",5\n'))

    assert list(scenario.truth["x"].values) == values
    assert generate(scenario, n_cases=50).n_cases == 50


CONDITIONS = [
    ("A = x", {"a": ["x"]}), ("when a is X or y", {"a": ["x", "y"]}), ("a in (x, y)", {"a": ["x", "y"]}),
    ("a == 'x' and b: yes", {"a": ["x"], "b": ["yes"]}), ("b = true", {"b": ["yes"]}), ("b=0", {"b": ["no"]}),
    ("c = 7 or 8", {"c": ["7", "8"]}), ("a > x", {}), ("a is not x", {}), ("nothing = x", {}), ("a = nowhere", {}),
    ("z = x", {}), ("something else", {}), ("d = 2031-01-01", {}), ("c = unknown", {}),
]  # fmt: skip


@pytest.mark.parametrize(("written", "applies"), CONDITIONS, ids=[written for written, _ in CONDITIONS])
def test_conditions_are_read_or_said_to_be_unread(tmp_path, written, applies):
    """What cannot be kept makes a field that is always asked, with a comment that says so."""
    text = f'field,type,applies when,values\na,list,,x|y\nb,yes/no,,\nc,string,,\nd,date,,\nz,string,"{written}",\n'

    made = imported(tmp_path, text)

    assert loaded(made).systems["form"].fields["z"].applies == applies
    assert ("asked always" in made.text) == (not applies)


def test_a_circle_of_conditions_is_opened(tmp_path):
    made = imported(tmp_path, "field,type,applies when,values\na,list,b = x,x|y\nb,list,c = x,x|y\nc,list,a = x,x|y\n")
    fields = loaded(made).systems["form"].fields

    assert {name: list(field.applies) for name, field in fields.items()} == {"a": [], "c": ["a"], "b": ["c"]}
    assert "its condition goes in a circle" in made.text


def test_blanks_and_placeholders_come_out_as_given(tmp_path):
    """Of 20,000 records of a quota, 35 % of a field are blank and 5 % hold a placeholder (to 1.5 points)."""
    text = "field,type,blank %,placeholder %\na,string,35,5\nb,date,10,\n"
    scenario = loaded(imported(tmp_path, text, audit=(1, 0, 0)))

    frame = generate(scenario, n_cases=20_000, seed=8).frames()["form"]

    assert frame["a"].isna().mean() == pytest.approx(0.35, abs=0.015)
    assert frame["a"].isin(["N/A", "UNK", "999"]).mean() == pytest.approx(0.05, abs=0.015)


def test_blanks_of_a_field_come_out_as_given_in_rate_mode_too(tmp_path):
    scenario = loaded(imported(tmp_path, "field,type,blank %\na,string,35\nb,string,1\n"))

    frame = generate(scenario, n_cases=5_000, seed=8).frames()["form"]

    assert frame["a"].isna().mean() == pytest.approx(0.35, abs=0.03)
    assert frame["b"].isna().mean() == pytest.approx(0.01, abs=0.01)


def test_blanks_come_out_as_given_on_average_in_rate_mode(tmp_path):
    scenario = loaded(imported(tmp_path, "field,type,blank %\na,string,35\nb,string,1\n"))

    frame = generate(scenario, n_cases=5_000, seed=8).frames()["form"]

    assert frame[["a", "b"]].isna().to_numpy().mean() == pytest.approx(0.18, abs=0.02)


def test_required_items_without_condition_are_material_in_a_quota(tmp_path):
    """Their blank rates become the weights with which an insufficient case lacks them."""
    fields = loaded(imported(tmp_path, PLAIN, audit=(44, 11, 12))).systems["form"].fields

    weights = {name: int(field.blank_weight) for name, field in fields.items() if field.material}
    assert weights == {"contact_no": 1, "date_of_contact": 4, "outcome": 12}


def test_what_is_required_under_a_condition_is_needed_but_never_material(tmp_path):
    """A case of which it is not asked would lack it: the schema's `why` is asked of two kinds in three."""
    for audit in (None, (44, 11, 12)):
        fields = loaded(imported(tmp_path, json.dumps(OBJECT), "object.json", audit=audit)).systems["form"].fields

        assert [name for name, field in fields.items() if field.material] == ["kind", "place_room"]
        assert fields["why"].needed


def test_what_is_required_within_an_object_that_is_not_is_optional(tmp_path):
    text = json.dumps({**OBJECT, "required": ["kind"]})

    fields = loaded(imported(tmp_path, text, "object.json")).systems["form"].fields

    assert fields["place_room"].usage == "optional"


def test_where_nothing_is_required_the_first_fields_are_material_and_the_file_says_so(tmp_path):
    made = imported(tmp_path, "field\n" + "".join(f"f{n}\n" for n in range(9)), audit=(5, 0, 2))
    fields = loaded(made).systems["form"].fields

    assert [name for name, field in fields.items() if field.material] == ["f0", "f1", "f2", "f3", "f4"]
    assert all(field.needed for field in fields.values())
    assert "material: modeller's choice, as nothing is required" in made.text


def test_a_review_contradicts_facts_of_the_form(tmp_path):
    """With inconsistent cases a second system is added: a narrative that states facts of the form, tied by a key."""
    scenario = loaded(imported(tmp_path, PLAIN, audit=(44, 11, 12)))

    assert list(scenario.systems) == ["form", "review"]
    assert list(scenario.systems["review"].fields) == ["file_no", "narrative"]
    assert scenario.links == {"file_no": {"form": "file_no", "review": "file_no"}}
    assert list(scenario.shared_facts) == ["date_of_contact", "outcome"]
    labels = generate(scenario, n_cases=67).answer("labels")
    found = labels[labels["defect"] == "narrative_contradiction"]
    assert found["case_id"].nunique() == 11
    assert set(found["system"]) == {"review"}
    assert set(found["other_system"]) == {"form"}


def test_a_form_of_codes_only_gets_an_intake_beside_the_review(tmp_path):
    """Codes and numbers cannot be told in a narrative: the day of the case is what the two added systems share."""
    scenario = loaded(imported(tmp_path, "field,required\na,yes\nb,no\n", audit=(4, 3, 2)))

    assert list(scenario.systems) == ["form", "intake", "review"]
    assert list(scenario.shared_facts) == ["case_day"]


def test_systems_called_review_and_intake_keep_their_names(tmp_path):
    scenario = loaded(imported(tmp_path, "field,system\na,review\nb,intake\n", audit=(4, 3, 2)))

    assert list(scenario.systems) == ["review", "intake", "intake_2", "review_2"]


def many(number):
    kinds = ("string", "date", "yes/no", "integer", "id", "time", "list", "decimal")
    lines = [f"Field {n},{kinds[n % 8]},{'yes' if n % 3 else 'no'},{n % 40},a|b|c" for n in range(number)]
    return "\n".join(["field,type,required,blank %,values", *lines])


@pytest.mark.parametrize("audit", [None, (44, 11, 12)], ids=str)
def test_long_lists_import_and_generate(tmp_path, audit):
    """A form of 500 fields is a scenario of 500 fields without a line of code."""
    scenario = loaded(imported(tmp_path, many(FIELDS_TODAY), audit=audit))

    frame = generate(scenario, n_cases=67).frames()["form"]

    assert len(scenario.systems["form"].fields) in {FIELDS_TODAY, FIELDS_TODAY + 1}
    assert frame.shape[1] == len(scenario.systems["form"].fields) + 1


@pytest.mark.slow
@pytest.mark.skipif(MOST_FIELDS < 1002, reason=f"a scenario holds at most {MOST_FIELDS} fields so far")
def test_a_thousand_fields_import_and_generate(tmp_path):
    scenario = loaded(imported(tmp_path, many(1000), audit=(44, 11, 12)))

    assert generate(scenario, n_cases=67).frames()["form"].shape == (67, 1002)


def test_long_lists_of_values_become_codes_before_the_file_is_too_large(tmp_path):
    values = "|".join(f"value number {n}" for n in range(90))
    text = "field,type,values\n" + "".join(f"f{n},list,{values}\n" for n in range(300))

    made = imported(tmp_path, text)

    assert len(made.text) <= yaml_text.MAX_BYTES
    assert made.nearest == {"a list of 90 values; as many codes": 300}
    assert loaded(made).truth["f0"].count == 90


BAD = [
    ("x.csv", "", "is empty"),
    ("x.csv", "  \n\n", "is empty"),
    ("x.csv", "field,type\n", "lists no fields"),
    ("x.csv", "colour,size\nred,3\n", r"line 1: no column 'field'\. Got 'colour', 'size'"),
    ("x.csv", "just a line of words\n", r"line 1: no column 'field'"),
    ("x.csv", "field,type\na,date\nb,dte\n", r"line 3: type 'dte' is not known\. Did you mean 'date'\?"),
    ("x.csv", "field,type\na,date\n,date\n", r"line 3: the field has no name"),
    ("x.csv", "field,type\na,date,3\n", r"line 2: has 3 cells; the first line has 2"),
    ("x.csv", "field,type\na,date\n\nb\n", r"line 4: has 1 cells; the first line has 2"),
    ("x.csv", "field,field\na,b\n", r"column 'field' stands there twice"),
    ("x.csv", 'field,type\n"a,date\n', r"not CSV"),
    ("x.csv", "field,blank %\na,120\n", r"line 2: blank % is 120; per cent lie between 0 and 100"),
    ("x.csv", "field,blank %\na,-1\n", r"line 2: blank % is -1; per cent"),
    ("x.csv", "field,blank %\na,nan\n", r"line 2: blank % is nan; per cent"),
    ("x.csv", "field,blank %\na,some\n", r"line 2: blank % is 'some', which is no number"),
    ("x.csv", "field,blank %,placeholder %\na,60,50\n", r"line 2: blank % 60 and placeholder % 50 are over 100"),
    ("x.csv", "field,required\na,perhaps\n", r"line 2: required is 'perhaps'\. Possible: yes, no, mandatory"),
    ("x.csv", b"field\ncaf\xe9\n", r"line 2: byte 0xe9 is not UTF-8"),
    ("x.csv", b"f\x00i\x00e\x00l\x00d\x00\n\x00", r"line 1: holds a null byte"),
    ("x.csv", "field\n" + "x\n" * MAX_BYTES, r"has more than 4,194,304 bytes"),
    ("x.csv", many(MOST_FIELDS + 1), f"lists {MOST_FIELDS + 1} fields; at most {MOST_FIELDS - 2} can be imported"),
    ("x.csv", "cdmTableName,cdmFieldName,isRequired\na,b,Yes\n", r"no column cdmDatatype"),
    ("x.csv", OMOP.replace("thing_text", ""), r"line 4: cdmFieldName is empty"),
    ("x.csv", OMOP.replace("datetime,", "dattime,"), r"line 7: type 'dattime' is not known"),
    ("x.json", "{", r"line 1: not JSON"),
    ("x.json", '{\n "fields": [,]}', r"line 2: not JSON"),
    ("x.json", "[1, 2]", r"is JSON, but no field list: got a list"),
    ("x.json", '{"rows": []}', r"is JSON, but no field list: got 'rows'"),
    ("x.json", '{"fields": {}}', r"'fields' is \{\}; it must be a list"),
    ("x.json", '{"fields": []}', r"'fields' is \[\]; it must be a list of one or more"),
    ("x.json", '{"fields": ["a"]}', r"field 1: has no name"),
    ("x.json", '{"fields": [{"name": "a", "type": "txt"}]}', r"field 1 \('a'\): type 'txt' is not known"),
    ("x.json", '{"fields": [{"name": "a", "constraints": {"enum": "x"}}]}', r"its list of values is x"),
    ("x.json", '{"resources": []}', r"'resources' is \[\]"),
    ("x.json", '{"resources": [{"name": "a", "schema": "a.json"}]}', r"no resource has a schema"),
    ("x.json", '{"properties": {}}', r"no 'properties' with fields in it"),
    ("x.json", '{"$ref": "#"}', r"no 'properties' with fields in it"),
    ("x.json", "[" * 100_000, r"nested too deeply|not JSON"),
    ("x.json", '{"type": "object", "properties": {"a": {"type": "strng"}}}', r"'a': type 'strng' is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), BAD, ids=[said[:40] for _, _, said in BAD])
def test_a_file_that_is_no_field_list_is_refused_in_one_line(tmp_path, capsys, name, text, said):
    """The command says file and line, exits with 2 and writes nothing."""
    path, out = tmp_path / name, tmp_path / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    code = main(["scenario", "import", str(path), "--out", str(out), "--format", "auto"])

    told = capsys.readouterr()
    assert (code, told.out, told.err.count("\n")) == (2, "", 1)
    assert "not foreseen" not in told.err
    with pytest.raises(ScenarioError, match=said):
        import_field_list(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r"is a folder\. Give the path of one field list"):
        import_field_list(tmp_path)
    with pytest.raises(ScenarioError, match=r"nowhere\.csv: cannot be read"):
        import_field_list(tmp_path / "nowhere.csv")


ARGUMENTS = [
    (["fields.csv"], "needs --out"),
    (["--out", "mine.yaml"], "needs a FILE"),
    (["fields.csv", "--out", "mine.csv"], "ends in .yaml. Name it mine.yaml"),
    (["fields.csv", "--out", "there.yaml"], "exists; nothing was written"),
    (["fields.csv", "--out", "nowhere/mine.yaml"], "there is no such folder"),
    (["fields.csv", "--out", "mine.yaml", "--audit", "1,2"], "'1,2' is not three counts"),
    (["fields.csv", "--out", "mine.yaml", "--audit", "1,2,-3"], "is not three counts"),
    (["fields.csv", "--out", "mine.yaml", "--audit", "0,0,0"], "sum to 0"),
    (["fields.csv", "--out", "mine.yaml", "--audit", "999,1,1"], "sum to 1001"),
    (["fields.csv", "--out", "mine.yaml", "--name", "my scenario!"], "'my scenario!' is no name of a scenario"),
    (["fields.csv", "--out", "mine.yaml", "--format", "omop"], "no column cdmTableName"),
    (["fields.csv", "--out", "mine.yaml", "--format", "json-schema"], "not JSON"),
    (["fields.csv", "--out", "mine.yaml", "--format", "excel"], "invalid choice: 'excel'"),
]


@pytest.mark.parametrize(("arguments", "said"), ARGUMENTS, ids=[said for _, said in ARGUMENTS])
def test_arguments_that_cannot_be_are_refused_and_nothing_is_written(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fields.csv").write_text(PLAIN)
    (tmp_path / "there.yaml").write_text("mine")

    assert main(["scenario", "import", *arguments]) == 2

    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fields.csv", "there.yaml"]
    assert (tmp_path / "there.yaml").read_text() == "mine"


def test_the_command_writes_a_scenario_and_says_what_it_did(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fields.csv").write_text(PLAIN)

    assert main(["scenario", "import", "fields.csv", "--out", "mine.yaml", "--name", "contacts"]) == 0

    told = capsys.readouterr().out
    assert load_scenario("mine.yaml").scenario == "contacts"
    assert "mine.yaml: 10 fields of 1 system, from a field list (csv)." in told
    assert "2 fields could only be given the nearest kind:" in told
    assert "    1 decimals are not carried; whole numbers" in told
    assert "Date of contact -> date_of_contact" in told
    assert main(["scenario", "check", "mine.yaml"]) == 0


def test_the_same_list_gives_the_same_file(tmp_path):
    texts = {imported(tmp_path, PLAIN, audit=(44, 11, 12)).text for _ in range(2)}

    assert len(texts) == 1


def test_a_write_that_fails_leaves_nothing(tmp_path):
    """A text that cannot be encoded fails while writing; the file is taken away again."""
    with pytest.raises(UnicodeEncodeError):
        write_new("a\ud800", tmp_path / "mine.yaml")
    with pytest.raises(OutputError, match="exists"):
        write_new("a", _there(tmp_path))

    assert not (tmp_path / "mine.yaml").exists()


def _there(folder):
    (folder / "there.yaml").touch()
    return folder / "there.yaml"


WORDS = st.text(max_size=12)
CELLS = st.one_of(
    WORDS, st.sampled_from(["yes", "no", "date", "list", "a|b", "a = b", "5", "0", "100", "id", "unknown", "1,5 %", ""])
)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 3000), WORDS, st.sampled_from(["string", "integer", "date"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([
                "name", "type", "fields", "properties", "constraints", "enum", "required", "allOf", "if", "then",
                "resources", "schema", "foreignKeys", "reference", "primaryKey", "$ref", "anyOf", "const", "minimum",
            ]),
            inner, max_size=5,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150)
@given(rows=st.lists(st.tuples(*[CELLS] * 6), min_size=1, max_size=6), audit=st.sampled_from(AUDITS))
def test_any_table_is_imported_or_refused_in_one_line(tmp_path_factory, rows, audit):
    """Whatever cells a plain list has: a scenario that loads, or our own error about the user's file."""
    header = "field,type,required,applies when,blank %,values"
    cells = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    check(tmp_path_factory, "\n".join([header, *cells]), "x.csv", audit)


@settings(max_examples=150)
@given(
    document=JSONS, audit=st.sampled_from(AUDITS), file_format=st.sampled_from(["auto", "table-schema", "json-schema"])
)
def test_any_json_is_imported_or_refused_in_one_line(tmp_path_factory, document, audit, file_format):
    check(tmp_path_factory, json.dumps(document), "x.json", audit, file_format)


def check(factory, text, name, audit, file_format="auto"):
    path = factory.mktemp("list") / name
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        made = import_field_list(path, audit=audit, file_format=file_format)
    except ScenarioError as problem:
        made, said = None, str(problem)
    if made is not None:
        assert generate(loaded(made), n_cases=3).records
    else:
        assert len(said.splitlines()) == 1
        assert said.startswith(str(path))
