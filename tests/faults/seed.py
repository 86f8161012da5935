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
from judges import BEFORE, BEFORE_COMMANDS, NEW_COMMANDS, SINCE, Command, names

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "docs/emulators.md"
RESULTS = REPOSITORY / "target/faults/results.json"
BEGIN, END = "<!-- from make faults -->\n", "<!-- end -->\n"
# Installed or built by `make`, and linked into the copy.
INSTALLED = (".tools", "cdk/node_modules", "target/lambda")
# Of the checks: they use the binaries of this repository, not of the copy.
ENVIRONMENT = {"CARGO_TARGET_DIR": str(REPOSITORY / "target"), **os.environ}

# The kinds of faults of which the checks of before notice few, so that they judge all of them together first.
TOGETHER = ("form of a published policy", "state machine of the watch", "role")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_to(folder: Path) -> None:
    """A repository with the files of this one as they are, committed or not, without those that git ignores."""
    files = git(REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    listed = "\0".join(it for it in files if it and it not in INSTALLED and (REPOSITORY / it).exists())
    create = ["tar", "--create", "--file=files.tar", "--directory", REPOSITORY, "--null", "--files-from=-"]
    subprocess.run(create, cwd=folder, input=listed, text=True, check=True)
    subprocess.run(["tar", "--extract", "--file=files.tar"], cwd=folder, check=True)
    (folder / "files.tar").unlink()
    (folder / "before").mkdir()
    before = subprocess.run(["git", "archive", BEFORE, "tests/deployment"], cwd=REPOSITORY, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--strip-components=1"], cwd=folder / "before", input=before, check=True)
    for name, old, new in SINCE:
        replace(folder / "before/deployment" / name, old, new)
    for name in INSTALLED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to((REPOSITORY / name).resolve())
    git(folder, "init", "-q")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "without a fault")


def clean(copy: Path) -> None:
    """Removes the faults from the copy, and what the checks left in it."""
    git(copy, "checkout", "-q", ".")
    git(copy, "clean", "-fdq")


def seed(copy: Path, fault: Fault) -> None:
    replace(copy / fault.file, fault.old, fault.new)


def replace(file: Path, old: str, new: str) -> None:
    """Replaces the text in the file, which has it once."""
    text = file.read_text()
    assert text.count(old) == 1, f"{file} has this {text.count(old)} times: {old}"
    file.write_text(text.replace(old, new))


class Results:
    """By fault and judge, the first test that failed, or an empty text if none did. Without an entry, the judge did not run."""

    def __init__(self, again: bool):
        self._lock = threading.Lock()
        self.known: dict[str, dict[str, str]] = {} if again or not RESULTS.is_file() else json.loads(RESULTS.read_text())

    def add(self, fault: str, verdicts: dict[str, str]) -> None:
        with self._lock:
            self.known.setdefault(fault, {}).update(verdicts)
            print(fault, verdicts, file=sys.stderr, flush=True)
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps(self.known, indent=1))

    def of(self, fault: str, judges: list[str]) -> list[str]:
        """The verdicts of those of these judges that have judged the fault."""
        return [it for name, it in self.known.get(fault, {}).items() if name in judges]

    def judged(self, fault: Fault, commands: list[Command]) -> bool:
        """Whether all of these commands that read the file of the fault have judged it."""
        judges = {it.name for command in commands if command.reads.match(fault.file) for it in command.judges}
        return judges <= set(self.known.get(fault.name, {}))

    def noticed(self, fault: str) -> bool:
        """Whether a check of before has noticed the fault."""
        return any(self.of(fault, names(BEFORE_COMMANDS)))

    def missed(self, fault: str) -> bool:
        """Whether the checks of before have judged the fault, and none has noticed it."""
        return len(self.of(fault, names(BEFORE_COMMANDS))) > 1 and not self.noticed(fault)


def judge(copy: Path, faults: list[Fault], command: Command, results: Results) -> None:
    """Records what a command notices of the faults. They are seeded together: if it notices nothing, it notices none of them.
    Otherwise it judges each half."""
    if not faults:
        return
    clean(copy)
    for fault in faults:
        seed(copy, fault)
    verdicts = command.verdicts(copy, ENVIRONMENT)
    if len(faults) == 1 or not any(verdicts.values()):
        for fault in faults:
            results.add(fault.name, verdicts)
    else:
        middle = len(faults) // 2
        judge(copy, faults[:middle], command, results)
        judge(copy, faults[middle:], command, results)


def judge_all(copy: Path, faults: list[Fault], commands: list[Command], results: Results) -> None:
    """Has each command judge the faults together that it has not judged. Those of before stop at the first that notices one."""
    for command in commands:
        judges = [it.name for it in command.judges]
        left = [it for it in faults if command.reads.match(it.file) and len(results.of(it.name, judges)) < len(judges)]
        if command in BEFORE_COMMANDS:
            left = [it for it in left if not results.noticed(it.name)]
        judge(copy, left, command, results)


def judge_nothing(copy: Path) -> None:
    """Fails if a check notices something where there is no fault."""
    clean(copy)
    for command in (*BEFORE_COMMANDS, *NEW_COMMANDS):
        if any((verdicts := command.verdicts(copy, ENVIRONMENT)).values()):
            sys.exit(f"checks fail without a fault: {verdicts}")
        print("without a fault", list(verdicts), file=sys.stderr, flush=True)


def table(results: Results) -> str:
    """A row for each fault that a check of before has noticed, or that all checks have judged; and the sums."""
    before, new = names(BEFORE_COMMANDS), names(NEW_COMMANDS)
    lines = ["| | fault | " + " | ".join([*before, *new]) + " |", "|---|---|" + ":-:|" * len([*before, *new])]
    every = [*BEFORE_COMMANDS, *NEW_COMMANDS]
    kind, judged = "", [it for it in FAULTS if results.noticed(it.name) or results.judged(it, every)]
    for fault in judged:
        verdicts = results.known[fault.name]
        cells = ["" if it not in verdicts else "**x**" if verdicts[it] else "–" for it in [*before, *new]]
        lines.append(f"| {fault.kind if fault.kind != kind else ''} | {fault.name} | " + " | ".join(cells) + " |")
        kind = fault.kind
    missed = [it.name for it in judged if not results.noticed(it.name)]
    found = [it for it in missed if any(results.of(it, new))]
    lines.append(
        f"\nOf {len(judged)} faults, the checks of before the second emulator notice {len(judged) - len(missed)}. Of the other"
        f" {len(missed)}, the newer checks notice {len(found)}."
    )
    return "\n".join(lines) + "\n"


def run(results: Results, faults: list[Fault], jobs: int) -> None:
    """Judges the faults, several at the same time, each in a copy of its own. The newer checks judge first what those of before
    missed."""
    grouped = [it for it in faults if it.kind in TOGETHER]
    left = [([it for it in faults if it.kind == kind], BEFORE_COMMANDS) for kind in TOGETHER]
    left = [it for it in left if it[0]]
    left += [([it], BEFORE_COMMANDS) for it in faults if it not in grouped] + [([it], NEW_COMMANDS) for it in faults]

    def next_one() -> tuple[list[Fault], list[Command]]:
        missed = [it for it in left if it[1] is NEW_COMMANDS and results.missed(it[0][0].name)]
        left.remove(one := next(iter([*missed, *left])))
        return one

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy_to(Path(folder))
            while left:
                judge_all(Path(folder), *next_one(), results)

    with ThreadPoolExecutor(jobs) as pool:
        for it in [pool.submit(work) for _ in range(jobs)]:
            it.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table to docs/emulators.md")
    parser.add_argument("--again", action="store_true", help="forget the results of an earlier run")
    parser.add_argument("--only", default="", help="only faults whose kind or name contains the text")
    parser.add_argument("--jobs", type=int, default=1, help="faults that are judged at the same time")
    parser.add_argument("--without", action="store_true", help="only run the checks where there is no fault: all must pass")
    options = parser.parse_args()
    if options.without:
        with tempfile.TemporaryDirectory() as folder:
            copy_to(Path(folder))
            return judge_nothing(Path(folder))
    results = Results(options.again)
    run(results, [it for it in FAULTS if options.only in f"{it.kind} {it.name}"], options.jobs)
    print(shown := table(results))
    if options.write:
        before, rest = DOCUMENT.read_text().split(BEGIN)
        DOCUMENT.write_text(before + BEGIN + shown + END + rest.split(END, 1)[1])


if __name__ == "__main__":
    main()
