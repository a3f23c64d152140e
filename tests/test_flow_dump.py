"""Specification of addons/flow_dump.py: what mitmproxy wrote, as the requests of a capture."""

import gzip
import io
import json
from typing import Any

import pytest
from mitmproxy import flow, http, websocket
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow, tutils
from wsproto.frame_protocol import Opcode

from addons.core.capture_line import Verdict
from addons.core.redact import Mode
from addons.flow_dump import LOOK, Dump, NoDump, dump_bytes, is_dump
from harness.asks import CLAUDE, ask, stream

KEY = "sk-ant-api03-canary0123456789"


def flow_of(
    body: bytes, answer: bytes | None = b"{}", path: str = "/v1/messages", host: str = "api.anthropic.com", **more: str
) -> http.HTTPFlow:
    fields = http.Headers([(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()])
    request = tutils.treq(
        host=host, port=443, scheme=b"https", method=b"POST", path=path.encode(), headers=fields, content=body,
        timestamp_start=100.0, timestamp_end=100.5,
    )  # fmt: skip
    response = tutils.tresp(headers=http.Headers(), content=answer, timestamp_start=101.0, timestamp_end=103.0)
    return tflow.tflow(req=request, resp=response)


def dumped(*flows: flow.Flow) -> bytes:
    file = io.BytesIO()
    writer = FlowWriter(file)
    for each in flows:
        writer.add(each)
    return file.getvalue()


def read(data: bytes, mode: Mode = Mode.SIGNATURE, **more: Any) -> list[dict[str, Any]]:
    open_file = dump_bytes(data)
    assert open_file is not None
    return list(Dump(open_file, mode, **more).requests())


def test_a_flow_is_a_request() -> None:
    request = ask(CLAUDE, "claude-x")
    data = dumped(flow_of(request.body, b"".join(stream(CLAUDE)), user_agent="claude-cli/2.1", x_api_key=KEY))
    (line,) = read(data)
    assert (line["tool"], line["client"], line["requested"]) == ("claude-code", "claude", "claude-x")
    assert (line["request"]["path"], line["stream"], line["response"]["status"]) == ("/v1/messages", True, 200)
    assert (line["response"]["firstEventMs"], line["response"]["totalMs"]) == (1000.0, 3000.0)
    assert line["response"]["tokens"]["out"] and line["time"] == "1970-01-01T00:01:40.000Z"
    assert line["request"]["body"]["messages"][0]["role"] == "user"


def test_a_signature_says_nothing_and_holds_no_key() -> None:
    """Promise 44."""
    body = json.dumps({"model": "m", "system": "canary", "messages": [{"role": "user", "content": f"canary {KEY}"}]})
    found = flow_of(body.encode(), b'{"text": "canary"}', f"/v1/messages?key={KEY}", x_api_key=KEY, cookie="canary")
    assert "canary" not in json.dumps(read(dumped(found)))


def test_with_its_texts_it_holds_no_key_all_the_same() -> None:
    """Promise 44."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"say {KEY} and the-plans-own-key"}]})
    found = flow_of(body.encode(), b'{"text": "the-plans-own-key"}', x_api_key="the-clients-own-key")
    text = json.dumps(read(dumped(found), Mode.FULL, known=["the-plans-own-key"]))
    assert "say [SECRET REMOVED] and [SECRET REMOVED]" in text
    assert KEY not in text and "own-key" not in text


def test_compressed_bodies_are_read() -> None:
    found = flow_of(gzip.compress(b'{"model": "m"}'), gzip.compress(b'{"said": "words"}'), content_encoding="gzip")
    assert found.response is not None
    found.response.headers["content-encoding"] = "gzip"
    (line,) = read(dumped(found), Mode.FULL)
    assert line["request"]["body"] == {"model": "m"} and line["response"]["body"] == '{"said": "words"}'


def test_an_answer_that_mitmproxy_streamed_has_no_body() -> None:
    (line,) = read(dumped(flow_of(b'{"model": "m"}', None)), Mode.FULL)
    assert line["response"]["body"] is None and line["response"]["status"] == 200


def test_an_answer_of_nobodys_dialect_has_no_tokens() -> None:
    (line,) = read(dumped(flow_of(b'{"model": "m"}', b"data: what is this")))
    assert line["response"]["tokens"]["out"] is None


def test_a_path_that_a_host_names_otherwise_is_known() -> None:
    found = flow_of(b'{"model": "m"}', path="/backend-api/codex/responses", host="chatgpt.com")
    (line,) = read(dumped(found))
    assert (line["request"]["path"], line["client"], line["requested"]) == ("/v1/responses", "openai-responses", "m")


def test_a_path_that_the_router_knows_stays() -> None:
    found = flow_of(b'{"model": "m"}', path="/api/provider/anthropic/v1/messages", host="127.0.0.1")
    (line,) = read(dumped(found))
    assert (line["request"]["path"], line["tool"]) == ("/api/provider/anthropic/v1/messages", "amp")


@pytest.mark.parametrize(
    ("words", "status", "left", "error"),
    [("Client disconnected.", 499, True, None), ("connection refused", 502, False, "network_error")],
)
def test_a_flow_without_an_answer_says_why(words: str, status: int, left: bool, error: str | None) -> None:
    found = flow_of(b"{}")
    found.response, found.error = None, flow.Error(words)
    response = read(dumped(found))[0]["response"]
    assert (response["status"], response["left"], response["error"]) == (status, left, error)


def test_the_messages_of_a_websocket_are_counted() -> None:
    found = tflow.twebsocketflow()
    assert found.websocket is not None
    found.websocket.messages = [
        websocket.WebSocketMessage(Opcode.TEXT, True, b"canary"),
        websocket.WebSocketMessage(Opcode.BINARY, False, b"canary!"),
    ]
    (line,) = read(dumped(found))
    assert line["response"]["socket"]["sent"] == {"frames": 1, "messages": 1, "bytes": 6}
    assert line["response"]["socket"]["received"]["bytes"] == 7 and "canary" not in json.dumps(line)


def test_what_is_no_http_is_passed_over() -> None:
    assert len(read(dumped(tflow.ttcpflow(), flow_of(b"{}"), tflow.tdnsflow()))) == 1


def test_a_half_written_end_is_passed_over() -> None:
    assert len(read(dumped(flow_of(b"{}"), flow_of(b"{}"))[:-10])) == 1


def test_what_mitmproxy_cannot_read_is_told() -> None:
    with pytest.raises(NoDump, match="cannot read"):
        read(b"12:never written")


def test_the_configuration_says_what_it_makes_of_a_name() -> None:
    verdict = Verdict(True, "alias", "all", ("a/m",))
    (line,) = read(dumped(flow_of(b'{"model": "all"}')), judge=lambda record: verdict if record.requested else None)
    assert line["verdict"]["ref"] == "all"


def test_it_can_be_read_again() -> None:
    open_file = dump_bytes(dumped(flow_of(b"{}")))
    assert open_file is not None
    dump = Dump(open_file, Mode.SIGNATURE)
    assert len(list(dump.requests())) == len(list(dump.lines())) == 1


@pytest.mark.parametrize("data", [b"", b"{}", b'{"1": 2}', b"[1]", b"12", b"12 : 3", b"\x1f\x8b", b"a:b"])
def test_other_files_are_no_dumps(data: bytes) -> None:
    assert not is_dump(data) and dump_bytes(data) is None


@pytest.mark.parametrize("found", [flow_of(b"{}"), tflow.ttcpflow()])
def test_a_dump_is_known_by_its_first_bytes(found: flow.Flow) -> None:
    assert is_dump(dumped(found)[:LOOK])
