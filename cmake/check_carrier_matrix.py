#!/usr/bin/env python3
"""Holds the table in docs/carriers.md against what the behavioural suite says.

check_carrier_matrix.py FILE PROGRAM [ARGUMENT...]   runs the suite; fails when a scenario does, or when the
                                                     table says something else of the lanes that were run
check_carrier_matrix.py FILE --fix PROGRAM...        writes the table anew, with the lanes of all programs
"""
import subprocess
import sys

BEGIN = "<!-- matrix: written by cmake/check_carrier_matrix.py -->"
END = "<!-- end of matrix -->"


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def parse(text):
    """lanes, {scenario: what holds}, {(scenario, lane): word}, lines that say why something is n/a"""
    lanes, holds, words, reasons = [], {}, {}, []
    for line in text.splitlines():
        if line.startswith("| scenario |"):
            lanes = cells(line)[2:]
        elif line.startswith("| `"):
            row = cells(line)
            holds[row[0]] = row[1]
            words.update({(row[0], lane): word for lane, word in zip(lanes, row[2:])})
        elif line.startswith("* `"):
            reasons.append(line)
    return lanes, holds, words, reasons


def run(command):
    done = subprocess.run(command + ["--markdown"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1) or "| scenario |" not in done.stdout:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.returncode, parse(done.stdout)


def table_of(path):
    text = open(path, encoding="utf-8").read()
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"{path}: the marks of the table are missing")
    return text[: begin + len(BEGIN)], text[begin + len(BEGIN) : end], text[end:]


def render(lanes, holds, words, reasons):
    lines = ["| scenario | what must hold | " + " | ".join(lanes) + " |", "|---|---|" + "---|" * len(lanes)]
    for scenario, what in holds.items():
        row = [words.get((scenario, lane), "") for lane in lanes]
        lines.append(f"| {scenario} | {what} | " + " | ".join(row) + " |")
    if reasons:
        lines += ["", "Not applicable:", ""] + reasons
    return "\n\n" + "\n".join(lines) + "\n\n"


def fix(path, programs):
    lanes, holds, words, reasons = [], {}, {}, []
    for program in programs:
        _, (more_lanes, more_holds, more_words, more_reasons) = run([program])
        lanes += more_lanes
        holds.update(more_holds)
        words.update(more_words)
        reasons += more_reasons
    before, _, after = table_of(path)
    with open(path, "w", encoding="utf-8") as out:
        out.write(before + render(lanes, holds, words, reasons) + after)
    return 0


def check(path, command):
    code, (lanes, holds, words, _) = run(command)
    _, known_holds, known, _ = parse(table_of(path)[1])
    faults = [f"{s}: not in the table" for s in holds if s not in known_holds]
    faults += [f"{s}: in the table only" for s in known_holds if s not in holds and "--only" not in command]
    faults += [f"{s}: the table says it differently" for s in holds if known_holds.get(s, holds[s]) != holds[s]]
    for (scenario, lane), word in words.items():
        told = known.get((scenario, lane))
        if told != word:
            faults.append(f"{scenario} on {lane}: {word}, and the table says {told}")
    for fault in faults:
        print(f"{path}: {fault}")
    if faults:
        print("cmake/check_carrier_matrix.py FILE --fix PROGRAM... writes it anew")
    if code == 0 and not faults:
        passed = sum(word == "pass" for word in words.values())
        print(f"{', '.join(lanes)}: {passed} passed, {len(words) - passed} not applicable")
    return 1 if code != 0 or faults else 0


def main():
    if len(sys.argv) < 3 or (sys.argv[2] == "--fix" and len(sys.argv) < 4):
        sys.exit(__doc__)
    if sys.argv[2] == "--fix":
        return fix(sys.argv[1], sys.argv[3:])
    return check(sys.argv[1], sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
