#!/usr/bin/env python3
"""Draws the phone call of `voicebridge-server demo --json` from top to bottom.

usage: scripts/demo.sh --json | docs/images/call_timeline.py > docs/images/call-timeline.svg
"""
import html
import json
import sys
import textwrap

SCALE = 17      # pixels a second
TOP = 52        # of second 0
LANES = {"caller": (76, 214), "agent": (302, 300)}  # left edge, width
EVENTS = 618    # left edge of their words
ROW = 15        # between the words of two events
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600 } .quiet { fill: #59636e }
  .line { stroke: #d1d9e0 } .caller { fill: #ddf4ff; stroke: #54aeff } .agent { fill: #dafbe1; stroke: #4ac26b }
  .cut { fill: none; stroke: #4ac26b; stroke-dasharray: 3 3 } .alarm { fill: #cf222e } line.alarm { stroke: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .line { stroke: #3d444d }
    .caller { fill: #0c2d6b; stroke: #1f6feb } .agent { fill: #04260f; stroke: #238636 } .cut { stroke: #238636 }
    .alarm { fill: #f85149 } line.alarm { stroke: #f85149 }
  }
"""


def y(milliseconds):
    return TOP + milliseconds * SCALE / 1000


def text(x, top, words, kind=""):
    return f'<text x="{x}" y="{top:.0f}" class="{kind}">{html.escape(words)}</text>'


def words_of(event):
    """What of the timeline is worth a word, or nothing."""
    kind, detail = event["kind"], event["detail"]
    if kind == "barge_in":
        return f"interrupted: {event['heard_ms']} ms heard of {event['sent_ms']} sent"
    if kind == "tool" and "tool" in event:
        return f"tool: {detail}"
    if kind == "amd":
        return "machine detection: human"
    told = {"opening the model": "the model is opened", "dialing": "the carrier dials", "answered": "somebody picks up",
            "stream started": "audio flows, not decoded", "filler asked for": "the tool is slow: filler", "key pressed": "key pressed",
            "ending": "goodbye", "hang-up sent": "heard to its end: hang-up"}
    return told.get(detail, "")


def spoken(entry, until):
    """When an utterance was in the ear: the agent's by its audio, the caller's until they stopped."""
    length = entry["heard_ms"] if entry["speaker"] == "agent" else max(until - entry["at_ms"], 400)
    return entry["at_ms"], entry["at_ms"] + length


def stops(call):
    return [event["at_ms"] for event in call["timeline"] if event["detail"] == "caller stops"]


def bubble(entry, call):
    until = next((at for at in stops(call) if at > entry["at_ms"]), entry["at_ms"])
    if entry["text"].startswith("[keys"):
        until = entry["at_ms"]
    begin, end = spoken(entry, until)
    left, width = LANES[entry["speaker"]]
    parts = [f'<rect x="{left}" y="{y(begin):.1f}" width="{width}" height="{max(y(end) - y(begin), 17):.1f}" rx="5" '
             f'class="{entry["speaker"]}"/>']
    lines = textwrap.wrap(entry["heard_text"] + (" …" if entry["interrupted"] else ""), width // 6)
    for number, line in enumerate(lines[:max(1, int((y(end) - y(begin)) // 14))]):
        parts.append(text(left + 8, y(begin) + 13 + 14 * number, line))
    return parts


def drawing(demo):
    call, parts = demo["phone"], []
    seconds = call["duration_ms"] // 1000 + 1
    bottom = y(seconds * 1000)
    for second in range(0, seconds + 1, 5):
        parts.append(f'<line x1="44" y1="{y(second * 1000):.0f}" x2="{EVENTS - 12}" y2="{y(second * 1000):.0f}" class="line"/>')
        parts.append(text(10, y(second * 1000) + 4, f"{second} s", "quiet"))
    parts += [text(LANES["caller"][0], 30, "who was called", "head"), text(LANES["agent"][0], 30, "the agent, as heard", "head"),
              text(EVENTS, 30, "what happens", "head")]
    for entry in demo["transcript"]["phone"]:
        parts += bubble(entry, call)
    below = 0
    for event in call["timeline"]:
        words = words_of(event)
        if not words:
            continue
        at = max(y(event["at_ms"]) + 4, below)
        below = at + ROW
        if event["kind"] == "barge_in":
            left, width = LANES["agent"]
            parts.append(f'<line x1="{left}" y1="{y(event["at_ms"]):.1f}" x2="{left + width}" y2="{y(event["at_ms"]):.1f}" '
                         'class="alarm" stroke-width="2"/>')
        parts.append(text(EVENTS, at, words, "alarm" if event["kind"] == "barge_in" else ""))
    size = f'viewBox="0 0 880 {bottom + 16:.0f}" width="880" height="{bottom + 16:.0f}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="A phone call second by second">',
                      f"<style>{STYLE}</style>", *parts, "</svg>", ""])


if __name__ == "__main__":
    sys.stdout.write(drawing(json.load(sys.stdin)))
