"""What a scenario file says, as types: truth, systems, fields, narratives, operator and regimes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from synth.behaviour import known_parameters
from synth.spec_types import (
    NULL_LOOKALIKES,
    UNSAFE_STARTS,
    Condition,
    FieldSet,
    Label,
    Name,
    Part,
    Rate,
    Weight,
    Word,
    Words,
)
from synth.true_values import After, Calendar, Choice, Clock, Code, Late, Reference, Seat, Truth, Whole

__all__ = [
    "NULL_LOOKALIKES", "UNSAFE_STARTS", "After", "Calendar", "Choice", "Clock", "Code", "Condition", "Late", "Part",
    "Reference", "Seat", "Truth", "Whole",
]  # fmt: skip

VERDICTS = ("documented", "inconsistent", "insufficient")
USAGES = ("mandatory", "required", "recommended", "optional")
GROUPS = ("needed", "enforced", *USAGES)  # names that stand for all fields of a system that are so


class FieldSpec(Part):
    """One field of a record system.

    Attributes:
        truth: the true value it records (default: the one of its own name).
        needed: counts in the measures of completeness and correctness.
        enforced: the form as reported refuses a blank here.
        stamped: written by the system, never by a person: no gaps, no slips, no burden.
        material: its absence makes a case `insufficient`.
        applies: asked only where other fields of the record hold these values.
        gap: share of cells not filled voluntarily in the base regime (in a quota: of fields that are not material; in
            rate mode: default 1 - k v).
        blank_weight: how often this material item is what an insufficient case lacks, relative to the others.
        pick_list: a list without room for a placeholder (default: yes for choices).
        stable: what is copied from the previous case is usually still true.
        shown: no = the form has the field but nothing ever shows in it (a setting, not a rate).
        slip: share of typed entries that are wrong (default: the operator's).
        uninformative: the listed answer that says nothing ("other-see-notes"); its weight in the list is 0.
        received: the field of another system, as `system.field`, whose content a link brings here; nobody types it.
        lost: share of what should be received that gets lost on the way.
        usage: `mandatory` (a real value, no not-value), `required` (filled, a not-value will do), `recommended` or
            `optional` (may stay empty). It changes nothing by itself: a regime can name all fields of a usage.
        not_values: coded answers such as `unknown` that this field offers (default: the scenario's; `[]`: none; a
            field of mandatory usage never offers any).
        about: what a reader should know.
    """

    truth: str | None = None
    needed: bool = False
    enforced: bool = False
    stamped: bool = False
    material: bool = False
    applies: Condition = Field(default_factory=dict)
    gap: Rate = Decimal(0)
    blank_weight: Weight = Decimal(1)
    pick_list: bool | None = None
    stable: bool = False
    shown: bool = True
    slip: Rate | None = None
    uninformative: str | None = None
    received: str | None = None
    lost: Rate = Decimal(0)
    usage: Literal["mandatory", "required", "recommended", "optional"] | None = None
    not_values: Words | None = None
    about: str = ""

    def groups(self) -> frozenset[str]:
        """Return the names of groups this field belongs to: `needed`, `enforced` and its usage.

        Examples:
            >>> sorted(FieldSpec(needed=True, usage="required").groups())
            ['needed', 'required']
        """
        flags = {"needed": self.needed, "enforced": self.enforced}
        return frozenset([name for name, on in flags.items() if on] + ([self.usage] if self.usage else []))


class OffSystem(Part):
    """Cases without a record here, kept elsewhere: at a `rate`, or, in a quota, as one way of being insufficient.

    Attributes:
        when: only cases of which this is true.
        rate: share of these without a record (rate mode, or a system without material items and statements).
        blank_weight: in a quota, how often an insufficient case lacks this record rather than one item.
    """

    when: Condition = Field(default_factory=dict)
    rate: Rate = Decimal(0)
    blank_weight: Weight = Decimal(0)


class Swap(Part):
    """Two fields of a record that are taken for each other: the values stand in each other's place.

    Attributes:
        fields: the two fields, which hold the same kind of value.
        rate: share of records.
    """

    fields: tuple[str, str]
    rate: Rate

    @property
    def name(self) -> str:
        """What the swap is called: the names of both fields."""
        return "-".join(self.fields)


class Pattern(Part):
    """Fields that are left open together: a page not turned, a section skipped.

    Attributes:
        fields: the fields.
        rate: share of records.
    """

    fields: Annotated[list[str], Field(min_length=1)]
    rate: Rate


class SystemSpec(Part):
    """One record system.

    Attributes:
        title: what a reader calls it.
        prefix: of its record numbers, such as SYN-E.
        fields: its fields, in the order of the form.
        duplicates: share of records that are entered twice.
        truncated: share of narratives that are cut off.
        off_system: cases without a record here, kept elsewhere.
        swaps: pairs of fields whose values are taken for each other.
        patterns: groups of fields that are left open together, by name.
    """

    title: str
    prefix: Word
    fields: dict[Name, FieldSpec]
    duplicates: Rate = Decimal(0)
    truncated: Rate = Decimal(0)
    off_system: OffSystem | None = None
    swaps: list[Swap] = Field(default_factory=list)
    patterns: dict[Name, Pattern] = Field(default_factory=dict)

    def swap_of(self, field: str) -> Swap | None:
        """Return the swap a field is in; it can be in one."""
        return next((swap for swap in self.swaps if field in swap.fields), None)


OWN_VALUE = "value"


class Mechanism(Part):
    """How one process depends on what is true: odds for each level, compared with those of the other levels.

    Attributes:
        of: the process: `gap`, `slip`, `pattern`, `swapped`, a record's defect, a verdict of the quota, or what
            people do under a control: `known` (of gaps), `honest` (when forced), `exit`.
        fields: per system the fields (or patterns) it is about; `all` stands for all of a system; empty: everywhere.
        by: the true value it depends on, a choice or the office; `value`: the field's own.
        odds: level -> odds; levels not named have 1.
        kind: what is claimed of it (MAR, MNAR, EAR, ENAR); refused where it is another.
    """

    of: Literal[
        "gap", "slip", "pattern", "swapped", "narrative_truncated", "lost_in_transmission", "duplicate_record",
        "off_system", "late_entry", "insufficient", "inconsistent", "known", "honest", "exit",
    ]  # fmt: skip
    fields: dict[str, FieldSet] = Field(default_factory=dict)
    by: str
    odds: dict[str, Weight]
    kind: Literal["MAR", "MNAR", "EAR", "ENAR"] | None = None


FactKind = Literal["date", "time", "place", "count", "status", "role", "action", "outcome", "other"]


class SharedFact(Part):
    """A fact that two or more systems state, in fields and in narratives that name it.

    Attributes:
        kind: what it is about: date, time, place, count, status, role, action, outcome or other.
        fields: the fields that state it, one a system: {encounter: event_date}.
    """

    kind: FactKind = "other"
    fields: dict[str, str] = Field(default_factory=dict)


Sentence = list[str]
DATE_FORMATS = ("iso", "long", "month_first", "short")
CLOCK_FORMATS = ("clock_24", "hours", "clock_12")
WHOLE_FORMATS = ("digits", "words")


class NarrativeSpec(Part):
    """A system's narrative.

    Attributes:
        voice: who speaks, and how; for readers.
        formats: the usual form in which a fact is stated: {event_date: long}.
        sentences: per sentence its variants; {fact} stands for a fact, and every variant names the same facts in
            order.
    """

    voice: str
    formats: dict[str, str] = Field(default_factory=dict)
    sentences: list[Sentence]


class HardNegatives(Part):
    """How often a statement takes another than the system's usual form: legitimate differences, labelled as such.

    Attributes:
        date_format: share of stated days.
        clock_format: share of stated times that stay exact.
        paraphrase: share of stated choices and numbers.
        rounding: share of stated times told to the quarter of an hour.
        later_update: share of stated choices with `updates`.
    """

    date_format: Rate = Decimal(0)
    clock_format: Rate = Decimal(0)
    paraphrase: Rate = Decimal(0)
    rounding: Rate = Decimal(0)
    later_update: Rate = Decimal(0)


_USUAL = {name: usual for name, each in known_parameters().items() if (usual := each.usual) is not None}


class OperatorSpec(Part):
    """How people fill forms. Symbols as in docs/model.md; every value is a modeller's choice.

    What is left out is taken from `synth/behaviour.yaml`, where each parameter has its range and what anchors it.

    Attributes:
        k: share of values that the person knows.
        v: share of known values filled without being forced.
        u: share of unknown values filled without being forced; right with w.
        slips: share of typed entries that are wrong by accident.
        h0: share of known values told when forced, before any burden.
        h_icc: how far people differ in it: intraclass correlation of a beta distribution with mean h0.
        careless: share of people who never tell the truth when forced.
        drift: honesty lost to habit, in logits a year.
        q_placeholder: of evasions, the share that is a placeholder; the four shares sum to 1.
        q_wrong: of evasions, the share that is a wrong but valid value.
        q_copy: of evasions, the share copied from the previous case.
        q_uninformative: of evasions, the share that is a listed answer that says nothing, where the list has one.
        c: chance that what is copied is still true.
        c_stable: the same, of fields marked stable.
        w: chance that a value picked at random is right.
        x0: share of records not made as soon as anything is mandatory.
        divert: share of records kept elsewhere as soon as anything is mandatory.
        alpha: records lost to each mandatory field beyond m0.
        beta: honesty lost to each mandatory field beyond m0.
        m0: mandatory fields that people put up with.
        stay: share of records made under controls (default: it follows from x0, divert and alpha).
        defer: share of records put off as soon as anything is mandatory.
        defer_days: for how many days.
        forget: of what was known, the share forgotten with each of these days.
        nu: share that answers `unknown` when forced, of those who do not know.
        tau: share that answers `unknown` when forced, of those who know and do not tell.
        override: share of soft warnings that are overridden by those who know.
        override_unknown: the same, by those who do not know (default: the same share).
        z: share of triggers of mandatory branches that are falsified so that the branch does not open.
        respell: of refused placeholders, the share typed again in a spelling that no list has.
        misfit: of true values, the share without a fitting option, in a pick list that misfits.
        sigma: share of records that a link fills from another system, where it is switched on.
        voluntary_placeholder: share of gaps that hold a placeholder though nothing forced it.
        voluntary_uninformative: share of gaps that hold such an answer though nothing forced it.
        slip_copied: of slips, the share left over from the previous case.
        slip_typo: of slips, the share that is a typing error, in fields that are typed and not picked.
        further_blank: chance that a further material item of an insufficient case is blank too.
        novel_placeholder: of placeholders, the share that no list has.
        seconds_pick: seconds to pick an answer.
        seconds_typed: seconds to type an answer.
        seconds_narrative: seconds to write a narrative.
        seconds_evasion: seconds to enter a placeholder, a default, a copy or `unknown`.
    """

    k: Rate = _USUAL["k"]
    v: Rate = _USUAL["v"]
    u: Rate = _USUAL["u"]
    slips: Rate = _USUAL["slips"]
    h0: Rate = _USUAL["h0"]
    h_icc: Rate = _USUAL["h_icc"]
    careless: Rate = _USUAL["careless"]
    drift: Weight = _USUAL["drift"]
    q_placeholder: Rate = _USUAL["q_placeholder"]
    q_wrong: Rate = _USUAL["q_wrong"]
    q_copy: Rate = _USUAL["q_copy"]
    q_uninformative: Rate = _USUAL["q_uninformative"]
    c: Rate = _USUAL["c"]
    c_stable: Rate = _USUAL["c_stable"]
    w: Rate = _USUAL["w"]
    x0: Rate = _USUAL["x0"]
    divert: Rate = _USUAL["divert"]
    alpha: Weight = _USUAL["alpha"]
    beta: Weight = _USUAL["beta"]
    m0: Annotated[int, Field(ge=0, le=10_000)] = int(_USUAL["m0"])
    stay: Rate | None = None
    defer: Rate = _USUAL["defer"]
    defer_days: Annotated[int, Field(ge=0, le=365)] = int(_USUAL["defer_days"])
    forget: Rate = _USUAL["forget"]
    nu: Rate = _USUAL["nu"]
    tau: Rate = _USUAL["tau"]
    override: Rate = _USUAL["override"]
    override_unknown: Rate | None = None
    z: Rate = _USUAL["z"]
    respell: Rate = _USUAL["respell"]
    misfit: Rate = _USUAL["misfit"]
    sigma: Rate = _USUAL["sigma"]
    voluntary_placeholder: Rate = _USUAL["voluntary_placeholder"]
    voluntary_uninformative: Rate = _USUAL["voluntary_uninformative"]
    slip_copied: Rate = _USUAL["slip_copied"]
    slip_typo: Rate = _USUAL["slip_typo"]
    further_blank: Rate = _USUAL["further_blank"]
    novel_placeholder: Rate = _USUAL["novel_placeholder"]
    seconds_pick: Weight = _USUAL["seconds_pick"]
    seconds_typed: Weight = _USUAL["seconds_typed"]
    seconds_narrative: Weight = _USUAL["seconds_narrative"]
    seconds_evasion: Weight = _USUAL["seconds_evasion"]


class RegimeSpec(Part):
    """A named set of controls. Fields are named singly or by group: needed, enforced, or a usage.

    Attributes:
        about: what it enforces, in plain words.
        mandatory: the fields each form refuses to leave blank, where it asks for them.
        conditional_mandatory: fields the form refuses to leave blank only where other fields of the record hold these
            values: {casework: {reason: {case_state: closed}}}.
        soft_warning: the fields each form asks for once more.
        allow_not_value: whether `unknown` and the other not-values are accepted as answers: yes, no, or the fields.
        pick_list: fields that become lists to pick from, and whether every true value has a fitting option:
            {encounter: {facility_code: fits}} or misfits.
        reject_placeholders: fields in which the form refuses the placeholders that are on its list.
        synchronise: fields that a link fills from another system: {casework: {custody_status:
            encounter.custody_status}}.
        operator: parameters of the operator that are different under this regime.
    """

    about: str = ""
    mandatory: dict[str, FieldSet] = Field(default_factory=dict)
    conditional_mandatory: dict[str, dict[str, Condition]] = Field(default_factory=dict)
    soft_warning: dict[str, FieldSet] = Field(default_factory=dict)
    allow_not_value: bool | dict[str, FieldSet] = False
    pick_list: dict[str, dict[str, Literal["fits", "misfits"]]] = Field(default_factory=dict)
    reject_placeholders: dict[str, FieldSet] = Field(default_factory=dict)
    synchronise: dict[str, dict[str, str]] = Field(default_factory=dict)
    operator: dict[str, Decimal] = Field(default_factory=dict)


class AuditSpec(Part):
    """The audit a scenario replays.

    Attributes:
        source: who reported it.
        sampling: how its cases came about.
        cases: how many cases were reviewed.
        documented: cases found documented.
        inconsistent: cases found inconsistent across systems.
        insufficient: cases found insufficient.
    """

    source: str
    sampling: str
    cases: Annotated[int, Field(ge=1)]
    documented: Annotated[int, Field(ge=0)]
    inconsistent: Annotated[int, Field(ge=0)]
    insufficient: Annotated[int, Field(ge=0)]


class Scenario(Part):
    """A whole scenario as its file says it; `load_scenario` also checks that its parts fit together.

    Attributes:
        scenario: its name: letters, digits, - and _.
        title: one line about it.
        about: what a reader should know.
        mode: quota: verdict counts hold exactly; rate: verdicts follow from the rates.
        base_regime: the regime that the rates and counts describe.
        verdicts: in quota mode, cases per verdict in a block; they sum to 1 to 1,000.
        audit: the audit whose counts these are.
        start: the first day of the calendar, YYYY-MM-DD.
        days: the days of the calendar, 300 to 366.
        truth: every true value by name; others may build on those above.
        systems: the record systems, each with its fields.
        links: fields of two or more systems that hold the same reference: {case: {encounter: case_no, casework:
            case_no}}.
        shared_facts: facts that two or more systems state; different values make a case inconsistent.
        narratives: by system, how its narrative reads.
        hard_negatives: how often a statement takes an unusual form.
        mechanisms: what gaps, slips and other defects, and the verdicts of a quota, depend on.
        placeholders: by kind (choice, code, reference, date, time, whole, narrative), texts that fill a field
            without saying anything.
        novel_placeholders: the same, of which no list tells; rules do not know them.
        not_values: coded answers such as unknown, which a field may replace by its own.
        operator: how people fill forms.
        ranges: the range of a parameter of the operator, where it is not that of behaviour.yaml: {k: [0.70, 0.95]}.
        regimes: named sets of controls.
        sources: where the figures come from.
        digest: worked out, never written: SHA-256 of the content.
    """

    scenario: Label
    title: str
    about: str
    mode: Literal["quota", "rate"]
    base_regime: str
    verdicts: dict[Literal["documented", "inconsistent", "insufficient"], Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict
    )
    audit: AuditSpec | None = None
    start: date
    days: Annotated[int, Field(ge=300, le=366)] = 365
    truth: dict[Name, Truth]
    systems: dict[Name, SystemSpec]
    links: dict[str, dict[str, str]] = Field(default_factory=dict)
    shared_facts: dict[str, SharedFact] = Field(default_factory=dict)
    narratives: dict[str, NarrativeSpec] = Field(default_factory=dict)
    hard_negatives: HardNegatives = HardNegatives()
    mechanisms: list[Mechanism] = Field(default_factory=list)
    placeholders: dict[str, list[str]] = Field(default_factory=dict)
    novel_placeholders: dict[str, list[str]] = Field(default_factory=dict)
    not_values: Words = Field(default_factory=list)
    operator: OperatorSpec
    ranges: dict[str, tuple[Decimal, Decimal]] = Field(default_factory=dict)
    regimes: dict[Label, RegimeSpec]
    sources: list[str] = Field(default_factory=list)
    digest: str = ""

    def range_of(self, parameter: str) -> tuple[Decimal, Decimal] | None:
        """Return low and high of a parameter of the operator: the scenario's own, or those of `behaviour.yaml`.

        None where the behaviour is switched off. The value that the scenario gives always lies within.
        """
        if parameter in self.ranges:
            return self.ranges[parameter]
        value, known = getattr(self.operator, parameter), known_parameters().get(parameter)
        if known is None or value is None or value == known.off:
            return None
        return min(known.low, Decimal(value)), max(known.high, Decimal(value))

    def not_values_of(self, system: str, field: str) -> tuple[str, ...]:
        """Return the not-values a field offers: its own, or those of the scenario.

        None where nobody answers (a stamped field), nothing is coded (running text), or its usage is mandatory.

        Args:
            system: a system of the scenario.
            field: a field of that system.
        """
        spec = self.systems[system].fields[field]
        if spec.stamped or spec.usage == "mandatory" or not self.truth_of(system, field):
            return ()
        return tuple(self.not_values if spec.not_values is None else spec.not_values)

    def truth_of(self, system: str, field: str) -> str:
        """Return the name of the true value a field records ('' for a narrative or a field that never shows)."""
        spec = self.systems[system].fields[field]
        if field == "narrative" or not spec.shown:
            return ""
        if spec.received:
            owner, name = self.source_of(spec)
            known = owner in self.systems and name in self.systems[owner].fields
            return self.truth_of(owner, name) if known and not self.systems[owner].fields[name].received else ""
        return spec.truth or field

    @staticmethod
    def source_of(spec: FieldSpec) -> tuple[str, str]:
        """Return the system and the field that a received field comes from; empty where it is not received."""
        owner, _, name = (spec.received or "").partition(".")
        return owner, name


def slots(sentence: str) -> list[str]:
    """Return the facts a sentence names, in order.

    Examples:
        >>> slots("On {encounter_date} at {encounter_time} the file was opened.")
        ['encounter_date', 'encounter_time']
    """
    return [piece.split("}", 1)[0] for piece in sentence.split("{")[1:]]


def stating_systems(scenario: Scenario, fact: str) -> list[str]:
    """Return the systems whose narrative states a fact."""
    return [
        system
        for system, narrative in scenario.narratives.items()
        if any(fact in slots(variants[0]) for variants in narrative.sentences if variants)
    ]


def formats_of(truth: object) -> tuple[str, ...]:
    """Return the forms in which a narrative can state a true value."""
    if isinstance(truth, Calendar | After):
        return DATE_FORMATS
    if isinstance(truth, Clock):
        return CLOCK_FORMATS
    if isinstance(truth, Whole):
        return WHOLE_FORMATS
    if isinstance(truth, Choice):
        fewest = min((len(truth.surfaces.get(value, [value])) for value in truth.values), default=0)
        return tuple(f"wording_{number + 1}" for number in range(fewest))
    return ()
