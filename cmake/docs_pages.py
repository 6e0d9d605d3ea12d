"""The pages of the documentation as the checks see them: blocks of code with their hints, links, anchors, tables."""
import dataclasses
import pathlib
import re

FENCE = re.compile(r"^( *)(`{3,})([^`]*)$")
HINT = re.compile(r"<!--\s*(cpp|file|run|not run)\b:?\s*(.*?)\s*-->", re.S)


@dataclasses.dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    hint: str = ""       # "cpp", "file", "run", "not run", or none
    hint_text: str = ""  # what stands behind it

    def place(self):
        return f"{self.page}:{self.line}"


def page_files(root):
    """README and the like, and all of docs."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md"), *root.glob("examples/*.md")])


def hint_before(lines, index):
    """The comment that stands right before a fence, with empty lines between at the most."""
    end = index
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    if end == 0 or not lines[end - 1].rstrip().endswith("-->"):
        return "", ""
    start = end - 1
    while start > 0 and "<!--" not in lines[start]:
        start -= 1
    found = HINT.fullmatch("\n".join(lines[start:end]).strip())
    return (found.group(1), found.group(2)) if found else ("", "")


def blocks_of(page, text):
    lines = text.split("\n")
    blocks, index = [], 0
    while index < len(lines):
        opened = FENCE.match(lines[index])
        index += 1
        if not opened:
            continue
        indent, first, body = opened.group(1), index, []
        while index < len(lines) and lines[index].strip() != opened.group(2):
            body.append(lines[index].removeprefix(indent))
            index += 1
        index += 1
        hint, hint_text = hint_before(lines, first - 1)
        blocks.append(Block(page, first, opened.group(3).strip(), "\n".join(body) + "\n", hint, hint_text))
    return blocks


def without_code(text):
    """The page without its blocks and comments; lines stay where they are."""
    kept, inside = [], ""
    for line in text.split("\n"):
        fence = FENCE.match(line)
        if inside:
            inside = "" if line.strip() == inside else inside
            kept.append("")
        elif fence:
            inside = fence.group(2)
            kept.append("")
        else:
            kept.append(line)
    return re.sub(r"<!--.*?-->", lambda m: "\n" * m.group(0).count("\n"), "\n".join(kept), flags=re.S)


def anchors_of(text):
    """What a heading is called in an address, by GitHub's rules."""
    anchors, seen = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", without_code(text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        anchors.add(f"{slug}-{count}" if count else slug)
    return anchors


def links_of(text):
    """(line, target) of every link and picture."""
    plain = re.sub(r"`[^`\n]*`", "", without_code(text))
    for number, line in enumerate(plain.split("\n"), 1):
        for target in re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", line):
            yield number, target
        for target in re.findall(r"<(?:img|source)[^>]*?(?:src|srcset)=\"([^\"]+)\"", line):
            yield number, target


def link_fault(root, page, target):
    """Why a link of a page leads nowhere; empty: it leads somewhere, or out of the tree."""
    if re.match(r"[a-z]+:", target):
        return ""
    path, _, anchor = target.partition("#")
    file = (root / page).parent / path if path else root / page
    if not file.exists():
        return f"there is no {path}"
    if anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text(encoding="utf-8")):
        return f"{path or page} has no heading #{anchor}"
    return ""


def table_rows(text):
    """The cells of every row of every table, heads and rules left out."""
    rows = []
    for line in without_code(text).split("\n"):
        if line.startswith("|") and not re.fullmatch(r"[|\-: ]+", line):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
    return rows


def names_in(text):
    """Names in code, without namespaces: `openai::RealtimeClient` is RealtimeClient."""
    return {name.split("::")[-1] for code in re.findall(r"`([^`]+)`", text)
            for name in re.findall(r"[A-Za-z_][\w:]*", code)}


def read(root, path):
    return (pathlib.Path(root) / path).read_text(encoding="utf-8")
