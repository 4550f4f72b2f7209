"""One rule, six rows, every tool: our flags of each tool's form of the rule are those of the tool itself.

The tables of docs/formats/semantics.md are made here: python tests/checks/test_semantics_matrix.py writes them.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import Between, Compare, InSet, NotIn, NotNull, Pattern, Rule, RuleSet, Unique, load_rules

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "semantics.md"
FRAME = pd.DataFrame(
    {
        "zip": pd.Series(["12345", "1234", None, "", "N/A", " "], dtype="str"),
        "st": pd.Series(["open", "bad", None, "", "N/A", "closed"], dtype="str"),
        "x": [1, -1, np.nan, 0, 5, 2],
        "d0": pd.to_datetime(["2031-01-01", "2031-01-03", None, "2031-01-01", None, "2031-01-01"]),
        "d1": pd.to_datetime(["2031-01-02", "2031-01-02", "2031-01-02", None, None, "2031-01-02"]),
    }
)
LABELS = [7, 7, 0, 0, 3, 3]
RULES = ("not null", "regex", "in set", "not in set", "x > 0", "d0 <= d1")
HEADS = ("`zip` is there", "`zip` is 5 digits", "`st` in {open, closed}", "`zip` not in {N/A}", "`x > 0`", "`d0 <= d1`")
DIGITS = r"^[0-9]{5}$"
OPEN = ["open", "closed"]
BATCHES = {}  # of Great Expectations: making one takes a second


# --------------------------------------------------------------------------------- the six rules in each tool's form


def pandera_forms():
    import pandera.pandas as pa

    columns = [("zip", None, False), ("zip", pa.Check.str_matches(DIGITS), True), ("st", pa.Check.isin(OPEN), True),
               ("zip", pa.Check.notin(["N/A"]), True), ("x", pa.Check.gt(0), True)]  # fmt: skip
    forms = [pa.DataFrameSchema({name: pa.Column(None, check, nullable=null)}) for name, check, null in columns]
    order = pa.Check(lambda frame: frame["d0"] <= frame["d1"], name="order")
    return [*forms, pa.DataFrameSchema(checks=order)]


def gx_forms(ignore="both_values_are_missing"):
    kinds = [
        ("expect_column_values_to_not_be_null", {"column": "zip"}),
        ("expect_column_values_to_match_regex", {"column": "zip", "regex": DIGITS}),
        ("expect_column_values_to_be_in_set", {"column": "st", "value_set": OPEN}),
        ("expect_column_values_to_not_be_in_set", {"column": "zip", "value_set": ["N/A"]}),
        ("expect_column_values_to_be_between", {"column": "x", "min_value": 0, "strict_min": True}),
        ("expect_column_pair_values_a_to_be_greater_than_b",
         {"column_A": "d1", "column_B": "d0", "or_equal": True, "ignore_row_if": ignore}),
    ]  # fmt: skip
    return [json.dumps({"expectations": [{"type": kind, "kwargs": kwargs}]}) for kind, kwargs in kinds]


def pointblank_forms(*, na_pass):
    passes = {"na_pass": True} if na_pass else {}
    steps = [
        {"col_vals_not_null": {"columns": "zip"}},
        {"col_vals_regex": {"columns": "zip", "pattern": DIGITS, **passes}},
        {"col_vals_in_set": {"columns": "st", "set": OPEN}},
        {"col_vals_not_in_set": {"columns": "zip", "set": ["N/A"], **passes}},
        {"col_vals_gt": {"columns": "x", "value": 0, **passes}},
        {"col_vals_le": {"columns": "d0", "value": {"python": "pb.col('d1')"}, **passes}},
    ]
    return [yaml.safe_dump({"tbl": "small_table", "steps": [step]}) for step in steps]


def dataframely_forms():
    """Rules in our own form: dataframely has no rule files."""
    predicates = [NotNull("zip"), Pattern("zip", DIGITS, "search"), InSet("st", tuple(OPEN)), NotIn("zip", ("N/A",)),
                  Between("x", min=0, exclude_min=True), Compare("d0", "<=", "d1")]  # fmt: skip
    policies = ["native", "ignore", *["native"] * 4]
    return [RuleSet("own", (Rule("r", one, null_policy=word),)) for one, word in zip(predicates, policies, strict=True)]


SQL = [
    "zip IS NOT NULL", f"regexp_matches(zip, '{DIGITS}')", "st IN ('open', 'closed')", "zip NOT IN ('N/A')", "x > 0",
    "d0 <= d1",
]  # fmt: skip


def sql_forms():
    return [f"-- id: r\n{one};\n" for one in SQL]


def frictionless_forms():
    fields = [
        {"name": "zip", "type": "string", "constraints": {"required": True}},
        {"name": "zip", "type": "string", "constraints": {"pattern": "[0-9]{5}"}},
        {"name": "st", "type": "string", "constraints": {"enum": OPEN}},
        None,
        {"name": "x", "type": "number", "constraints": {"minimum": 1}},  # of whole numbers
        None,
    ]
    return [None if field is None else json.dumps({"fields": [field]}) for field in fields]


def json_schema_forms():
    return [
        json.dumps({"type": "object", **one})
        for one in (
            {"required": ["zip"], "properties": {"zip": {}}},
            {"properties": {"zip": {"pattern": DIGITS}}},
            {"properties": {"st": {"enum": OPEN}}},
            {"properties": {"zip": {"not": {"enum": ["N/A"]}}}},
            {"properties": {"x": {"exclusiveMinimum": 0}}},
        )
    ] + [None]


# -------------------------------------------------------------------------------------- what the tools themselves say


def of_pandera(engine, form, frame):
    errors = engine("pandera.errors")
    try:
        form.validate(frame, lazy=True)
    except errors.SchemaErrors as found:
        return sorted(set(found.failure_cases["index"].dropna().astype(int)))
    return []


def of_gx(engine, form, frame):
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    gx = engine("great_expectations")
    kind = engine("great_expectations.expectations.expectation_configuration").ExpectationConfiguration
    (given_,) = json.loads(form)["expectations"]
    if "six" not in BATCHES:
        source = gx.get_context(mode="ephemeral").data_sources.add_pandas("p")
        batch = source.add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
        BATCHES["six"] = batch.get_batch(batch_parameters={"dataframe": frame})
    found = BATCHES["six"].validate(kind(**given_).to_domain_obj(), result_format="COMPLETE")
    return sorted(found.result["unexpected_index_list"] or [])


def of_pointblank(engine, form, frame):
    (found,) = engine("pointblank").yaml_interrogate(form, set_tbl=frame).validation_info
    return np.flatnonzero(~found.tbl_checked["pb_is_good_"]).tolist()


def of_dataframely(engine, form, frame):
    dy, pl = engine("dataframely"), engine("polars")
    rules = {
        "NotNull": lambda: (),
        "Pattern": lambda: pl.col("zip").str.contains(DIGITS),
        "InSet": lambda: pl.col("st").is_in(OPEN),
        "NotIn": lambda: ~pl.col("zip").is_in(["N/A"]),
        "Between": lambda: pl.col("x") > 0,
        "Compare": lambda: pl.col("d0") <= pl.col("d1"),
    }
    (rule,) = form.rules
    kind = type(rule.predicate).__name__
    kinds = {"st": dy.String, "x": dy.Float, "d0": dy.Datetime, "d1": dy.Datetime, "row": dy.Integer}
    columns = {name: each(nullable=True) for name, each in kinds.items()}
    columns["zip"] = dy.String(nullable=kind != "NotNull")
    more = {} if kind == "NotNull" else {"r": dy.rule()(lambda cls: rules[kind]())}
    schema = type("Six", (dy.Schema,), {**columns, **more})
    table = pl.DataFrame(
        {name: [None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame},
        schema_overrides={"x": pl.Float64, "d0": pl.Datetime("us"), "d1": pl.Datetime("us")},
    ).with_row_index("row")
    _, failed = schema.filter(table, cast=True)
    return sorted(failed.invalid()["row"].to_list())


def of_duckdb(engine, form, frame, *, null_fails=False):
    con = engine("duckdb").connect()
    con.register("frame", frame.assign(row=range(len(frame))))
    condition = form.split("\n")[1].rstrip(";")
    failing = f"({condition}) IS NOT TRUE" if null_fails else f"NOT ({condition})"
    return con.execute(f"SELECT row FROM frame WHERE {failing} ORDER BY row").fetchnumpy()["row"].tolist()  # noqa: S608


def of_duckdb_strictly(engine, form, frame):
    return of_duckdb(engine, form, frame, null_fails=True)


def of_frictionless(engine, form, frame):
    import tempfile

    frictionless = engine("frictionless")
    schema = frictionless.Schema.from_descriptor(json.loads(form))
    name = schema.fields[0].name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        rows = pd.DataFrame({name: frame[name], "row": range(len(frame))})  # so that no line is blank
        rows.to_csv(path, index=False)
        schema.add_field(frictionless.Field.from_descriptor({"name": "row", "type": "integer"}))
        with frictionless.system.use_context(trusted=True):
            report = frictionless.Resource(path=str(path), schema=schema).validate()
    return sorted({row - 2 for (row,) in report.flatten(["rowNumber"]) if row is not None})


def of_jsonschema(engine, form, frame):
    validator = engine("jsonschema").Draft202012Validator(json.loads(form))
    records = [{k: v for k, v in row.items() if not pd.isna(v)} for row in frame[["zip", "st", "x"]].to_dict("records")]
    return [row for row, record in enumerate(records) if not validator.is_valid(record)]


def loaded(form):
    if isinstance(form, RuleSet):
        return form
    return load_rules(form, "sql" if isinstance(form, str) and form.startswith("-- id") else None)


# tool: its forms, the tool itself, our null policy where it is not each rule's own
TOOLS = {
    "pandera": (pandera_forms, of_pandera, None),
    "Great Expectations": (gx_forms, of_gx, None),
    "Great Expectations, either missing ignored": (lambda: gx_forms("either_value_is_missing"), of_gx, None),
    "pointblank": (lambda: pointblank_forms(na_pass=False), of_pointblank, None),
    "pointblank, na_pass": (lambda: pointblank_forms(na_pass=True), of_pointblank, None),
    "dataframely": (dataframely_forms, of_dataframely, None),
    "DuckDB, dbt: `WHERE NOT (...)`": (sql_forms, of_duckdb, None),
    "DuckDB: `(...) IS NOT TRUE`": (sql_forms, of_duckdb_strictly, "fail"),
    "Frictionless, CSV": (frictionless_forms, of_frictionless, None),
    "JSON Schema, nulls dropped": (json_schema_forms, of_jsonschema, None),
}
# Flags of each tool for the six rules in the order above, as a probe of the tools printed them; - has no such rule.
PUBLISHED = {
    "pandera": "..X... .X.XXX .X.XX. ....X. .X.X.. .XXXX.",
    "Great Expectations": "..X... .X.XXX .X.XX. ....X. .X.X.. .XXX..",
    "Great Expectations, either missing ignored": "..X... .X.XXX .X.XX. ....X. .X.X.. .X....",
    "pointblank": "..X... .XXXXX .XXXX. ..X.X. .XXX.. .XXXX.",
    "pointblank, na_pass": "..X... .X.XXX .XXXX. ....X. .X.X.. .X....",
    "dataframely": "..X... .X.XXX .X.XX. ....X. .X.X.. .X....",
    "DuckDB, dbt: `WHERE NOT (...)`": "..X... .X.XXX .X.XX. ....X. .X.X.. .X....",
    "DuckDB: `(...) IS NOT TRUE`": "..X... .XXXXX .XXXX. ..X.X. .XXX.. .XXXX.",
    "Frictionless, CSV": "..XX.. .X..XX .X..X. - .X.X.. -",
    "JSON Schema, nulls dropped": "..X... .X.XXX .X.XX. ....X. .X.X.. -",
}


def frame_of(tool, labels=None):
    """The six rows; for a CSV file as it is read, where the empty field is null."""
    frame = (
        FRAME.assign(zip=FRAME["zip"].replace("", None), st=FRAME["st"].replace("", None)) if "CSV" in tool else FRAME
    )
    return frame if labels is None else frame.set_axis(labels)


def signs(form, tool, policy):
    """X fails, . passes, - is not evaluated; a rule with several results fails where one does."""
    results = loaded(form).evaluate(frame_of(tool, LABELS), null_policy=policy).results
    fail = np.logical_or.reduce([result.fail for result in results])
    seen = np.logical_or.reduce([result.evaluated for result in results])
    return "".join("X" if bad else "." if looked else "-" for bad, looked in zip(fail, seen, strict=True))


CELLS = [(tool, i) for tool, (forms, _, _) in TOOLS.items() for i in range(6)]


@pytest.mark.parametrize(("tool", "index"), CELLS, ids=[f"{tool}-{RULES[i]}" for tool, i in CELLS])
@pytest.mark.filterwarnings("ignore")
def test_flags_are_those_of_the_tool(tool, index, engine):
    """The same rows as the tool run here, and as a table of what the tools did elsewhere."""
    forms, run, policy = TOOLS[tool]
    form, published = forms()[index], PUBLISHED[tool].split()[index]
    if form is None:
        assert published == "-"
        return
    ours = signs(form, tool, policy).replace("-", ".")
    theirs = "".join("X" if row in run(engine, form, FRAME) else "." for row in range(6))

    assert ours == theirs == published


def test_every_form_is_exact():
    """No rule of the table is approximate."""
    entries = [entry for forms, _, _ in TOOLS.values() for form in forms() if form for entry in loaded(form).coverage()]

    assert {entry.status for entry in entries} == {"exact"}


# ----------------------------------------------------------------------------------------------------------- the page

TABLES = {
    "native": "As the tool does it (`native`, the default)",
    "ignore": 'Nulls ignored (`null_policy="ignore"`)',
    "fail": 'Nulls fail (`null_policy="fail"`)',
}


def drawings(forms, tool, policy):
    """The signs of each form; SQL in one file, because every evaluation of it starts a process."""
    if forms != sql_forms():
        return [signs(form, tool, policy) if form else "" for form in forms]
    whole = load_rules("".join(form.replace("id: r", f"id: r{i}") for i, form in enumerate(forms)), "sql")
    return [
        "".join("X" if bad else "." if seen else "-" for bad, seen in zip(one.fail, one.evaluated, strict=True))
        for one in whole.evaluate(FRAME, null_policy=policy).results
    ]


def table(policy):
    """One table of the page."""
    lines = ["| form | " + " | ".join(HEADS) + " |", "|---" * 7 + "|"]
    for tool, (forms, _, own) in TOOLS.items():
        if own is not None:
            continue
        cells = [f"`{drawn}`" if drawn else "" for drawn in drawings(forms(), tool, policy)]
        lines.append(f"| {tool} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page():
    """The whole page."""
    parts = [
        "## One rule, six rows: what nulls and blanks are in each tool",
        "",
        "`zip` = 12345, 1234, null, the empty text, N/A, one space;",
        "`st` = open, bad, null, the empty text, N/A, closed; `x` = 1, -1, null, 0, 5, 2;",
        "`d0 <= d1` = holds, does not, first null, second null, both null, holds.",
        "X is flagged, . passes, - is not evaluated.",
        "A test makes these tables, and runs each tool on the same rows: the flags of the first are the tool's own.",
        "",
    ]
    for policy, title in TABLES.items():
        parts += [f"**{title}**", "", table(None if policy == "native" else policy), ""]
    parts += [
        "What `null_policy` does not reach: rules about nulls themselves, checks that are code (pandera's `d0 <= d1`),",
        "and rows that a rule ignores by its own words (`ignore_row_if`). In a CSV file the empty field is null. SQL's",
        "`(...) IS NOT TRUE` is SQL with `fail`.",
        "",
    ]
    return "\n".join(parts)


@pytest.mark.filterwarnings("ignore")
def test_the_page_shows_these_tables():
    """The page is what the rules do today."""
    assert PAGE.read_text("utf-8") == page(), "out of date: run python tests/checks/test_semantics_matrix.py"


# --------------------------------------------------------------------------------------- random frames, quick engines

TEXTS = st.lists(
    st.sampled_from([None, "", " ", "N/A", "12345", "1234", "open", "a1", "é", "12345\n"]), min_size=1, max_size=12
)
NUMBERS = st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float)), min_size=1, max_size=12)
PREDICATES = [
    (NotNull("t"), "native", "t IS NOT NULL", lambda pl: pl.col("t").is_not_null()),
    (InSet("t", ("open", "", "N/A", "a1", "12345")), "native", "t IN ('open', '', 'N/A', 'a1', '12345')",
     lambda pl: pl.col("t").is_in(["open", "", "N/A", "a1", "12345"])),
    (NotIn("t", ("N/A", " ")), "native", "t NOT IN ('N/A', ' ')", lambda pl: ~pl.col("t").is_in(["N/A", " "])),
    (Pattern("t", "^[0-9]+$", "search"), "ignore", "regexp_matches(t, '^[0-9]+$')",
     lambda pl: pl.col("t").str.contains("^[0-9]+$")),
    (Between("x", 0, 2, exclude_max=True), "native", "x >= 0 AND x < 2",
     lambda pl: (pl.col("x") >= 0) & (pl.col("x") < 2)),
    (Compare("x", "<=", "y"), "native", "x <= y", lambda pl: pl.col("x") <= pl.col("y")),
    (Compare("x", "!=", "y"), "native", "x <> y", lambda pl: pl.col("x") != pl.col("y")),
]  # fmt: skip


@st.composite
def frames(draw):
    texts = draw(TEXTS)
    some = st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float)), min_size=len(texts), max_size=len(texts))
    x, y = draw(some), draw(some)
    made = pd.DataFrame(
        {"t": pd.Series(texts, dtype="str"), "x": pd.Series(x, dtype=float), "y": pd.Series(y, dtype=float)}
    )
    return made.set_axis(draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts))))


def rows(rule, frame):
    return np.flatnonzero(RuleSet("s", (rule,)).evaluate(frame).results[0].fail).tolist()


@settings(max_examples=10)
@given(frame=frames())
def test_random_frames_in_duckdb_and_dataframely(frame, engine):
    """Where a row fails here it fails WHERE NOT (...) there, and dataframely's rule on polars."""
    dy, pl, con = engine("dataframely"), engine("polars"), engine("duckdb").connect()
    con.register("frame", frame.reset_index(drop=True).assign(row=range(len(frame))))
    table_ = pl.DataFrame({name: [None if pd.isna(v) else v for v in frame[name].tolist()] for name in frame},
                          schema={"t": pl.String, "x": pl.Float64, "y": pl.Float64}).with_row_index("row")  # fmt: skip
    for predicate, policy, sql, expression in PREDICATES:
        ours = rows(Rule("r", predicate, null_policy=policy), frame)
        found = con.execute(f"SELECT row FROM frame WHERE NOT ({sql}) ORDER BY row").fetchnumpy()  # noqa: S608
        held = dy.rule()(lambda cls, expression=expression: expression(pl))
        columns = {"t": dy.String(nullable=True), "x": dy.Float(nullable=True), "y": dy.Float(nullable=True)}
        schema = type("S", (dy.Schema,), {**columns, "row": dy.Integer(nullable=True), "r": held})
        _, failed = schema.filter(table_, cast=True)

        assert ours == found["row"].tolist(), sql
        assert ours == sorted(failed.invalid()["row"].to_list()), sql


@settings(max_examples=10)
@given(frame=frames())
@pytest.mark.filterwarnings("ignore")
def test_random_frames_in_pandera(frame):
    """The rows a schema flags here are those pandera lists, check by check; keys with nulls, types and coercion too."""
    import pandera.pandas as pa

    checks = [("t", pa.Check.isin(["open", ""])), ("t", pa.Check.notin(["N/A"])), ("t", pa.Check.str_matches("[0-9]+")),
              ("t", pa.Check.str_length(1, 4)), ("x", pa.Check.in_range(0, 2, include_max=False)),
              ("x", pa.Check.ne(1))]  # fmt: skip
    keeping = [
        (name, type(check)(check._check_fn, **{**check._check_kwargs, "ignore_na": False}))
        for name, check in checks[2:5]
    ]
    schemas = [pa.DataFrameSchema({name: pa.Column(None, check, nullable=True)}) for name, check in [*checks, *keeping]]
    schemas += [pa.DataFrameSchema({"t": pa.Column(str, nullable=False), "x": pa.Column(float, nullable=True)})]
    schemas += [pa.DataFrameSchema({"t": pa.Column("Int64", pa.Check.gt(9999), coerce=True, nullable=True)})]
    plain = frame.reset_index(drop=True)
    for schema in schemas:
        results = load_rules(schema).evaluate(frame).results
        ours = np.flatnonzero(np.logical_or.reduce([result.fail for result in results])).tolist()
        assert (ours, any(result.alert for result in results)) == pandera_says(schema, plain), schema
    for keep, repeats in (("all", "all"), ("exclude_first", "later")):
        unique = pa.DataFrameSchema(
            {"t": pa.Column(), "x": pa.Column(nullable=True)}, unique=["t", "x"], report_duplicates=keep
        )
        doubles = plain.duplicated(["t", "x"], keep=False if keep == "all" else "first")
        assert load_rules(unique).rules[-1].predicate == Unique(("t", "x"), "equal", repeats)
        assert load_rules(unique).evaluate(frame).results[-1].fail.tolist() == doubles.tolist()


def pandera_says(schema, frame):
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as found:
        labels = pd.to_numeric(found.failure_cases["index"], errors="coerce").dropna()
        return sorted(set(labels.astype(int))), True
    return [], False


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
