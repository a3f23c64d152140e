"""What real coding tools were recorded to ask, through a real `llr capture`; and what is made of such captures."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from addons.core.capture_suggest import PLACEHOLDER
from harness.answers import Said, whole
from harness.asks import CHAT, CLAUDE
from harness.capturing import CapturingProcess
from harness.replies import Reply, json_reply
from harness.upstream import FakeUpstream, Received

FIXTURES = Path(__file__).parent.parent / "fixtures"
TOOLS = {
    "claude-code": ("/v1/messages", "claude-cli/2.1.329 (external, sdk-cli)", "anthropic/claude_code_bodies.jsonl"),
    "codex": ("/v1/responses", "codex_exec/0.169.0 (Debian 12.0.0; x86_64)", "responses/codex_bodies.jsonl"),
}


def answers(received: Received) -> Reply:
    return json_reply(whole(CLAUDE if "messages" in received.path else CHAT, Said("Hello")))


def config(upstream: FakeUpstream) -> dict[str, Any]:
    return {
        "version": 2,
        "providers": [
            {"id": "p", "baseUrl": f"{upstream.url}/v1", "apiKey": "provider-key", "format": "openai", "models": ["m"]}
        ],
        "modelAliases": {"*": {"targets": ["p/m"]}},
    }


def recorded() -> list[tuple[str, dict[str, str], dict[str, Any]]]:
    """Path, headers and body of requests of Claude Code, Codex and AMP."""
    found = []
    for path, agent, file in TOOLS.values():
        headers = {"user-agent": agent, "x-api-key": "the-key-of-the-tool"}
        found += [(path, headers, json.loads(row)) for row in (FIXTURES / file).read_text().splitlines()]
    for file in sorted((FIXTURES / "amp").glob("*.json")):
        row = json.loads(file.read_text())
        found.append((row["path"], {**row["headers"], "authorization": "Bearer the-key-of-the-tool"}, row["body"]))
    return found


def texts(value: Any) -> set[str]:
    """The longer strings of a body that are no names."""
    if isinstance(value, str):
        return {value} if len(value) > 20 and " " in value else set()
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for each in held for text in texts(each)}


async def test_recorded_requests_of_real_tools_are_captured_as_signatures() -> None:
    """Promise 48."""
    requests = recorded()
    async with FakeUpstream(answers) as upstream, CapturingProcess(config(upstream)) as router:
        async with httpx.AsyncClient(timeout=30) as http:
            for path, headers, body in requests:
                await http.post(f"{router.url}{path}", json=body, headers=headers)
        lines = await router.ended()
        written = b"".join(router.written().values()).decode(errors="replace")
    counts = Counter(line["tool"] for line in lines)
    assert counts["claude-code"] >= 10 and counts["codex"] >= 10 and counts["amp"] >= 10
    said = {text for _, _, body in requests for text in texts(body)}
    assert len(said) > 100 and [text for text in said if json.dumps(text)[1:-1] in written] == []
    assert "the-key-of-the-tool" not in written and "provider-key" not in written
    models = {line["request"]["body"].get("model") for line in lines}
    assert {body["model"] for _, _, body in requests if "model" in body} <= models


async def test_what_was_captured_whole_is_asked_again_and_answered_again() -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "a question"}]}
    async with FakeUpstream(answers) as upstream, CapturingProcess(config(upstream), "--full") as router:
        async with httpx.AsyncClient(timeout=30) as http:
            first = await http.post(f"{router.url}/v1/chat/completions", json={**body, "stream": False})
        await router.ended()
        replayed = await router.run("replay", str(router.folder.path), "--model", "p/m", "--json")
        found = json.loads(replayed)
        assert (found["captured"]["text"], found["replayed"]["text"]) == ("Hello", "Hello")
        assert upstream.requests[-1].json["messages"][0]["content"] == "a question"
        async with router.serving("mock", str(router.folder.path)) as url, httpx.AsyncClient() as http:
            again = await http.post(f"{url}/v1/chat/completions", json={**body, "stream": False})
    assert again.json() == first.json()


async def test_the_headers_of_captured_answers_are_explained() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "a question"}]}
    async with FakeUpstream(answers) as upstream, CapturingProcess(config(upstream), "--debug") as router:
        async with httpx.AsyncClient(timeout=30) as http:
            reply = await http.post(f"{router.url}/v1/chat/completions", json=body)
        await router.ended()
        told = [json.loads(await router.shown("debug", "headers", where, "--json")) for where in (
            "capture", "capture/requests.jsonl"
        )]  # fmt: skip
    sent = {name: value for name, value in reply.headers.items() if name.startswith("x-llm-router-")}
    for (answer,) in told:
        assert {each["name"] for each in answer} == sent.keys() and len(sent) > 5
        assert {"x-llm-router-selected-candidate", "x-llm-router-request-id"} <= sent.keys()


def filled(value: Any) -> Any:
    """A suggestion whose placeholders somebody has filled in."""
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    return "p/gpt-5.4" if value == PLACEHOLDER else value


async def session_of_amp(config: dict[str, Any]) -> tuple[list[int], dict[str, Any]]:
    """The statuses of a recorded session, and what is suggested after it."""
    async with CapturingProcess(config) as router:
        async with httpx.AsyncClient(timeout=30) as http:
            rows = [json.loads(file.read_text()) for file in sorted((FIXTURES / "amp").glob("*.json"))]
            replies = [
                await http.post(f"{router.url}{row['path']}", json=row["body"], headers=row["headers"]) for row in rows
            ]
        await router.ended()
        return [reply.status_code for reply in replies], json.loads(
            await router.run("capture", "suggest", str(router.folder.path))
        )


async def test_the_suggestion_of_an_amp_session_routes_the_same_session_fully() -> None:
    async with FakeUpstream(answers) as upstream:
        offered = ["claude-opus-4-6", "claude-haiku-4-5", "gpt-5.4", "gemini-3-flash"]
        provider = {**config(upstream)["providers"][0], "models": offered}
        before = {"version": 2, "providers": [provider]}
        statuses, suggestion = await session_of_amp(before)
        assert set(statuses) != {200} and suggestion
        statuses, left = await session_of_amp({**before, **filled(suggestion)})
    assert set(statuses) == {200} and left == {}
