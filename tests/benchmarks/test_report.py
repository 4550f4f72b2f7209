"""The report of a run: one page, opens offline, says the numbers of the tables beside it and what was chosen."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from worlds import PLAIN as PLAIN_SMALL
from worlds import SMALL, parsed

from benchmarks import compare_tables
from benchmarks.catches import fitting_packs
from benchmarks.choice_tables import choice_rows, range_rows
from benchmarks.commands.run_command import print_job, write_results
from benchmarks.job import main_job, score_packs
from benchmarks.ranges import Setting
from benchmarks.regimes import SHARES
from benchmarks.report import by_defect_rows, report_html
from benchmarks.settings import movable, range_of
from benchmarks.wording import PLAIN_DEFECTS, conclusion, headline, percent
from synth.behaviour import known_parameters
from synth.pipeline import generate
from synth.scenario import load_scenario

VOID = {"meta", "br", "link", "img", "hr", "input"}
NO_BREAK = "\N{NO-BREAK SPACE}"


class Page(HTMLParser):
    """Collects tags with attributes, the text, and whether every tag that opens closes."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html.replace("<wbr>", ""))  # where a name may wrap, it is still one word
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def job():
    return main_job(load_scenario("oig-20-13"), n_cases=670, seed=3, n_settings=4)


@pytest.fixture(scope="module")
def html(job):
    return report_html(job)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_page_is_well_formed_and_fetches_nothing(page, html):
    """Every tag closes; there is no script, no picture or style from elsewhere, and no address at all."""
    assert page.open == []
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "base"})
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "srcset", "data"):
            assert attributes.get(name, "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in html
    assert "@import" not in html
    assert re.findall(r"https?://[^\"' ]+", html) == ["http://www.w3.org/2000/svg"]  # a namespace, not an address


def test_the_replica_stands_beside_the_reported_counts(page):
    """44, 11 and 12 are reported and found, with the interval a random draw would have had."""
    assert "documented 44 44 66 % 54 % to 76 %" in page.text
    assert "inconsistent 11 11 16 % 9 % to 27 %" in page.text
    assert "insufficient 12 12 18 % 11 % to 29 %" in page.text


def test_it_says_that_it_is_a_simulation_and_names_every_choice(page, job):
    """The page says simulation, and gives each modeller's choice with its value, range and plain words."""
    scenario = job.scenario

    assert "These are results of a simulation, not of an audit." in page.text
    for name in movable(scenario, list(scenario.regimes)):
        row = next(row for row in choice_rows(scenario) if row["name"] == name)
        known, (low, high) = known_parameters()[name], range_of(scenario, name)
        assert f"{name} {known.says} {row['value']} {low} to {high} {known.grade}: " in page.text
        assert known.anchor in page.text
        assert row["value"].startswith(str(getattr(scenario.operator, name)))
    assert "0.55; all_25_unknown_allowed: 0.50" in page.text


def test_the_numbers_are_those_of_the_table_beside_it(page, job, tmp_path):
    """Every share of the headline, the measures and the chart is the one in regimes.csv, rounded."""
    write_results(job, tmp_path)
    with (tmp_path / "regimes.csv").open(newline="") as file:
        rows = {row["regime"]: row for row in csv.DictReader(file) if row["scope"] == "all"}

    def shown(regime, name):
        return f"{100 * float(rows[regime][name]):.1f} %"

    assert headline(job.contrast) in page.text
    for name in ("completeness_naive", "correct_of_all"):
        assert f"from {shown('as_reported', name)} to {shown('all_25', name)}" in headline(job.contrast)
    assert list(rows) == list(job.contrast.tallies)
    for share in SHARES:
        cells = " ".join(
            f"{shown(regime, share.name)} ± {100 * float(rows[regime][f'{share.name}_error']):.2f} "
            f"of {job.contrast.denominator(regime, share.name):,}"
            for regime in rows
        )
        assert re.search(rf"{re.escape(f'{share.name} {share.says}')} \(.{{3,60}}?\) {re.escape(cells)}", page.text), (
            share.name
        )
    labels = " ".join(tag[1].get("aria-label", "") for tag in page.tags).replace(NO_BREAK, " ")
    for regime in rows:
        measured, true = shown(regime, "completeness_naive"), shown(regime, "correct_of_all")
        assert f"{regime}: measured {measured}, true {true}" in labels


def test_each_regime_is_described_before_the_chart(page, html, job):
    """The scenario's own words about a regime stand under its name, before the chart."""
    for name, spec in job.scenario.regimes.items():
        assert spec.about in page.text
        assert html.index(f"<dt>{name}") < html.index("<svg")


def test_a_percentage_is_never_parted_from_its_sign(html, page):
    """Before every per cent sign that follows a number is a space that does not break, in the chart as well."""
    assert re.findall(r"\d %", html) == []
    assert f"66{NO_BREAK}%" in html
    assert any(NO_BREAK in tag[1].get("aria-label", "") for tag in page.tags)


def test_ranges_have_one_row_a_parameter_by_how_far_right_moves():
    """Of three parameters, the one that moves right furthest is first; one that moves neither by 0.1 is quiet."""
    central = Setting("", "", 0.010, 0.020)
    ends = [
        Setting("still", "1", 0.0109, 0.0191), Setting("still", "2", 0.010, 0.020),
        Setting("near", "3", 0.012, 0.020), Setting("near", "4", 0.010, 0.030),
        Setting("far", "5", -0.010, 0.020), Setting("far", "6", 0.011, 0.020),
    ]  # fmt: skip

    far, near, still = range_rows([central, *ends])

    assert (far["name"], far["range"], far["turns"], far["is_quiet"]) == ("far", "5 to 6", True, False)
    assert (far["right"], far["wrong"]) == ("-1.00 / +1.10", "+2.00 / +2.00")
    assert (near["name"], near["wrong"], near["turns"], near["is_quiet"]) == ("near", "+2.00 / +3.00", False, False)
    assert (still["name"], still["turns"], still["is_quiet"]) == ("still", False, True)
    assert range_rows([]) == []


def test_every_parameter_stands_once_in_the_assumption_range(page, job):
    """Each range has one row that holds both ends, in the table or in its fold; the central setting stands above."""
    part = page.text[page.text.index("The assumption range:") : page.text.index("Every choice at once:")]
    rows = range_rows(job.settings)

    assert {row["name"] for row in rows} == set(movable(job.scenario, ["as_reported", "all_25"]))
    for row in rows:
        words = f"{row['name']} {row['says']} {row['range']} {row['right']} {row['wrong']}"
        assert part.count(words) == 1
        assert (part.index(words) > part.index("Choices that move neither difference")) == row["is_quiet"]
    assert part.index("Central setting") < part.index("range: low to high")


def test_every_table_of_the_comparison_stands_on_the_page(page, job):
    """Exchange rates of all pairs, both contrasts in the system, sweep, doses, next fields, catches: cell by cell."""
    found = job.comparison
    blocks = [
        compare_tables.exchange_table(job.contrast, limits=True), compare_tables.in_system_table(job.contrast),
        compare_tables.sweep_table(found), compare_tables.dose_table(found), compare_tables.next_table(found),
        compare_tables.catch_table(found),
    ]  # fmt: skip

    for block in blocks:
        for row in block.rows:
            assert " ".join(" ".join(row).split()) in page.text
    assert conclusion(found) in page.text
    assert "ahead of as_reported: all_25 in" in page.text


def test_rules_without_a_flag_are_named_but_have_no_row(page, job):
    """A rule has a row if it flagged something, else its name in a fold; no rule is left out."""
    part = page.text[page.text.index("Every rule that flagged something") : page.text.index("Modeller's choices")]
    shown, idle = part.split("Rules that found nothing to flag:")
    table = job.card.table
    flags = table[(table["kind"] == "rule") & (table["defect"] == "any")].groupby("name")["n_flags"].max()

    for name, n_flags in flags.items():
        assert (f"{name} cell" in shown) == (n_flags > 0)
        assert (name in re.split("[ ,]+", idle.rstrip(". 0123456789"))) == (n_flags == 0)
    assert idle.startswith(f" {(flags == 0).sum()} of {len(flags)} ")


def test_the_two_sensitivities_of_the_not_null_pack_are_told_apart(page):
    """One table says that it counts the pack's own 25 fields, the others that they count all planted defects."""
    assert "Counted here: only the defects in the fields that a pack looks at, in the first 670 cases." in page.text
    assert page.text.count("sensitivity, over all defects") == 2
    assert "Section 3 counts all planted defects of all systems" in page.text


def test_it_says_why_fewer_cases_than_cells_are_in_order(page, job):
    """The share of filled cells and that of documented cases stand in one sentence with the reason."""
    looks = job.contrast.tallies["as_reported"].cross_table()[0].sum() / 670
    filled = job.contrast.measure("as_reported", "completeness_naive").value

    sentence = re.search(r"Under as_reported, (\S+ %) of the cells are filled, yet (\S+ %) of the cases", page.text)

    assert sentence.groups() == (percent(filled), percent(looks))
    assert "one missing material item" in page.text


def test_the_tables_of_verdicts_hold_every_case(page, job):
    """Each regime has its 3 x 3 table, and the cells are those that were counted."""
    for regime, tally in job.contrast.tallies.items():
        counts = tally.cross_table()
        assert counts.sum() == 670
        rows = " ".join(f"{verdict} {' '.join(f'{cell:,}' for cell in row)}" for verdict, row in
                        zip(("documented", "inconsistent", "insufficient"), counts.tolist(), strict=True))  # fmt: skip
        assert rows in page.text
        assert f"{regime}: " in page.text


def test_the_scores_are_those_of_the_card(page, job):
    """Every pack's row at unit cell has the sensitivity of the scorecard, and its false alarms."""
    table = job.card.table
    packs = table[(table["kind"] == "pack") & (table["unit"] == "cell") & (table["defect"] == "any")]
    assert len(packs) == len(job.packs)
    for row in packs.to_dict("records"):
        found = re.search(rf"{row['name']} cell ([\d.]+) ±[\d.]+ .*?", page.text)
        assert found[1] == f"{row['sensitivity']:.3f}"


def test_the_same_job_gives_the_same_page(job, html):
    """Nothing of time or order gets into the page."""
    assert report_html(job) == html


def test_a_scenario_s_own_words_cannot_become_mark_up():
    """Title and regime names with signs of mark-up come out as text, in the chart too."""
    words = "<script src=//x>&'\""
    text = SMALL.format(**PLAIN_SMALL).replace("Two forms and a card", f"'{words.replace(chr(39), chr(39) * 2)}'")
    job = main_job(parsed(text), n_cases=20)

    found = report_html(job)

    assert "<script" not in found
    assert words in Page(found).text


def test_a_scenario_without_packs_audit_or_other_regimes_has_a_page():
    """One regime, no packs, no ranges: the page says there is nothing to compare and keeps its choices."""
    scenario = load_scenario("reference")
    alone = scenario.model_copy(update={"regimes": {"optional": scenario.regimes["optional"]}, "ranges": {}})

    page = Page(report_html(main_job(alone, n_cases=20)))

    assert "One regime only: nothing to compare." in page.text
    assert "k knows the true value when entering 0.85 0.70 to 0.95 M: measured" in page.text
    assert "1. Regimes" in page.text
    assert "No built-in pack of rules knows the systems of this scenario" in page.text
    assert "2. Modeller's choices" in page.text
    assert "None of these numbers was measured in systems of yours. Grades: M measured" in page.text
    assert "audited cases" not in page.text
    assert "How good a rule is on your records" not in page.text


@pytest.mark.parametrize("name", ["ambulance-run", "shelter-intake"])
def test_sections_are_numbered_as_they_come(name, tmp_path, capsys):
    """Without an audit and without rules that fit, page and terminal count from 1, and there is no scorecard."""
    job = main_job(load_scenario(name), n_cases=50)

    page = Page(report_html(job))

    assert [word[:2] for word in page.words if re.match(r"\d\. [A-Z]", word)] == ["1.", "2.", "3."]
    write_results(job, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regimes.csv", "report.html"]
    print_job(job)
    said = capsys.readouterr().out
    assert "1. The same cases under each regime" in said
    assert "No built-in pack of rules knows" in said
    assert "scorecard" not in said


def test_defects_of_whole_records_are_counted_and_told_in_plain_words(page, job):
    """Duplicates and late entries stand below the cells' defects, as many as the answer key has, with a dash a pack."""
    labels = generate("oig-20-13", n_cases=670, seed=3).answer("labels")
    dashes = " ".join("-" * len(job.packs))

    for defect in ("duplicate_record", "late_entry"):
        planted = (labels["defect"] == defect).sum()
        assert planted > 0
        assert f"{defect} {PLAIN_DEFECTS[defect]} {planted} {dashes}" in page.text
    assert {row["defect"] for row in by_defect_rows(job)} == set(labels.loc[labels["class"] == "defect", "defect"])


def test_a_record_that_is_not_there_is_counted_among_the_defects(job):
    """Of the first ten blocks of seed 1 one case, number 495, has no casework record: the table has it, with dashes."""
    bundle = generate("oig-20-13", n_cases=670, seed=1)
    card, _ = score_packs(bundle, {name: fitting_packs(job.scenario)[name] for name in job.packs})

    rows = {row["defect"]: row for row in by_defect_rows(replace(job, card=card))}

    assert rows["off_system"]["planted"] == "1"
    assert set(rows["off_system"]["cells"]) == {"-"}


@pytest.mark.parametrize("seed", [5])
def test_a_regime_that_lost_its_only_record_has_a_page(seed):
    """One case whose record is never made under one regime: undefined is said, and no NaN is shown."""
    scenario = load_scenario("reference")
    job = main_job(scenario, n_cases=1, seed=seed, n_settings=10)

    html = report_html(job)

    assert job.contrast.tallies["all_25"].total("present") == 0
    assert "undefined: 0 of 0" in html
    assert "nan" not in re.sub("nane?[a-z]", "", html.lower()).replace("tenant", "")
    picture = re.search(r"<svg.*?</svg>", html, re.DOTALL)[0]
    assert ET.fromstring(picture) is not None  # noqa: S314  # made here
