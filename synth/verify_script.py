"""Check this folder: every file's SHA-256, nothing missing, nothing extra, and the manifest itself.

Usage: python verify.py [FOLDER]. Needs Python 3.11 or newer and nothing else. Exit 0: all is as written; 1: not.
"""

import hashlib
import json
import sys
from pathlib import Path


def main(folder: Path) -> int:
    """Print what is wrong with a folder, one line each; return the exit code."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        listed, own = manifest["files"], manifest.pop("manifest_sha256")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        print(f"FAIL manifest.json cannot be read: {problem}")
        return 1
    wrong = []
    if hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest() != own:
        wrong.append("manifest.json was edited")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    wrong += [f"{name} is missing" for name in sorted(set(listed) - found)]
    wrong += [f"{name} is extra" for name in sorted(found - set(listed))]
    for name in sorted(found & set(listed)):
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != listed[name]:
                wrong.append(f"{name} was changed")
    for line in wrong:
        print(f"FAIL {line}")
    print(f"{'FAIL' if wrong else 'OK'}: {len(listed)} files listed, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
