"""The text of a scenario whose fields came from a list: YAML to read, change and load, with its choices marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from synth.field_plan import DAY_OF_CASE, DEFAULT_BLANK, FEWEST_MATERIAL, LAST_DAY, STATED_KINDS, Cell, Draft, prefix_of
from synth.listed_fields import own_name
from synth.spec import VERDICTS

REVIEW = "review"
INTAKE = "intake"
CHOICE = "modeller's choice"
MOST_SHARED = 3  # facts that the review states
PLACES = Decimal("0.0001")
PLAIN_TEXT = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./%+-]*( [A-Za-z0-9_./%+-]+)*")
PLACEHOLDERS = {
    "choice": ("N/A", "-"), "code": ("N/A", "UNK", "999"), "reference": ("N/A", "999"), "date": ("1900-01-01",),
    "time": ("99:99",), "whole": ("9999",),
}  # fmt: skip

# How people fill forms, as in the scenarios that come with the package; k and v follow from the blanks.
OPERATOR = {
    "slips": "0.01", "h0": "0.55", "q_placeholder": "0.40", "q_wrong": "0.35", "q_copy": "0.25", "c": "0.40",
    "c_stable": "0.90", "w": "0.25", "x0": "0", "alpha": "0.0035", "beta": "0.03", "m0": "10", "nu": "0.70",
    "tau": "0.30",
}  # fmt: skip
RANGES = {
    "slips": "[0.003, 0.066]", "h0": "[0.2, 0.9]", "q_placeholder": "[0.20, 0.70]", "q_wrong": "[0.20, 0.50]",
    "q_copy": "[0.10, 0.50]", "c": "[0.30, 0.95]", "w": "[0.05, 0.50]", "x0": "[0, 0.10]", "alpha": "[0.0002, 0.02]",
    "beta": "[0.01, 0.30]", "nu": "[0.30, 0.95]", "tau": "[0.10, 0.60]",
}  # fmt: skip
KNOWN = {"low": Decimal("0.41"), "central": Decimal("0.63"), "high": Decimal("0.85")}  # of gaps: the truth is known


@dataclass(frozen=True)
class Review:
    """What a quota with inconsistent cases adds: a second account of some facts, and the key that ties it to the first.

    Attributes:
        facts: the fields whose facts the review states.
        system: the system that holds them.
        key: the field of that system that ties the two; its name in both.
        truth: the true value of the key.
        new_key: whether the key was added to the system.
        intake: whether the system is one of our own, because no field of the list can be stated.
    """

    facts: tuple[Cell, ...]
    system: str
    key: str
    truth: str
    new_key: bool
    intake: bool


def scenario_lines(draft: Draft, *, name: str, about: str, audit: Sequence[int] | None, notes: Sequence[str]) -> str:
    """Return the text of a scenario.

    Args:
        draft: its fields.
        name: of the scenario.
        about: what it was made from.
        audit: documented, inconsistent, insufficient: a quota. None: rates.
        notes: what a reader should know, for the head of the file.
    """
    if audit is not None:
        _put_quota_in(draft, audit)
    review = _review_of(draft) if audit is not None and audit[1] else None
    lines = [
        *(f"# {shown_long(note)}" for note in notes),
        f"scenario: {name}",
        f"title: {scalar(f'Field list {name}')}",
        "about: >-",
        f"  {about} Every value in its records is invented.",
        f"mode: {'rate' if audit is None else 'quota'}",
        "base_regime: as_reported",
        *(_audit_lines(audit) if audit is not None else ()),
        "start: 2031-01-01",
        "",
        "truth:",
        *_truth_lines(draft, review),
        "",
        "systems:",
        *_system_lines(draft, review, quota=audit is not None),
        *_tie_lines(draft, review),
        "",
        *_people_lines(draft, review),
    ]
    return "\n".join(lines) + "\n"


def shown_long(text: str) -> str:
    """Return a note as one line of plain ASCII."""
    return " ".join(text.encode("ascii", "replace").decode().split())


def scalar(text: str) -> str:
    """Return a text as YAML, in quotes where it needs them.

    Examples:
        >>> scalar("in custody"), scalar("a: b"), scalar("08:00")
        ('in custody', '"a: b"', '"08:00"')
    """
    return text if PLAIN_TEXT.fullmatch(text) else json.dumps(text)


def flow(entries: Mapping[str, str]) -> str:
    """Return a mapping on one line; its values are YAML already."""
    return "{" + ", ".join(f"{scalar(key)}: {value}" for key, value in entries.items()) + "}"


def flow_list(texts: Sequence[str]) -> str:
    """Return a list of texts on one line."""
    return "[" + ", ".join(map(scalar, texts)) + "]"


def decimal_text(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end.

    Examples:
        >>> decimal_text(Decimal("0.0500")), decimal_text(Decimal("1E+1"))
        ('0.05', '10')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# -------------------------------------------------------------------------------------------------------------- quota


def _put_quota_in(draft: Draft, audit: Sequence[int]) -> None:
    """Say what an insufficient case lacks: the required items, or the first fields; their blanks become weights."""
    cells = [cell for cell in draft.cells() if not cell.stamped and not cell.applies]
    material = [cell for cell in cells if cell.material] or cells[:FEWEST_MATERIAL]
    for cell in draft.cells():
        cell.material = bool(audit[2]) and cell in material
    given = [cell.listed.blank for cell in material if cell.listed.blank]
    usual = round(sum(given, Decimal(0)) / len(given), 2) if given else Decimal(1)
    for cell in material if audit[2] else ():
        cell.weight = cell.listed.blank if given and cell.listed.blank is not None else usual
        cell.gap = Decimal(0)
        cell.remarks = [remark for remark in cell.remarks if not remark.startswith("gap:")]
        if draft.none_required:
            cell.remarks.append(f"material: {CHOICE}, as nothing is required")


def _review_of(draft: Draft) -> Review:
    """Decide what the review states: facts that one form shows in every case, or the day, held by an intake."""
    for system, cells in draft.systems.items():
        possible = [cell for cell in cells if _can_be_stated(cell)]
        facts = ([cell for cell in possible if cell.material] or possible)[:MOST_SHARED]
        if facts:
            for cell in facts:
                if not cell.material and cell.gap:
                    cell.gap = Decimal(0)
                    cell.remarks = [remark for remark in cell.remarks if not remark.startswith("gap:")]
                    cell.remarks.append(f"gap 0, so that the review can contradict it: {CHOICE}")
            keys = [cell for cell in cells if cell.kind == "reference" and not cell.applies]
            key = next((cell for cell in keys if cell.stamped), None)
            if key is not None:
                return Review(tuple(facts), system, key.name, key.truth, new_key=False, intake=False)
            names = {cell.name for cell in draft.cells()} | {cell.truth for cell in draft.cells()}
            new = own_name("file_no", names)
            return Review(tuple(facts), system, new, new, new_key=True, intake=False)
    new = own_name("file_no", {cell.truth for cell in draft.cells()})
    return Review((), own_name(INTAKE, draft.systems), new, new, new_key=True, intake=True)


def _can_be_stated(cell: Cell) -> bool:
    """Whether a narrative can state a field's fact and the field shows it in every case that is not insufficient."""
    stated = cell.kind in STATED_KINDS and not cell.applies and not cell.never
    return stated and not cell.shares and (cell.material or not cell.listed.blank) and not cell.listed.placeholder


def _audit_lines(audit: Sequence[int]) -> Iterator[str]:
    counts = dict(zip(VERDICTS, map(str, audit), strict=True))
    yield f"verdicts: {flow(counts)}"
    yield "audit:"
    yield "  source: counts given by the user"
    yield "  sampling: not stated"
    yield f"  cases: {sum(audit)}"
    yield from (f"  {verdict}: {count}" for verdict, count in counts.items())


# -------------------------------------------------------------------------------------------------- truth and systems


def _truth_lines(draft: Draft, review: Review | None) -> Iterator[str]:
    if any(cell.kind == "date" for cell in draft.cells()) or (review is not None and review.intake):
        yield f"  {DAY_OF_CASE}: {{kind: calendar}}"
    for cell in draft.cells():
        if not cell.shares:
            yield f"  {cell.truth}: {_truth_of(cell)}"
    if review is not None and review.new_key:
        yield f"  {review.truth}: {{kind: reference, prefix: SYN-FILE}}"


def _truth_of(cell: Cell) -> str:
    if cell.kind == "choice":
        weights = {value: "0" if value in cell.never else "1" for value in cell.values}
        return flow({"kind": "choice", "values": flow(weights)})
    if cell.kind == "date":
        return flow({"kind": "after", "of": DAY_OF_CASE, "days": f"[0, {LAST_DAY}]"})
    if cell.kind == "time":
        return flow({"kind": "time"})
    if cell.kind == "whole":
        return flow({"kind": "whole", "first": str(cell.bounds[0]), "last": str(cell.bounds[1])})
    if cell.kind == "reference":
        return flow({"kind": "reference", "prefix": f"SYN-{prefix_of(cell.name)}"})
    return flow({"kind": "code", "prefix": prefix_of(cell.name), "count": str(cell.count)})


def _system_lines(draft: Draft, review: Review | None, *, quota: bool) -> Iterator[str]:
    prefixes: set[str] = set()
    for system, cells in draft.systems.items():
        yield from _form_lines(system, system.replace("_", " ").capitalize(), prefixes)
        if review is not None and review.system == system and review.new_key:
            yield f"      {review.key}: {{stamped: yes}}  # added: ties the review to this record"
        for cell in cells:
            remarks = [*([f"nearest kind: {cell.nearest}"] if cell.nearest else []), *cell.remarks]
            comment = f"  # {shown_long('; '.join(remarks))}" if remarks else ""
            yield f"      {cell.name}: {flow(_field_of(cell, quota=quota))}{comment}"
    if review is None:
        return
    if review.intake:
        title = "Intake (added: no listed field can be stated in a narrative)"
        yield from _form_lines(review.system, title, prefixes)
        yield f"      {review.key}: {{stamped: yes}}"
        yield f"      {DAY_OF_CASE}: {{needed: yes}}"
    title = "Review (added: a second account, which can contradict)"
    yield from _form_lines(own_name(REVIEW, draft.systems), title, prefixes)
    yield f"      {review.key}: {{{f'truth: {review.truth}, ' if review.key != review.truth else ''}stamped: yes}}"
    yield "      narrative: {}"


def _form_lines(system: str, title: str, prefixes: set[str]) -> Iterator[str]:
    prefix = own_name(prefix_of(system), prefixes)
    prefixes.add(prefix)
    yield f"  {system}:"
    yield f"    title: {scalar(title)}"
    yield f"    prefix: SYN-{prefix.replace('_', '').upper()}"
    yield "    fields:"


def _field_of(cell: Cell, *, quota: bool) -> dict[str, str]:
    """Return what the scenario says of a field, as YAML."""
    said: dict[str, str] = {}
    if cell.truth != cell.name:
        said["truth"] = cell.truth
    said |= {"needed": "yes"} if cell.needed else {}
    said |= {"usage": cell.listed.usage} if cell.listed.usage else {}
    said |= {"stamped": "yes"} if cell.stamped else {}
    said |= {"material": "yes"} if cell.material else {}
    if cell.material and quota:
        said |= {"blank_weight": decimal_text(cell.weight)} if cell.weight != 1 else {}
    elif not cell.stamped:
        said["gap"] = decimal_text(cell.gap)
    if cell.applies:
        said["applies"] = flow({name: flow_list(values) for name, values in cell.applies.items()})
    if cell.pick_list is not None:
        said["pick_list"] = "yes" if cell.pick_list else "no"
    if cell.silent and not cell.stamped and cell.listed.usage != "mandatory":
        said["not_values"] = flow_list(cell.silent)
    return said


def _tie_lines(draft: Draft, review: Review | None) -> Iterator[str]:
    """Links, shared facts and the review's narrative."""
    links = {name: dict(ends) for name, ends in draft.links.items()}
    second = own_name(REVIEW, draft.systems)
    if review is not None:
        links.setdefault(review.truth, {review.system: review.key})[second] = review.key
    if links:
        yield ""
        yield "links:"
        for name, ends in links.items():
            yield f"  {name}: {flow({system: scalar(field) for system, field in ends.items()})}"
    if review is None:
        return
    facts = {DAY_OF_CASE: (DAY_OF_CASE, "day of the case")} if review.intake else {
        cell.truth: (cell.name, cell.title) for cell in review.facts
    }  # fmt: skip
    yield ""
    yield "shared_facts:"
    for truth, (field, _) in facts.items():
        yield f"  {truth}: {{fields: {{{review.system}: {field}}}}}"
    yield ""
    yield "narratives:"
    yield f"  {second}:"
    yield "    voice: formal summary"
    yield "    sentences:"
    for truth, (_, title) in facts.items():
        variants = [f"The file gives {title} as {{{truth}}}.", f"On review, {title} reads {{{truth}}}."]
        yield f"      - {json.dumps(variants)}"
    yield '      - ["The review is complete.", "No further remarks."]'


# ------------------------------------------------------------------------------------------------- people and regimes


def _people_lines(draft: Draft, review: Review | None) -> Iterator[str]:
    values = {value for cell in draft.cells() for value in cell.values}
    yield f"placeholders:  # {CHOICE}"
    for kind, texts in PLACEHOLDERS.items():
        free = [text for text in texts if text not in values]
        if free:
            yield f"  {kind}: {flow_list(free)}"
    if review is not None:
        yield '  narrative: ["N/A", "See file."]'
    yield f"not_values: [unknown]  # {CHOICE}"
    yield ""
    yield f"# How people fill forms: every value is a {CHOICE}; k and v give the average gap."
    yield "operator:"
    parameters, ranges = _knowing(draft)
    for name, value in {**parameters, **OPERATOR}.items():
        yield f"  {name}: {value}"
    if draft.placeholder_share is not None:
        yield f"  voluntary_placeholder: {decimal_text(draft.placeholder_share)}  # given: of what is not truly filled"
    yield "ranges:"
    for name, value in {**ranges, **RANGES}.items():
        yield f"  {name}: {value}"
    yield ""
    yield "regimes:"
    yield f"  as_reported: {{about: no form refuses a blank ({CHOICE}; a field list does not say what a form refuses)}}"
    insisting = [system for system, cells in draft.systems.items() if any(c.needed and not c.stamped for c in cells)]
    named = flow(dict.fromkeys(insisting, "needed"))
    what = "every field" if draft.none_required else "every required field"
    yield "  required_enforced:"
    yield f"    about: forms refuse a blank in {what}, and there is no way to say that it is unknown"
    yield f"    mandatory: {named}"
    yield "  required_unknown_allowed:"
    yield f"    about: forms refuse a blank in {what}, and unknown is an answer; fewer then tell (h0 .50)"
    yield f"    mandatory: {named}"
    yield "    allow_not_value: yes"
    yield "    operator: {h0: 0.50}   # modeller's choice: where unknown will do, fewer tell what they know"


def _knowing(draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """Return k and v, with ranges: 1 - k v is the mean gap G, and k (1 - v) / G, what is known of gaps, is as usual.

    From both, k = 1 - (1 - known) G and v = (1 - G) / k; with k held, v = (k - known) / (k (1 - known)).
    """
    gaps = [cell.gap for cell in draft.cells() if not cell.stamped and not cell.material]
    mean = min(
        max(sum(gaps, Decimal(0)) / len(gaps) if gaps else DEFAULT_BLANK / 100, Decimal("0.01")), Decimal("0.99")
    )
    k = {share: 1 - (1 - known) * mean for share, known in KNOWN.items()}
    central = k["central"].quantize(PLACES)
    v = ((1 - mean) / central).quantize(PLACES)
    by_share = {share: max((central - known) / (central * (1 - known)), Decimal(0)) for share, known in KNOWN.items()}
    v_low = min(by_share["high"].quantize(PLACES, ROUND_FLOOR), v)
    v_high = max(by_share["low"].quantize(PLACES, ROUND_CEILING), v)
    k_low, k_high = k["low"].quantize(PLACES, ROUND_FLOOR), k["high"].quantize(PLACES, ROUND_CEILING)
    return {"k": str(central), "v": str(v)}, {"k": f"[{k_low}, {k_high}]", "v": f"[{v_low}, {v_high}]"}
