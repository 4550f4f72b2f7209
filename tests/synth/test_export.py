"""A folder is whole or not there, and verify.py notices any change."""

import csv
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from worlds import SHIPPED

from synth import export
from synth.digest import PIECE, TableDigest, content_digest, pieces_of, table_digest
from synth.errors import OutputError
from synth.pipeline import generate, make_plan


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A CSV folder of 40 cases; nobody changes it."""
    folder = tmp_path_factory.mktemp("export") / "data"
    export.write(make_plan("oig-20-13", seed=5), folder, n_cases=40, file_format="csv")
    return folder


@pytest.fixture
def folder(tmp_path, original):
    """A copy to change."""
    return Path(shutil.copytree(original, tmp_path / "data"))


def verify(folder):
    """Run the folder's own script with nothing but the standard library; give back exit code and text."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


FILES = [
    "records/inquiry.csv", "records/encounter.csv", "records/casework.csv", "answers/truth.csv", "answers/links.csv",
    "answers/stated.csv", "answers/labels.csv", "answers/fates.csv", "datapackage.json", "vocabularies.json",
    "answers/novel_placeholders.json", "croissant.json", "DICTIONARY.md", "dictionary.html", "verify.py",
]  # fmt: skip


def test_a_folder_as_written_is_fine(original):
    """All files are listed, nothing is missing or extra, exit code 0."""
    assert {path.relative_to(original).as_posix() for path in original.rglob("*") if path.is_file()} == {
        *FILES, "manifest.json",
    }  # fmt: skip
    assert verify(original) == (0, "OK: 15 files listed, 0 problems\n")


@pytest.mark.parametrize("name", FILES[:-1])
def test_one_byte_changed_anywhere_is_found(folder, name):
    """A byte changed in the middle or at the end of any file, or one added, is reported by name; exit code 1."""
    content = (folder / name).read_bytes()
    middle = content.index(b"e", len(content) // 2)
    for changed in (content[:middle] + b"f" + content[middle + 1 :], content[:-1], content + b"\n"):
        (folder / name).write_bytes(changed)
        code, said = verify(folder)

        assert code == 1
        assert f"FAIL {name} was changed" in said


def test_verify_py_itself(folder, original):
    """A changed verify.py is found by another folder's copy of it."""
    content = (folder / "verify.py").read_bytes()
    (folder / "verify.py").write_bytes(content.replace(b"return 1 if wrong else 0", b"return 0 if wrong else 0"))
    done = subprocess.run([sys.executable, original / "verify.py", folder], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "FAIL verify.py was changed" in done.stdout


@pytest.mark.parametrize("name", FILES[:-1])
def test_a_missing_file_is_found(folder, name):
    """A file taken away is reported by name."""
    (folder / name).unlink()

    assert verify(folder)[0] == 1
    assert f"FAIL {name} is missing" in verify(folder)[1]


@pytest.mark.parametrize("name", ["extra.txt", "records/extra.csv", "answers/deep/extra", ".hidden"])
def test_an_extra_file_is_found(folder, name):
    """A file put in, at any depth, is reported by name."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")

    assert verify(folder) == (1, f"FAIL {name} is extra\nFAIL: 15 files listed, 1 problems\n")


def edits():
    """Ways to edit a manifest: every value at the top, and the digest of a file."""
    keys = ["about", "version", "scenario", "scenario_digest", "regime", "n_cases", "rows", "content_digest", "seed"]
    changes = {key: (lambda manifest, key=key: manifest.update({key: "x"})) for key in keys}
    changes["files"] = lambda manifest: manifest["files"].update({"verify.py": "0" * 64})
    changes["one file less"] = lambda manifest: manifest["files"].pop("records/inquiry.csv")
    changes["own digest"] = lambda manifest: manifest.update({"manifest_sha256": "0" * 64})
    changes["an addition"] = lambda manifest: manifest.update({"note": "hello"})
    return changes


@pytest.mark.parametrize("edit", edits().values(), ids=edits())
def test_an_edited_manifest_is_found(folder, edit):
    """Any value changed, added or removed in the manifest is reported."""
    manifest = json.loads((folder / "manifest.json").read_text())
    edit(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    code, said = verify(folder)

    assert code == 1
    assert "FAIL manifest.json was edited" in said


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"files": {}}', "null"])
def test_a_broken_manifest_is_said_without_a_traceback(folder, content):
    """A manifest that is no manifest ends with one line and exit code 1."""
    (folder / "manifest.json").write_text(content)
    code, said = verify(folder)

    assert code == 1
    assert said.startswith("FAIL manifest.json cannot be read")


def test_a_folder_in_use_is_refused_and_untouched(tmp_path):
    """A folder that holds anything is not written to."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("keep")
    with pytest.raises(OutputError, match=r"data is not empty; nothing was written"):
        export.write(make_plan("reference"), tmp_path / "data", n_cases=3)

    assert [path.name for path in tmp_path.rglob("*")] == ["data", "mine.txt"]


def test_a_file_in_the_way_is_refused(tmp_path):
    """A file of the name is left alone."""
    (tmp_path / "data").write_text("keep")
    with pytest.raises(OutputError, match=r"data is a file"):
        export.write(make_plan("reference"), tmp_path / "data", n_cases=3)

    assert (tmp_path / "data").read_text() == "keep"


def test_an_empty_folder_may_be_written_to(tmp_path):
    """An empty folder, or a parent that is not there yet, is fine."""
    (tmp_path / "data").mkdir()
    export.write(make_plan("reference"), tmp_path / "data", n_cases=3)
    export.write(make_plan("reference"), tmp_path / "new" / "data", n_cases=3)

    assert verify(tmp_path / "data")[0] == verify(tmp_path / "new" / "data")[0] == 0


@pytest.mark.parametrize("problem", [KeyboardInterrupt, MemoryError, OSError("disk full")])
def test_an_interrupted_run_leaves_nothing(tmp_path, problem):
    """Whatever stops a run after its first block, no folder, whole or half, is left."""

    def stop(done):
        raise problem

    with pytest.raises((KeyboardInterrupt, MemoryError, OutputError)):
        export.write(make_plan("reference"), tmp_path / "data", n_cases=3, progress=stop)

    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_run_left_is_cleared_away(tmp_path):
    """A temporary folder of an earlier, killed run does not end up in the data."""
    (tmp_path / ".data.part").mkdir()
    (tmp_path / ".data.part" / "old.txt").write_text("old")
    export.write(make_plan("reference"), tmp_path / "data", n_cases=3)

    assert verify(tmp_path / "data")[0] == 0
    assert not (tmp_path / "data" / "old.txt").exists()


def test_progress_counts_cases(tmp_path):
    """Progress rises to the number of cases."""
    seen = []
    export.write(make_plan("reference"), tmp_path / "data", n_cases=9000, block_size=4096, progress=seen.append)

    assert seen == [4096, 8192, 9000]


def test_no_place_time_or_host_is_written(tmp_path):
    """Files name neither the folder they are in nor the machine, and another folder holds the same bytes."""
    for name in ("one", "two"):
        export.write(make_plan("reference", seed=2), tmp_path / name, n_cases=5, file_format="csv")
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert str(tmp_path).encode() not in content
            assert socket.gethostname().encode() not in content or len(socket.gethostname()) < 6
            assert content == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_data_package_describes_every_column(tmp_path, scenario):
    """Each resource lists the columns of its file in order; each category is one its file may hold; no seed."""
    written = export.write(make_plan(scenario, seed=987_654_321), tmp_path / "data", n_cases=70, file_format="csv")
    package = json.loads((tmp_path / "data" / "datapackage.json").read_text())
    named = json.loads((tmp_path / "data" / "vocabularies.json").read_text())

    assert package["synthetic"] is True
    assert "Synthetic" in package["description"]
    assert {part["table"] for part in package["resources"]} == set(written.rows)
    assert "987654321" not in (tmp_path / "data" / "datapackage.json").read_text()
    for part in package["resources"]:
        with (tmp_path / "data" / part["path"]).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        fields = part["schema"]["fields"]
        assert len(rows) == written.rows[part["table"]]
        assert not rows or list(rows[0]) == [field["name"] for field in fields]
        for field in fields:
            if "vocabulary" in field:
                assert {row[field["name"]] for row in rows} <= {"", *named[field["vocabulary"]]}
            if "categories" in field:
                listed = named[field["vocabulary"]]
                assert field["categories"] == listed[: len(field["categories"])]
                hidden = set(listed) - set(field["categories"])  # of records: what rules are not told of
                assert not hidden or part["table"].startswith("records/")


def test_a_run_whose_tables_are_empty_is_written(tmp_path):
    """One case without a label or gap still gives every file with its header."""
    written = export.write(make_plan("reference", seed=1), tmp_path / "data", n_cases=1, file_format="csv")

    assert written.rows["answers/stated"] == 0
    assert (tmp_path / "data" / "answers" / "stated.csv").read_text().startswith('"system","record_id","fact"')


# Digests

TABLE = pa.table({"a": pa.array([1, None, 3], pa.int32()), "b": ["x", None, "yz"]})
OTHERS = {
    "null is not 0": pa.table({"a": pa.array([1, 0, 3], pa.int32()), "b": TABLE["b"]}),
    "null is not empty": pa.table({"a": TABLE["a"], "b": ["x", "", "yz"]}),
    "ends of texts": pa.table({"a": TABLE["a"], "b": ["xy", None, "z"]}),
    "order": TABLE.take(pa.array([2, 1, 0])),
    "a name": TABLE.rename_columns(["a", "c"]),
    "a width": pa.table({"a": TABLE["a"].cast(pa.int64()), "b": TABLE["b"]}),
    "a column less": TABLE.select(["a"]),
    "a row less": TABLE.slice(0, 2),
    "codes": pa.table({"a": TABLE["a"], "b": TABLE["b"].combine_chunks().dictionary_encode()}),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_content_is_another_digest(other):
    """A digest tells null from nothing, texts from their neighbours, rows, columns, names and types apart."""
    assert table_digest("t", TABLE) != table_digest("t", other)
    assert table_digest("t", TABLE) != table_digest("u", TABLE)


def test_a_vocabulary_is_part_of_the_content():
    """The same codes with other words are another content."""
    codes = pa.array([0, 1], pa.int16())
    one, other = (
        pa.table({"a": pa.DictionaryArray.from_arrays(codes, pa.array(list(words)))}) for words in ("xy", "xz")
    )

    assert table_digest("t", one) != table_digest("t", other)


def test_how_a_table_is_cut_does_not_matter():
    """Chunks, offsets and slices of the same rows have one digest; pieces are of 65,536 rows."""
    whole = pa.table({"a": pa.array(range(PIECE + 10)), "b": [str(n) for n in range(PIECE + 10)]})
    cut = pa.concat_tables([whole.slice(0, 7), whole.slice(7, PIECE), whole.slice(PIECE + 7)])
    fed = TableDigest("t")
    for piece in pieces_of(whole):
        fed.update(piece)

    assert [piece.num_rows for piece in pieces_of(whole)] == [PIECE, 10]
    assert table_digest("t", cut) == table_digest("t", whole) == fed.hexdigest()
    padded = pa.concat_tables([whole.slice(5, 3), whole]).slice(3)
    assert table_digest("t", padded) == table_digest("t", whole)


def test_a_content_digest_names_its_tables():
    """Swapping the digests of two tables changes the digest of the content."""
    assert content_digest({"a": "0", "b": "1"}) != content_digest({"a": "1", "b": "0"})


def test_frames_keep_text_and_nulls():
    """Records come as pandas text with nulls as missing values, never as the text of one."""
    frames = generate("oig-20-13", n_cases=300, seed=4).frames()

    assert frames["encounter"]["next_court_date"].isna().sum() > 200
    for frame in frames.values():
        for column in frame:
            assert not frame[column].dropna().isin(["", "nan", "None", "NaT", "<NA>"]).any()
