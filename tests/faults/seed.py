"""Seeds each fault in a copy of the repository and records which checks notice it: `make faults`.

Prints the table, or writes it to docs/emulators.md (`ARGS=--write`). Results are stored in target/faults, so that a run that
was interrupted continues; `ARGS=--again` starts anew. `ARGS='--only TEXT'` runs the faults whose name contains the text.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults import FAULTS, Fault
from judges import COMMANDS, DEPLOYING, JUDGES

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "docs/emulators.md"
RESULTS = REPOSITORY / "target/faults/results.json"
BEGIN, END = "<!-- from make faults -->\n", "<!-- end -->\n"
# Installed or built by `make`, and linked into the copy.
INSTALLED = (".tools", "cdk/node_modules", "target/lambda")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_to(folder: Path) -> None:
    """A repository with the files of this one as they are, committed or not, without those that git ignores."""
    files = git(REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    listed = "\0".join(it for it in files if it and it not in INSTALLED and (REPOSITORY / it).exists())
    subprocess.run(["tar", "--create", "--null", "--files-from=-", "--file=files.tar", "-C", REPOSITORY],
                   cwd=folder, input=listed, text=True, check=True)
    subprocess.run(["tar", "--extract", "--file=files.tar"], cwd=folder, check=True)
    (folder / "files.tar").unlink()
    for name in INSTALLED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to((REPOSITORY / name).resolve())
    git(folder, "init", "-q")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "without a fault")


def seed(copy: Path, fault: Fault) -> None:
    file = copy / fault.file
    text = file.read_text()
    assert text.count(fault.old) == 1, f"{fault.file} has this {text.count(fault.old)} times: {fault.old}"
    file.write_text(text.replace(fault.old, fault.new))


def judged(copy: Path, fault: Fault | None) -> dict[str, str | None]:
    """By judge, the first test that failed, an empty text if none did, or None for a judge that did not run."""
    environment = {**os.environ, "CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(REPOSITORY / "target"))}
    git(copy, "checkout", "-q", ".")
    git(copy, "clean", "-fdq")
    if fault:
        seed(copy, fault)
    file = fault.file if fault else "cdk/lib/"
    verdicts: dict[str, str | None] = {}
    for command in COMMANDS:
        verdicts |= command.verdicts(copy, environment, file)
    if any(verdicts.get(it.name) for it in JUDGES if not it.new):
        return verdicts | {it.name: None for it in DEPLOYING.judges}
    return verdicts | DEPLOYING.verdicts(copy, environment, file)


def table(results: dict[str, dict[str, str | None]]) -> str:
    signs = {None: "", "": "–"}
    lines = ["| | fault | " + " | ".join(it.name for it in JUDGES) + " |", "|---|---|" + ":-:|" * len(JUDGES)]
    kind = ""
    for fault in FAULTS:
        if (verdicts := results.get(fault.name)) is not None:
            cells = [signs.get(verdicts[it.name], "**x**") for it in JUDGES]
            lines.append(f"| {fault.kind if fault.kind != kind else ''} | {fault.name} | " + " | ".join(cells) + " |")
            kind = fault.kind
    known = [it for name, it in results.items() if name in {fault.name for fault in FAULTS}]
    before, new = ([it.name for it in JUDGES if it.new is which] for which in (False, True))
    missed = [it for it in known if not any(it[name] for name in before)]
    found = [it for it in missed if any(it[name] for name in new)]
    lines.append(
        f"\nOf {len(known)} faults, the checks of before the second emulator noticed {len(known) - len(missed)}. Of the other"
        f" {len(missed)}, ministack and parliament noticed {len(found)}."
    )
    return "\n".join(lines) + "\n"


def run(results: dict[str, dict], faults: list[Fault | None], jobs: int) -> None:
    """Judges the faults that have no result yet, several at the same time, each in a copy of its own."""
    lock, left = threading.Lock(), [it for it in faults if name_of(it) not in results]

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy_to(Path(folder))
            while left:
                fault = left.pop(0)
                verdicts = judged(Path(folder), fault)
                with lock:
                    results[name_of(fault)] = verdicts
                    print(name_of(fault), {judge: it for judge, it in verdicts.items() if it}, file=sys.stderr, flush=True)
                    RESULTS.parent.mkdir(parents=True, exist_ok=True)
                    RESULTS.write_text(json.dumps(results, indent=1))

    with ThreadPoolExecutor(jobs) as pool:
        for it in [pool.submit(work) for _ in range(jobs)]:
            it.result()


def name_of(fault: Fault | None) -> str:
    return fault.name if fault else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table to docs/emulators.md")
    parser.add_argument("--again", action="store_true", help="forget the results of an earlier run")
    parser.add_argument("--only", default="", help="only faults whose kind or name contains the text")
    parser.add_argument("--jobs", type=int, default=1, help="faults that are judged at the same time")
    options = parser.parse_args()
    results = {} if options.again or not RESULTS.is_file() else json.loads(RESULTS.read_text())
    chosen = [it for it in FAULTS if options.only in f"{it.kind} {it.name}"]
    run(results, [None, *chosen], options.jobs)
    if any(results["none"].values()):
        sys.exit(f"checks fail without a fault: {results['none']}")
    print(shown := table(results))
    if options.write:
        before, rest = DOCUMENT.read_text().split(BEGIN)
        DOCUMENT.write_text(before + BEGIN + shown + END + rest.split(END, 1)[1])


if __name__ == "__main__":
    main()
