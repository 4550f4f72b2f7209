"""Host columns, spellings and planting for the test of placeholder discovery.

Two halves that share neither a table nor a spelling: DEVELOP, on which checks/discovery_evidence.py was set, and HELD,
which is only scored.
"""

import csv
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from checks.tables import read_csv
from synth import generate

DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SEEDS = "rules/dbt/dbt-synthea/seeds"
TYPES = ("number", "date", "time", "code", "category", "text")
N_CASES = 1500

# table -> type -> columns that take placeholders; the other columns of the table stand beside them unchanged
DEVELOP_HOSTS = {
    "pairs/raha-beers/clean.csv": {
        "number": ["ounces", "abv", "ibu"],
        "code": ["id", "brewery_id"],
        "category": ["style", "state"],
        "text": ["beer-name", "brewery-name", "city"],
    },
    f"{SEEDS}/encounters.csv": {
        "number": ["TOTAL_CLAIM_COST", "PAYER_COVERAGE"],
        "date": ["START", "STOP"],
        "code": ["Id", "PATIENT", "CODE"],
        "category": ["ENCOUNTERCLASS", "DESCRIPTION"],
    },
    f"{SEEDS}/procedures.csv": {
        "number": ["BASE_COST"],
        "date": ["START"],
        "code": ["ENCOUNTER"],
        "text": ["DESCRIPTION"],
    },
    "oig-20-13/inquiry": {
        "date": ["request_date"],
        "code": ["subject_ref", "researcher_code"],
        "category": ["answer", "recommendation"],
        "text": ["narrative"],
    },
    "oig-20-13/encounter": {
        "date": ["encounter_date", "hold_request_date", "next_court_date"],
        "time": ["encounter_time"],
        "code": ["case_no", "office_code", "facility_code", "supervisor_code"],
        "category": ["age_band", "custody_status", "offence_category", "charge_stage", "priority_level", "hold_basis"],
        "text": ["narrative"],
    },
    "oig-20-13/casework": {
        "date": ["opened_date", "closed_date"],
        "code": ["case_no"],
        "category": ["disposition", "hold_outcome", "court_tracking"],
        "text": ["narrative"],
    },
}
HELD_HOSTS = {
    "pairs/raha-hospital/clean.csv": {
        "number": ["PhoneNumber"],
        "code": ["ProviderNumber", "ZipCode", "MeasureCode", "Stateavg"],
        "category": ["State", "HospitalOwner", "EmergencyService", "Condition", "Score"],
        "text": ["HospitalName", "Address1", "City", "CountyName", "MeasureName"],
    },
    f"{SEEDS}/conditions.csv": {
        "date": ["START", "STOP"],
        "code": ["PATIENT", "ENCOUNTER", "CODE"],
        "text": ["DESCRIPTION"],
    },
    f"{SEEDS}/providers.csv": {
        "number": ["LAT", "LON", "UTILIZATION"],
        "code": ["Id", "ZIP"],
        "category": ["GENDER", "SPECIALITY", "STATE"],
        "text": ["NAME", "ADDRESS", "CITY"],
    },
    "rules/tdda/elements118.csv": {
        "number": ["AtomicWeight", "MeltingPointKelvin", "BoilingPointC", "Density"],
        "category": ["Period", "ChemicalSeries"],
        "text": ["Name", "Symbol", "Etymology"],
    },
    "standards/omop/OMOP_CDMv5.4_Field_Level.csv": {
        "code": ["cdmFieldName"],
        "category": ["cdmTableName", "isRequired", "cdmDatatype"],
        "text": ["userGuidance", "etlConventions"],
    },
    "standards/nemsis/Combined_ElementDetails.txt": {
        "number": ["maxLength"],
        "code": ["ElementNumber", "V2Number", "DataType"],
        "category": ["DatasetName", "Usage"],
        "text": ["ElementName"],
    },
    "shelter-intake/intake": {
        "number": ["household_size", "documents_seen"],
        "date": ["entry_date"],
        "time": ["entry_time"],
        "code": ["stay_no", "site_code"],
        "category": ["prior_place", "prior_length", "income_source"],
        "text": ["narrative"],
    },
    "shelter-intake/stay": {
        "date": ["plan_date", "planned_exit_date"],
        "code": ["subject_ref"],
        "category": ["bed_type"],
        "text": ["narrative"],
    },
    "ambulance-run/dispatch": {"time": ["call_time"], "date": ["call_date"], "category": ["call_category"]},
    "ambulance-run/run": {
        "number": ["response_minutes", "time_on_scene"],
        "category": ["scene_type", "age_band", "first_impression"],
        "code": ["destination_code"],
        "text": ["narrative"],
    },
}

DEVELOP_SPELLINGS = {
    "any": ["N/A", "UNK", "?", "none", "xx", "TBD", "---", "not known", "(blank)", "n.k.", "void"],
    "number": ["999", "-1", "99999", "-999"],
    "date": ["1900-01-01", "9999-12-31", "0000-00-00", "2011-11-11"],
    "time": ["99:99", "00:00", "--:--"],
    "code": ["to follow", "0", "9999", "X"],
    "category": [],
    "text": ["see file", "as above", "asdf", ".", "dummy"],
}
HELD_SPELLINGS = {
    "any": ["NA", "--", "??", "nil", "missing", "*", "n.a.", "XXX", "null", "not stated", "#", "zzz", "/", "empty?"],
    "number": ["-9", "8888", "888", "-99", "77777"],
    "date": ["1800-01-01", "9999-99-99", "1970-01-01", "2222-02-02", "00/00/0000"],
    "time": ["88:88", "23:59", "00:00:00", "::"],
    "code": ["000", "pending", "ZZ", "tba"],
    "category": [],
    "text": ["qwerty", "same as before", "test", "refer to notes", "_", "..."],
}


@cache
def host(name):
    """One table without placeholders of ours: every value as it was published or would have been right."""
    if name.endswith(".txt"):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="|", quotechar="'"))
        header = [column for column in rows[0] if column]
        frame = pd.DataFrame([row[: len(header)] for row in rows[1:]], columns=header, dtype="str")
        return frame.replace("", None)
    if name.endswith(".csv"):
        return read_csv(DATA / name)
    scenario, system = name.split("/")
    made = repaired(scenario)
    labels = made.answer("labels")
    twice = labels[labels.defect == "duplicate_record"].record_id  # a copy's own defects have no label
    frame = made.frames()[system].astype("str")
    frame = frame[~frame["record_id"].isin(twice)].reset_index(drop=True)
    labels = labels[
        (labels["class"] == "defect") & (labels.system == system) & labels.field.notna() & labels.fact.isna()
    ]
    place = pd.Series(np.arange(len(frame)), index=frame["record_id"])
    for field, wrong in labels[labels.record_id.isin(place.index)].groupby("field", observed=True):
        if field in frame:
            frame.iloc[place[wrong.record_id].to_numpy(), frame.columns.get_loc(field)] = wrong.expected.to_numpy()
    return frame


@cache
def repaired(scenario):
    """The cases that `host` repairs, with their answers."""
    return generate(scenario, n_cases=N_CASES, seed=7)


@dataclass(frozen=True)
class Planted:
    """A table with placeholders: column -> (type, spelling -> rows)."""

    name: str
    frame: pd.DataFrame
    cells: dict


def plant(name, types, spellings, rate, seed):
    """Replace a share of each column's values by spellings of one pool per column, at random rows."""
    draw = np.random.default_rng([seed, *name.encode()])
    frame = host(name).copy()
    cells = {}
    for kind, columns in types.items():
        for column in columns:
            filled = np.flatnonzero(frame[column].notna().to_numpy())
            there = set(frame[column].dropna())
            typed = [s for s in spellings[kind] if s not in there]
            anyone = [s for s in spellings["any"] if s not in there]
            n_typed = 1 if typed else 0
            pool = [*draw.choice(typed, n_typed, replace=False), *draw.choice(anyone, 3 - n_typed, replace=False)]
            rows = draw.choice(filled, max(1, round(rate * len(filled))), replace=False)
            which = draw.integers(0, len(pool), len(rows))
            frame[column] = frame[column].astype("str")
            frame.iloc[rows, frame.columns.get_loc(column)] = np.array(pool, dtype=object)[which]
            held = {str(s): rows[which == i] for i, s in enumerate(pool) if (which == i).any()}
            cells[column] = (kind, held)
    return Planted(name, frame, cells)


def hosts_of(which):
    """Tables of a half that are there."""
    hosts = {"develop": DEVELOP_HOSTS, "held": HELD_HOSTS}[which]
    return {name: types for name, types in hosts.items() if "." not in name or (DATA / name).exists()}
