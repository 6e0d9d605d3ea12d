#!/usr/bin/env python3
"""Runs the examples against the simulators: run_examples.py SOURCES BINARIES VOICEBRIDGE_SIM

Each is run as its first comment says, by `voicebridge-sim --scenario … -- PROGRAM`, and judged by what it did to the
other side: what was heard on the phone, what came back to the model, what was stored.
"""
import concurrent.futures
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import traceback
import wave

SOURCES, BINARIES, SIM = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
SPEECH = SOURCES.parent / "tests" / "data" / "audio" / "speech_en_vm_intro.wav"
LIMIT_S = 120  # Nobody waits for a program that hangs.


class Run:
    """What came of one example."""

    def __init__(self, example, folder, *arguments, scenario=None, stdin=b""):
        state = folder / "state.json"
        command = [SIM, "--scenario", SOURCES / (scenario or example) / "scenario.json", "--state", state, "--",
                   BINARIES / example / example, *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PORT", "TELNYX_"))}
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=LIMIT_S, cwd=folder, env=environment)
        self.code = done.returncode
        self.raw = done.stdout
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")
        self.state = json.loads(state.read_text()) if state.exists() else {}

    @property
    def session(self):
        sessions = self.state["openai"]["sessions"]
        assert len(sessions) == 1, f"{len(sessions)} sessions with the model"
        assert not sessions[0]["violations"], sessions[0]["violations"]
        return sessions[0]

    @property
    def said(self):
        return [utterance["transcript"] for utterance in self.session["utterances"]]

    @property
    def tool_outputs(self):
        return [(result["name"], json.loads(result["output"])) for result in self.session["tool_results"]]

    def check_phone(self, direction, heard_s=1.0):
        """One call of Telnyx's, which is over, with a person who followed their script and heard the agent."""
        calls = self.state["telnyx"]["calls"]
        assert len(calls) == 1, f"{len(calls)} calls"
        call = calls[0]
        assert call["direction"] == direction, call["direction"]
        assert call["state"] == "ended", call["state"]
        assert call["callee"]["timeouts"] == 0, "the person waited in vain"
        assert call["media"]["heard_bytes"] > 8000 * heard_s, call["media"]["heard_bytes"]
        assert call["media"]["errors_sent"] == 0
        return call


def answer_calls(folder, example="answer_calls"):
    run = Run(example, folder, scenario="answer_calls")
    assert run.code == 0, run.code
    run.check_phone("incoming")
    assert run.tool_outputs == [("opening_hours", {"hours": "9 to 17"})]
    assert run.said == ["The bakery, good morning.", "From 9 to 17."]


def call_a_lead(folder):
    run = Run("call_a_lead", folder, "Ada", "Lovelace", "+1 202 555 0143")
    assert run.code == 0, run.code
    call = run.check_phone("outgoing")
    assert call["to"] == "+12025550143", call["to"]
    assert run.out.splitlines() == ["agent: Hello Ada, your cake is ready.", "caller: I am on my way.",
                                    "agent: Good bye, Ada.", "ended: agent_goodbye normal_clearing"], run.out


def slow_tool(folder):
    run = Run("slow_tool", folder)
    assert run.code == 0, run.code
    run.check_phone("incoming")
    assert run.tool_outputs == [("find_order", {"number": "17", "state": "ready at noon"})]
    # The filler is between the question and the answer.
    assert run.said == ["The bakery, good morning.", "One moment, please.", "It is ready at noon."]


def compose(folder):
    answer_calls(folder, "compose")


def sip_agent(folder):
    run = Run("sip_agent", folder)
    assert run.code == 0, run.code
    calls = run.state["openai"]["calls"]
    assert len(calls) == 1 and calls[0]["state"] == "ended", calls
    assert [request["verb"] for request in calls[0]["requests"]] == ["accept", "hangup"], calls[0]["requests"]
    assert calls[0]["script_timeouts"] == 0
    assert sum(heard["length_ms"] for heard in calls[0]["heard"]) > 1000, calls[0]["heard"]
    assert not any(heard["cut"] for heard in calls[0]["heard"]), calls[0]["heard"]
    assert not calls[0]["session"]["violations"], calls[0]["session"]["violations"]
    assert run.out.splitlines() == ["call from +12025550143", "ended: agent_goodbye"], run.out


def asio_loop(folder):
    run = Run("asio_loop", folder)
    assert run.code == 0, run.code
    run.check_phone("incoming")
    [(name, loaves)] = run.tool_outputs
    assert name == "count_loaves" and loaves > 100, loaves  # The program's own timer ran all the time …
    lines = run.out.splitlines()
    assert lines[0] == "call over: caller_hangup", run.out
    assert int(lines[1].removeprefix("loaves: ")) > loaves - 2, run.out  # … and went on.


def samples_of(path):
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1 and file.getsampwidth() == 2
        return struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))


def speech(folder, lead_in_s):
    """A WAV file of a person who lets the agent say its greeting first."""
    path = folder / "person.wav"
    subprocess.run(["sox", SPEECH, "-r", "8000", "-c", "1", "-b", "16", path, "pad", str(lead_in_s)], check=True,
                   timeout=LIMIT_S)
    return path


def own_socket(folder):
    raw = folder / "person.ul"
    subprocess.run(["sox", speech(folder, 3), "-t", "ul", raw], check=True, timeout=LIMIT_S)
    run = Run("own_socket", folder, stdin=raw.read_bytes())
    assert run.code == 0, run.code
    assert "ended: agent_goodbye" in run.err, run.err
    assert run.said == ["The bakery?", "Come in."]
    # All that the model said has come out of the socket, in whole frames, and nothing else but silence.
    assert len(run.raw) % 160 == 0
    assert all(utterance["complete"] for utterance in run.session["utterances"])
    assert len(run.raw) - 160 * 2 <= run.session["audio_sent_bytes"] <= len(run.raw), len(run.raw)
    assert run.session["audio_received_bytes"] >= raw.stat().st_size, "the model has not heard all of the person"


def file_carrier(folder):
    run = Run("file_carrier", folder, speech(folder, 3), "heard.wav")
    assert run.code == 0, run.err
    assert run.out == "ended: agent_goodbye\n", run.out
    assert run.said == ["Hello, your cake is ready.", "Good bye."]
    heard = samples_of(folder / "heard.wav")
    loud = sum(abs(sample) > 300 for sample in heard)
    assert loud > 8000, f"{loud} of {len(heard)} samples can be heard"


def own_lead_store(folder):
    run = Run("own_lead_store", folder, "leads.txt")
    assert run.code == 0, run.code
    run.check_phone("incoming")
    name, answer = run.tool_outputs[0]
    assert name == "save_lead" and answer["lead_id"].startswith("lead_"), answer
    kept = (folder / "leads.txt").read_text().split()
    assert kept[:2] == ["+12025550143", answer["lead_id"]], kept
    assert kept[3:] == ["1", '"Ada"', '"Lovelace"', '""'], kept


def transcribe_call(folder):
    run = Run("transcribe_call", folder)
    assert run.code == 0, run.code
    run.check_phone("incoming")
    words = [line.split(" ms  ")[1] for line in run.out.splitlines() if " ms  " in line]
    assert [line.split(":")[0] for line in words] == ["agent", "caller", "agent", "caller", "agent"], run.out
    assert words[0].endswith(" [interrupted]") and "offer on rye" not in words[0], words[0]
    assert words[1:] == ["caller: Stop! Two loaves, please.", "agent: Of course.", "caller: Thank you.",
                         "agent: Good bye."], words
    assert "(Thank you.)" in run.err.splitlines()
    assert '"answers"' in run.out


def run_tests(folder, example, passed):
    done = subprocess.run([BINARIES / example / example], capture_output=True, text=True, timeout=LIMIT_S, cwd=folder)
    assert done.returncode == 0, done.stdout
    assert passed in done.stdout, done.stdout


def test_with_catch2(folder):
    run_tests(folder, "test_with_catch2", "in 2 test cases)")


def test_with_gtest(folder):
    run_tests(folder, "test_with_gtest", "[  PASSED  ] 2 tests.")


def without_environment(folder):
    """A stranger who has set nothing is told what is missing."""
    done = subprocess.run([BINARIES / "answer_calls" / "answer_calls"], capture_output=True, text=True,
                          timeout=LIMIT_S, cwd=folder, env={})
    assert done.returncode == 1, done.returncode
    assert "OPENAI_API_KEY is not set" in done.stderr, done.stderr


TRIALS = [answer_calls, compose, call_a_lead, slow_tool, sip_agent, asio_loop, own_socket, file_carrier, own_lead_store,
          transcribe_call, test_with_catch2, test_with_gtest, without_environment]


def attempt(trial):
    """Nothing, or why it failed."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            trial(pathlib.Path(folder))
        except Exception:  # Whatever it is: it is told, and the others go on.
            return traceback.format_exc()
    return None


def main():
    # They wait for voices most of the time.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, TRIALS))
    for trial, fault in zip(TRIALS, results):
        print(f"{'failed' if fault else 'passed'}: {trial.__name__}")
        if fault:
            print(fault)
    failed = sum(fault is not None for fault in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
