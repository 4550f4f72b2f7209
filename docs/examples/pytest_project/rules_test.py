"""What the team asks of its rules and of its code."""

import pandas as pd
import pytest
from timeliness import days_late

TIME = "encounter.encounter_time"


def test_every_blank_time_is_found(casegauge):
    casegauge.assert_rule_finds("rules.yaml", "missing", field=TIME)


@pytest.mark.casegauge("oig-20-13", 2000, regime="all_25")
def test_what_people_type_into_a_mandatory_field_is_found(casegauge):
    found = casegauge.assert_rule_finds("rules.yaml", "disguised_missing", at_least=0.95, field=TIME)

    assert found.n_planted > 10
    assert found.n_false_alarms == 0


def test_a_function_is_a_rule_as_well(casegauge):
    def times_are_times(frame):
        return pd.to_datetime(frame["encounter_time"].astype("str"), format="%H:%M", errors="coerce").notna()

    casegauge.assert_rule_finds(times_are_times, "disguised_missing", at_least=0.95, field=TIME)


@pytest.mark.parametrize("scenario", ["oig-20-13"])
def test_late_records_are_counted_late(casegauge, scenario):
    cases = casegauge(scenario, 670)
    encounters = cases.frames()["encounter"].assign(late=days_late)
    labels = cases.answer("labels").query("defect == 'late_entry' and system == 'encounter'")

    late = encounters.loc[encounters["record_id"].isin(labels["record_id"]), "late"]

    assert len(late) == len(labels) > 0
    assert (late.dropna() > 2).all()
