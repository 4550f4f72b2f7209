"""Code of the team: how long after an encounter its record was entered."""

import pandas as pd


def days_late(encounters: pd.DataFrame) -> pd.Series:
    """Return the days from encounter to entry, one a record; null where a day is missing or is no day."""
    held, entered = (
        pd.to_datetime(encounters[name].astype("str"), format="%Y-%m-%d", errors="coerce")
        for name in ("encounter_date", "entered_date")
    )
    return (entered - held).dt.days
