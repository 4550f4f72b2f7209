"""A pair's score as the table a person reads."""

from __future__ import annotations

from benchmarks.pairs import CellCounts, PairScore

_UNDEFINED = "undefined: 0 of 0"


def render_text(score: PairScore) -> str:
    """Return the table a person reads.

    Examples:
        >>> import pandas as pd
        >>> from benchmarks.pair_alignment import align_pair
        >>> from benchmarks.pairs import score_pair
        >>> from checks import load_rules
        >>> dirty = pd.DataFrame({"id": ["1", "2", "3"], "zip": ["12345", "1234", "54321"]})
        >>> rules = load_rules("rules: [{id: zip, not_null: zip}]")
        >>> print(render_text(score_pair(rules, align_pair(dirty, dirty, align="position"))).splitlines()[-1])
        The two files agree in all 6 cells; there is nothing to find.
    """
    names = ["all rules", *score.baselines, *(rule.id for rule in score.rules)]
    width = max(len(name) for name in names)
    counts = " ".join(f"{word:>7}" for word in ("hits", "false", "missed"))
    measures = " ".join(f"{word:>17}" for word in ("precision", "sensitivity", "F1"))
    lines = [
        (
            f"{score.rule_set}: {score.n_rows} rows x {score.n_columns} columns, "
            f"{score.n_wrong} wrong cells in {score.n_wrong_rows} rows; unit: cell"
        ),
        *(f"note: {note}" for note in score.notes),
        *([f"note: made the same first: {', '.join(score.normalise)}"] if score.normalise else []),
        "",
        f"{'':{width}}  {counts} {measures} {'only here':>10}",
        _line("all rules", score.overall, width),
        *(_line(name, found, width) for name, found in score.baselines.items()),
        "",
        *(f"{_line(rule.id, rule.counts, width)} {rule.n_unique_finds:>10}" for rule in score.rules),
        "",
        "hits: wrong cells flagged; false: right cells flagged; missed: wrong cells not flagged;",
        "only here: wrong cells that no other rule flags.",
        _in_words(score),
    ]
    return "\n".join(lines)


def _in_words(score: PairScore) -> str:
    """What the first row means; or that there was nothing to find."""
    found = score.overall
    n_flagged = found.n_tp + found.n_fp
    if not score.n_wrong:
        return f"The two files agree in all {score.n_rows * score.n_columns} cells; there is nothing to find."
    return (
        f"precision of all rules: {_shown(found.precision)}; sensitivity: {_shown(found.sensitivity)}; "
        f"F1: {_shown(found.f1)} "
        f"(of {n_flagged} flagged cells {found.n_tp} wrong; of {score.n_wrong} wrong cells {found.n_tp} flagged)"
    )


def _line(name: str, counts: CellCounts, width: int) -> str:
    measures = " ".join(f"{_shown(value):>17}" for value in (counts.precision, counts.sensitivity, counts.f1))
    return f"{name:{width}}  {counts.n_tp:>7} {counts.n_fp:>7} {counts.n_fn:>7} {measures}"


def _shown(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.2f}"
