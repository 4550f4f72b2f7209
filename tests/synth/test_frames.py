"""Frames of a bundle are the caller's own: every cell of every table can be written to, and nobody else sees it."""

import pytest

from synth import generate, scenario_names


def texts(frames):
    return {name: frame.astype("object").where(frame.notna(), None).to_dict("list") for name, frame in frames.items()}


@pytest.mark.parametrize("scenario", scenario_names())
@pytest.mark.parametrize("read", ["frames", "answers"])
def test_what_is_written_into_frames_stays_there(scenario, read):
    bundle = generate(scenario, n_cases=67)

    def frames():
        if read == "frames":
            return bundle.frames()
        return {name: bundle.answer(name) for name in bundle.answers}

    before, mine = texts(frames()), frames()
    for frame in mine.values():
        if len(frame) < 2:
            continue
        for name in frame.columns:
            for row in (0, 1):
                frame.loc[row, name] = frame[name].iloc[-1 - row]
            frame.loc[0, name] = None if frame[name].dtype != "int64" else -1

    assert texts(mine) != before
    assert texts(frames()) == before
