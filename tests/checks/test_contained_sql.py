"""SQL runs where it can do no harm: whatever a condition does, it alone is lost, in one line, within its limits."""

import threading
import time

import numpy as np
import psutil
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import contained_sql
from checks.contained_sql import FALSE, NULL, TRUE, UNREADABLE, Condition, outcomes
from checks.contained_sql_child import answer
from synth.errors import RuleError

TABLE = pa.table({"a": [1, None, -1], "b": ["x", "y", None]})
MOST_MB = 500
# None of these would pass checks.sql_expression; the process has to hold without it.
ATTACKS = [
    ("len(list_sort(range(100000000))) > 0", "needs more than"),
    ("length(repeat('x', 1000000000)) > 1", "needs more than"),
    ("len(list_sort([random() for x in range(10000000)])) > 0", ""),  # of memory or of time, as the version has it
    ("levenshtein(repeat('ab', 100000), repeat('ba', 100000)) > 1", "takes more than 1 s"),
    (
        "(WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t) > 0",
        "takes more than 1 s",
    ),
    ("(SELECT count(*) FROM range(100000000000)) > 1", "takes more than 1 s"),
    ("(SELECT count(*) FROM read_csv('FILE')) > 0", "disabled"),
    ("(SELECT count(*) FROM read_text('FILE')) > 0", "disabled"),
    ("(SELECT count(*) FROM 'FILE') > 0", "disabled"),
    ("(SELECT count(*) FROM glob('FILE')) > 0", "disabled"),
    ("getenv('HOME') <> ''", "getenv does not exist"),
    ("a > 0) FROM t; ATTACH 'FILE.db' AS x; SELECT (1", ""),
    ("a > 0) FROM t; COPY (SELECT 1) TO 'FILE.out'; SELECT (1", ""),
    ("a > 0) FROM t; INSTALL httpfs; SELECT (1", ""),
    ("a > 0) FROM t; SET enable_external_access = true; SELECT (1", ""),
    ("b::int > 0", "Could not convert string 'x'"),
    ("b", "gives VARCHAR, not true or false"),
    ("error('enough')", ""),
    ("nothing > 0", 'Referenced column "nothing" not found'),
]


class Watch:
    """Takes the largest resident memory of this process's children."""

    def __enter__(self):
        self.megabytes, self._going = 0, True
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self):
        me = psutil.Process()
        while self._going:
            for child in me.children(recursive=True):
                try:
                    self.megabytes = max(self.megabytes, child.memory_info().rss / 2**20)
                except psutil.Error:
                    continue
            time.sleep(0.005)

    def __exit__(self, *_):
        self._going = False
        self._thread.join()


@pytest.mark.parametrize(("attack", "said"), ATTACKS, ids=[row[0][:50] for row in ATTACKS])
def test_an_attack_is_stopped_and_the_conditions_around_it_are_answered(attack, said, tmp_path):
    """Memory stays under 500 MB, nothing is written, the others lose nothing, and the guilty one is told so."""
    secret = tmp_path / "secret.csv"
    secret.write_text("n\n1\n", encoding="utf-8")

    with Watch() as watch:
        before, guilty, after = outcomes(
            [Condition("a > 0"), Condition(attack.replace("FILE", str(secret))), Condition("b = 'x'")],
            TABLE,
            time_limit_s=1,
        )

    assert before.tolist() == [TRUE, NULL, FALSE]
    assert after.tolist() == [TRUE, FALSE, NULL]
    assert isinstance(guilty, RuleError)
    assert said in str(guilty)
    assert "\n" not in str(guilty)
    assert 0 < watch.megabytes < MOST_MB
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_a_text_that_grows_with_every_step_is_stopped():
    """Each replace makes the text a hundred times longer; the functions are allowed, the memory is not there."""
    grown = "b"
    for _ in range(8):
        grown = f"replace({grown}, 'x', '{'x' * 100}')"

    with Watch() as watch:
        guilty, fine = outcomes([Condition(f"length({grown}) > 0"), Condition("b = 'x'")], TABLE, time_limit_s=3)

    assert isinstance(guilty, RuleError)
    assert fine.tolist() == [TRUE, FALSE, NULL]
    assert watch.megabytes < MOST_MB


def test_a_child_that_dies_is_begun_again_without_the_guilty_and_from_where_it_was(monkeypatch):
    """Rows judged before it died are not lost: three batches, and the condition that never ends is at the second."""
    monkeypatch.setattr(contained_sql, "ROWS_A_BATCH", 4)
    table = pa.table({"a": range(10)})
    endless = "CASE WHEN a < 4 THEN true ELSE (SELECT count(*) FROM range(100000000000) r(x) WHERE x > a) > 1 END"

    first, guilty, last = outcomes(
        [Condition("a % 2 = 0"), Condition(endless), Condition("a > 5")], table, time_limit_s=1
    )

    assert first.tolist() == [value % 2 == 0 for value in range(10)]
    assert last.tolist() == [value > 5 for value in range(10)]
    assert "takes more than 1 s" in str(guilty)


def test_a_text_that_cannot_be_read_is_told_from_a_null():
    unreadable = "(b IS NOT NULL AND TRY_CAST(b AS DOUBLE) IS NULL)"
    table = pa.table({"b": ["1", "-1", "x", None]})

    (found,) = outcomes([Condition("TRY_CAST(b AS DOUBLE) > 0", unreadable)], table)

    assert found.tolist() == [TRUE, FALSE, UNREADABLE, NULL]


def test_no_rows_need_no_process(monkeypatch):
    monkeypatch.setattr(contained_sql, "_attempt", None)

    (found,) = outcomes([Condition("a > 0")], TABLE.slice(0, 0))

    assert found.tolist() == []


@settings(max_examples=5, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=400), st.integers(1, 150))
def test_rows_keep_their_places_with_long_lists_and_many_batches(values, rows_a_batch):
    """An IN list of five and more loses the order of rows in DuckDB; masks are by position all the same."""
    before, contained_sql.ROWS_A_BATCH = contained_sql.ROWS_A_BATCH, rows_a_batch
    try:
        (found,) = outcomes([Condition("a IN (1, 2, 3, 4, 5, 6)")], pa.table({"a": pa.array(values, pa.int64())}))
    finally:
        contained_sql.ROWS_A_BATCH = before

    assert found.tolist() == [NULL if value is None else int(1 <= value <= 6) for value in values]


def test_answers_are_put_where_their_positions_say():
    """DuckDB with two threads returns the rows of a long IN list out of order; so does this stand-in."""

    class Unordered:
        description = (("a", "BOOLEAN"),)

        def execute(self, _):
            return self

        def fetchnumpy(self):
            return {"p": np.array([2, 0, 1]), "v": np.array([1, 0, 2])}

    assert list(answer(Unordered(), "a IN (1, 2, 3, 4, 5)", "FALSE", 3)) == [FALSE, NULL, TRUE]


def test_half_a_million_rows_keep_their_order():
    values = np.random.default_rng(1).integers(0, 50, 500_000)

    (found,) = outcomes([Condition("a IN (1, 2, 3, 5, 8, 13, 21)")], pa.table({"a": values}))

    assert (found == np.isin(values, [1, 2, 3, 5, 8, 13, 21])).all()
