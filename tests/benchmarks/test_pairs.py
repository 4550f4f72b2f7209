"""Scoring rules on dirty/clean pairs, counted by hand."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cli import main
from benchmarks.pair_alignment import align_pair, cell_codes
from benchmarks.pair_text import render_text
from benchmarks.pairs import run_pair, score_pair
from checks import NotNull, Pattern, Rule, RuleSet, load_rules
from synth.errors import CasegaugeError, DataError

TRUTH = "id,zip,city\n1,10001,Ash\n2,10001,Ash\n3,20002,\n4,30003,Elm\n5,40004,Oak\n"
DIRTY = "id,zip,city\n1,10001,Ash\n2,10001,Ast\n3,2000x,\n4,,Elm\n5,40004,Oak\n"
RULES = """
rules:
  - {id: digits, pattern: {field: zip, regex: '[0-9]{5}'}}
  - {id: filled, not_null: city}
  - {id: zip-city, functional_dependency: {left: zip, right: city}}
"""


@pytest.fixture
def files(tmp_path):
    def write(dirty=DIRTY, truth=TRUTH, rules=RULES):
        paths = [tmp_path / name for name in ("dirty.csv", "truth.csv", "rules.yaml")]
        for path, text in zip(paths, (dirty, truth, rules), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return write


def test_by_hand(files):
    """Wrong are city 2, zip 3 and zip 4. The pattern finds two, the dependency one with three false, not-null none."""
    score = run_pair(*files())

    assert (score.n_rows, score.n_columns, score.n_wrong, score.n_wrong_rows) == (5, 3, 3, 3)
    counts = {
        rule.id: (rule.counts.n_tp, rule.counts.n_fp, rule.counts.n_fn, rule.n_unique_finds) for rule in score.rules
    }
    assert counts == {"digits": (2, 0, 1, 2), "filled": (0, 1, 3, 0), "zip-city": (1, 3, 2, 1)}
    assert score.overall.to_json() == {
        "n_tp": 3,
        "n_fp": 4,
        "n_fn": 0,
        "precision": pytest.approx(3 / 7),
        "sensitivity": 1.0,
        "f1": pytest.approx(0.6),
    }


def test_baselines(files):
    """Flagging everything finds all at the share of wrong cells; flagging nothing has no precision."""
    everything, nothing = run_pair(*files()).baselines.values()

    assert (everything.precision, everything.sensitivity) == (pytest.approx(3 / 15), 1.0)
    assert nothing.to_json() == {"n_tp": 0, "n_fp": 0, "n_fn": 3, "precision": None, "sensitivity": 0.0, "f1": 0.0}


def test_json_has_the_agreed_keys(files):
    """The JSON names unit, rules, overall and baselines, and holds null where a measure is undefined."""
    read = json.loads(json.dumps(run_pair(*files(dirty=TRUTH, rules=RULES)).to_json(), allow_nan=False))

    assert read["unit"] == "cell"
    assert set(read["overall"]) == {"n_tp", "n_fp", "n_fn", "precision", "sensitivity", "f1"}
    assert set(read["baselines"]) == {"flag_everything", "flag_nothing"}
    assert [rule["id"] for rule in read["rules"]] == ["digits", "filled", "zip-city"]
    assert read["overall"]["sensitivity"] is None
    assert read["baselines"]["flag_nothing"]["f1"] is None


def test_text_says_what_is_undefined(files):
    """A measure of 0 of 0 is written as such, in words."""
    rules = "rules: [{id: id, not_null: id}]"

    text = render_text(run_pair(*files(rules=rules)))

    assert "precision of all rules: undefined: 0 of 0; sensitivity: 0.00" in text
    assert "nan" not in text.lower()


def test_text_says_that_there_is_nothing_to_find(files):
    """Two files that agree are told so in one sentence; a pair with wrong cells is not."""
    said = "The two files agree in all 15 cells; there is nothing to find."

    assert render_text(run_pair(*files(dirty=TRUTH))).splitlines()[-1] == said
    assert "agree in all" not in render_text(run_pair(*files()))


def test_text_table(files):
    """Every column has a header, a rule's own finds stand below theirs; the last line says what the first row means."""
    lines = render_text(run_pair(*files())).splitlines()
    head, digits = (next(line for line in lines if word in line) for word in ("sensitivity", "digits"))

    assert head.endswith("   unique finds")
    assert digits.endswith(" 2")
    assert len(digits) == len(head)
    assert lines[-1] == (
        "precision of all rules: 0.43; sensitivity: 1.00; F1: 0.60 "
        "(of 7 flagged cells 3 wrong; of 3 wrong cells 3 flagged)"
    )


def test_files_stay_as_they_were(files):
    """Scoring writes nothing."""
    paths = files()
    before = [path.read_bytes() for path in paths]

    run_pair(*paths)

    assert [path.read_bytes() for path in paths] == before
    assert len(list(paths[0].parent.iterdir())) == 3


def test_renamed_columns_by_position(files):
    """Other names in the same order are matched by position, and the result says which."""
    score = run_pair(*files(truth=TRUTH.replace("id,zip,city", "id,ZipCode,City")))

    assert score.overall == run_pair(*files()).overall
    assert score.notes == ("columns matched by position: zip = ZipCode, city = City",)


def test_same_names_in_another_order(files):
    """The same names in another order are matched by name."""
    truth = pd.DataFrame([line.split(",") for line in TRUTH.split()])[[2, 0, 1]]

    score = run_pair(*files(truth="\n".join(",".join(row) for row in truth.to_numpy())))

    assert score.overall == run_pair(*files()).overall


def test_by_key(files):
    """With a key, rows of the truth may stand in any order."""
    head, *rows = TRUTH.split()

    score = run_pair(*files(truth="\n".join([head, *rows[::-1]])), align="key:id")

    assert score.overall == run_pair(*files()).overall
    assert score.notes == ("rows matched by id",)


SHORT = "\n".join(TRUTH.splitlines()[i] for i in (0, 5, 2, 3, 1)) + "\n7,50005,Fir\n"  # no 4, a 7, another order


def test_by_key_with_rows_in_one_file_alone(files):
    """Rows without a partner are not counted, the notes name them, and rules still see the whole dirty file."""
    score = run_pair(*files(truth=SHORT), align="key:id")

    assert (score.n_rows, score.n_wrong) == (4, 2)
    assert score.notes == (
        "rows matched by id",
        "1 of 5 rows of dirty is not in truth and not scored: '4'",
        "1 of 5 rows of truth is not in dirty: '7'",
    )
    counts = {rule.id: (rule.n_evaluated, rule.counts.n_tp, rule.counts.n_fp) for rule in score.rules}
    assert counts == {"digits": (4, 1, 0), "filled": (4, 0, 1), "zip-city": (4, 1, 3)}


def test_rules_see_rows_that_are_not_scored(files):
    """A value repeated in a row without a partner is repeated all the same; only the row that is scored counts."""
    dirty = "id,zip\n1,10\n2,20\n3,30\n4,30\n"
    truth = "id,zip\n1,10\n2,20\n3,31\n"
    rules = "rules: [{id: u, unique: {fields: [zip]}}]"

    score = run_pair(*files(dirty, truth, rules), align="key:id")

    assert (score.overall.n_tp, score.overall.n_fp, score.overall.n_fn) == (1, 0, 0)


def test_notes_name_the_first_keys_only(files):
    """Of many rows without a partner the note gives the number and three keys."""
    rows = [f"{i},{i:05d},c{i}" for i in range(10)]
    dirty, truth = ("\n".join(["id,zip,city", *some]) for some in (rows, rows[4:]))

    notes = run_pair(*files(dirty, truth), align="key:id").notes

    assert notes[1:] == ("4 of 10 rows of dirty are not in truth and not scored: '0', '1', '2', ...",)


def long_form(first=0, *, skip=()):
    head, *rows = [line.split(",") for line in TRUTH.split()]
    cells = [(str(i + first), name, value) for i, row in enumerate(rows) for name, value in zip(head, row, strict=True)]
    listed = [",".join(cell) for cell in cells if cell[1] not in skip]
    return "\n".join(["tid,attribute,correct_val", *listed])


def test_truth_in_long_form(files):
    """Truth may be a list of cells: tid counts from 0, or is the key; what is not listed is right."""
    whole = run_pair(*files(truth=long_form()))
    keyed = run_pair(*files(truth=long_form(1)), align="key:id")
    part = run_pair(*files(truth=long_form(skip=("id", "city"))))

    assert whole.overall == keyed.overall == run_pair(*files()).overall
    assert part.n_wrong == 2
    assert part.notes[1] == "10 of 15 cells are not listed in truth and taken to be right"


CORRECTIONS = ("1,city,Ash", "2,zip,20002", "3,zip,30003")
WRONGLY_NUMBERED = ("2,city,Ash", "3,zip,20002", "4,zip,40004")


@pytest.mark.parametrize(
    ("listed", "align", "said"),
    [
        (CORRECTIONS, "position", []),
        (
            WRONGLY_NUMBERED,
            "position",
            ["1 of 3 listed values equal what the dirty file holds; tids count data rows from 0, not from 1"],
        ),
        (
            ("2,city,Ash", "5,zip,40004"),
            "key:id",
            ["1 of 2 listed values equal what the dirty file holds; a tid is a value of 'id'"],
        ),
    ],
)
def test_a_list_of_corrections_that_changes_little(files, listed, align, said):
    """A correction that corrects nothing points to rows counted from 1, and the notes say from where they count."""
    notes = run_pair(*files(truth="\n".join(["tid,attribute,correct_val", *listed])), align=align).notes

    assert [note for note in notes if "listed values" in note] == said


def test_a_list_of_every_cell_may_equal_the_dirty_file(files):
    """A list of every cell is no list of corrections: most of it equals the dirty file, and no note says so."""
    assert run_pair(*files(truth=long_form())).notes == ("truth read in long form (tid, attribute, correct_val)",)


CELLS_BY_HAND = """row,column,dirty,truth,rules,outcome
1,zip,10001,10001,zip-city,false
1,city,Ash,Ash,zip-city,false
2,zip,10001,10001,zip-city,false
2,city,Ast,Ash,zip-city,hit
3,zip,2000x,20002,digits,hit
3,city,,,filled,false
4,zip,,30003,digits,hit
"""


def test_cells_by_hand(files, tmp_path, capsys):
    """`--cells` lists every cell that is flagged or wrong, by row from 1, and the text names the file."""
    dirty, truth, rules = map(str, files())
    out = tmp_path / "out.csv"

    code = main(["pair", "--dirty", dirty, "--truth", truth, "--rules", rules, "--cells", str(out)])

    assert code == 0
    assert out.read_bytes().decode() == CELLS_BY_HAND
    assert f"7 cells (hit, false or missed) are in {out}" in " ".join(capsys.readouterr().out.split())


def test_cells_by_key(files, tmp_path):
    """With a key the cells carry it; rows are those of the dirty file; several rules are joined; missed is missed."""
    rules = "rules: [{id: a, pattern: {field: zip, regex: '[0-9]{5}'}}, {id: b, length: {field: zip, max: 4}}]"
    out = tmp_path / "out.csv"
    dirty = DIRTY.replace("1,10001,Ash", "0,1,X\n1,10001,Ash")

    score = run_pair(*files(dirty, TRUTH, rules), align="key:id", cells=out)

    rows = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["row", "key", "column", "dirty", "truth", "rules", "outcome"]
    assert rows[1:] == [
        ["2", "1", "zip", "10001", "10001", "b", "false"],
        ["3", "2", "zip", "10001", "10001", "b", "false"],
        ["3", "2", "city", "Ast", "Ash", "", "missed"],
        ["4", "3", "zip", "2000x", "20002", "a;b", "hit"],
        ["5", "4", "zip", "", "30003", "a", "hit"],
        ["6", "5", "zip", "40004", "40004", "b", "false"],
    ]
    assert (score.overall.n_tp, score.overall.n_fp, score.overall.n_fn) == (2, 3, 1)


def test_cells_of_files_that_agree(files, tmp_path):
    """Where nothing is flagged or wrong the file has its header alone."""
    out = tmp_path / "out.csv"

    run_pair(*files(dirty=TRUTH, rules="rules: [{id: r, not_null: id}]"), cells=out)

    assert out.read_text(encoding="utf-8") == "row,column,dirty,truth,rules,outcome\n"


@pytest.mark.parametrize(
    ("name", "message"), [("truth.csv", "exists; nothing was written"), ("no/o.csv", "no such folder")]
)
def test_cells_never_overwrite(files, tmp_path, capsys, name, message):
    """A file that exists is refused before anything is read, and stays as it was."""
    dirty, truth, rules = map(str, files(dirty=""))
    before = sorted((path, path.read_bytes()) for path in tmp_path.iterdir())

    code = main(["pair", "--dirty", dirty, "--truth", truth, "--rules", rules, "--cells", str(tmp_path / name)])

    assert code == 2
    assert message in capsys.readouterr().err
    assert sorted((path, path.read_bytes()) for path in tmp_path.iterdir()) == before


def test_normalise_is_the_rule_files_choice(files):
    """A difference in entities and white space counts, unless the rule file says it does not."""
    dirty = "id,name\n1,a &amp; b\n2, c\n3,d\n"
    truth = "id,name\n1,a & b\n2,c\n3,d\n"
    rules = "rules: [{id: r, not_null: name}]"

    plain = run_pair(*files(dirty, truth, rules))
    paths = files(dirty, truth, "normalise: [html, whitespace]\n" + rules)
    same, overruled = run_pair(*paths), run_pair(*paths, normalise=())

    assert (plain.n_wrong, same.n_wrong, overruled.n_wrong) == (2, 0, 2)


UNALIGNED = "id,zip,city\n" + "".join(f"{i},{i:05d},c{i}\n" for i in range(40))
SHIFTED = "id,zip,city\n" + "".join(f"{i},{i:05d},c{i}\n" for i in [*range(1, 40), 0])
REFUSED = [
    ({"dirty": ""}, "position", r"dirty\.csv: is empty"),
    ({"dirty": "id,zip,city\n1,2\n"}, "position", r"dirty\.csv: line 2: has 2 fields"),
    ({"truth": "id,zip\n1,2\n"}, "position", "not aligned: dirty has 3 columns, truth has 2"),
    ({"truth": TRUTH[: TRUTH.rindex("5,")]}, "position", "not aligned: dirty has 5 rows, truth has 4"),
    (
        {"dirty": UNALIGNED, "truth": SHIFTED},
        "position",
        r"not aligned: 0\.0% of rows agree .* 0\.0% in fewer; at least 50 %",
    ),
    ({"truth": TRUTH.replace("zip,city", "city,ZIP")}, "position", "column 'city' is number 3 in dirty and 2 in truth"),
    ({}, "key:idd", "column 'idd' is not in the dirty file. Did you mean 'id'"),
    ({}, "keys", "align is 'keys'. Possible: position, key:COLUMN"),
    ({}, "key:zip", "key 'zip' is blank in row 4 of dirty"),
    ({"dirty": DIRTY.replace("4,,", "4,1,")}, "key:zip", "key 'zip' has the value '10001' more than once"),
    (
        {"truth": "id,zip,city\n1,10001,Ash\n5,40004,Oak\n"},
        "key:id",
        "2 of 5 rows of dirty have their 'id' in truth; at least half are needed",
    ),
    (
        {"dirty": "id,zip,city\n1,10001,Ash\n5,40004,Oak\n"},
        "key:id",
        "2 of 5 rows of truth have their 'id' in dirty; at least half are needed",
    ),
    ({"truth": TRUTH + "5,40004,Elm\n"}, "key:id", "key 'id' has the value '5' more than once in truth"),
    (
        {"truth": TRUTH + "6,40004,Elm\n"},
        "position",
        "5 rows, truth has 6.*, or match rows by a column: --align key:COL",
    ),
    ({"dirty": DIRTY.replace(",", ";")}, "position", r"dirty\.csv: line 1: looks separated by semicolons"),
    ({"truth": long_form(1)}, "position", "truth has tid '5', which is not a row number from 0 to 4"),
    ({"truth": long_form().replace("city", "cyti")}, "position", "attribute 'cyti' is not a column"),
    ({"truth": long_form() + "\n0,id,9"}, "position", "tid '0', attribute 'id' is given twice"),
    (
        {"rules": RULES.replace("field: zip", "field: zpi")},
        "position",
        r"rules\.yaml: line 3: rule 'digits': 'zpi' is not a column of 'dirty'\. Did you mean 'zip'",
    ),
    (
        {"rules": RULES + "  - id: each\n    not_null:\n    for_each:\n      - zip\n      - cty\n"},
        "position",
        r"rules\.yaml: line 10: rule 'each\.cty': 'cty' is not a column of 'dirty'\. Did you mean 'city'",
    ),
    (
        {"rules": RULES + "  - id: w\n    not_null: zip\n    where:\n      not_blank: sity\n"},
        "position",
        r"rules\.yaml: line 9: rule 'w': 'sity' is not a column of",
    ),
    (
        {"rules": RULES.replace("pattern", "patern")},
        "position",
        r"rules\.yaml: line 3: unknown key 'patern'. Did you mean 'pattern'",
    ),
]


@pytest.mark.parametrize(("given", "align", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refused(files, given, align, message):
    """Bad input is refused in one line that says what was got and what is possible."""
    with pytest.raises(CasegaugeError, match=message) as caught:
        run_pair(*files(**given), align=align)

    assert "\n" not in str(caught.value)


CELLS = st.sampled_from(["a", "b", "ab", None])
TABLES = st.integers(2, 6).flatmap(
    lambda n: st.tuples(*[st.lists(st.tuples(CELLS, CELLS), min_size=n, max_size=n) for _ in range(2)])
)


@given(TABLES)
def test_counts_equal_a_count_of_single_cells(tables):
    """Hits, false alarms and misses are those of a look at every cell; a blank equals a blank."""
    names = [str(i) for i in range(len(tables[0]))]
    dirty, truth = (
        pd.DataFrame(rows, columns=["p", "q"]).assign(id=names, id2=names, id3=names) for rows in tables
    )  # three columns that agree, so that the rows belong together whatever the others hold
    both = enumerate(zip(*tables, strict=True))
    wrong = {(i, name) for i, (d, t) in both for name, x, y in zip("pq", d, t, strict=True) if x != y}
    flagged = {(i, "p") for i, row in enumerate(tables[0]) if row[0] is None}
    flagged |= {(i, "q") for i, row in enumerate(tables[0]) if row[1] not in {"a", "b"}}
    rules = RuleSet("r", (Rule("n", NotNull("p")), Rule("s", Pattern("q", "[ab]"))))

    score = score_pair(rules, align_pair(dirty.astype("str"), truth.astype("str"), align="position"))

    counts = score.overall
    assert (counts.n_tp, counts.n_fp, counts.n_fn) == (len(wrong & flagged), len(flagged - wrong), len(wrong - flagged))


def test_a_useless_rule_never_raises_f1(files):
    """Adding a rule that only flags right cells cannot make the set look better."""
    extra = RULES + "  - {id: useless, pattern: {field: id, regex: 'x'}}\n"

    assert run_pair(*files(rules=extra)).overall.f1 < run_pair(*files()).overall.f1


def test_one_row_is_its_own_partner():
    """A table of one row has no random other row to be compared with, and is taken as aligned."""
    frame = pd.DataFrame({"a": ["x"]})

    score = score_pair(load_rules("rules: [{id: r, not_null: a}]"), align_pair(frame, frame, align="position"))

    assert score.n_wrong == 0


def test_cell_codes_of_all_blank_columns():
    """A column that is blank in both tables has no wrong cell."""
    frame = pd.DataFrame({"a": pd.Series([None, None], dtype="str")})

    dirty, truth = cell_codes(frame, frame)

    assert (dirty == truth).all()


def test_what_two_rules_flag_is_found_by_neither_alone():
    """One wrong cell is flagged by both rules, another by one: that one alone is a unique find."""
    truth = pd.DataFrame({"a": ["1", "2", "3", "4"], "b": ["5", "6", "7", "8"]})
    dirty = truth.copy()
    dirty.loc[0, "a"], dirty.loc[1, "b"] = None, None
    rules = load_rules("rules: [{id: one, not_null: a}, {id: two, not_null: a}, {id: three, not_null: b}]")

    scores = score_pair(rules, align_pair(dirty, truth, align="position")).rules

    assert [rule.n_unique_finds for rule in scores] == [0, 0, 1]


def test_a_pair_of_which_two_rows_in_five_belong_together_is_refused():
    """40 % of the rows agreeing with their partners are too few, whatever the rest does; 60 % are enough."""
    truth = pd.DataFrame({name: [f"{name}{row}" for row in range(50)] for name in "abc"})
    for right, refused in ((20, True), (30, False)):
        dirty = truth.copy()
        dirty.iloc[right:] = [[f"x{row}{name}" for name in "abc"] for row in range(right, 50)]
        rules = load_rules("rules: [{id: one, not_null: a}]")
        pair = align_pair(dirty, truth, align="position")
        if refused:
            with pytest.raises(DataError, match=r"40\.0% of rows agree"):
                score_pair(rules, pair)
        else:
            assert score_pair(rules, pair).n_wrong_rows == 20
