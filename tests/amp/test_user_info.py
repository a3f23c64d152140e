"""Feature flags are taken out of what AMP's server says of a user, and nothing else is touched."""

import pytest

from addons.amp.user_info import tells_of_a_user, without_features

FLAG = "thread-actors-tui"


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/api/internal", "getUserInfo", True),
        ("/api/internal/", "getUserInfo", True),
        ("/api/internal", "x=1&getUserInfo=", True),
        ("/api/internal", "getUserInfoX", False),
        ("/api/internal", "getThread", False),
        ("/api/user", "getUserInfo", False),
    ],
)
def test_one_call_tells_of_a_user(path: str, query: str, *, expected: bool) -> None:
    assert tells_of_a_user(path, query) is expected


def test_a_flag_goes_and_every_other_byte_stays() -> None:
    body = b'{ "ok" : true, "result": {"id":"u","n":1.0, "features":["a","thread-actors-tui"] ,"team":null} }\n'
    expected = b'{ "ok" : true, "result": {"id":"u","n":1.0, "features":["a"] ,"team":null} }\n'
    assert without_features(body, (FLAG,)) == expected


def test_a_flag_may_be_an_object_with_a_name() -> None:
    body = b'{"ok":true,"result":{"features":[{"name":"thread-actors-tui","enabled":true},{"name":"b"}]}}'
    assert without_features(body, (FLAG,)) == b'{"ok":true,"result":{"features":[{"name": "b"}]}}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"ok":false,"error":{}}',
        b'{"ok":true,"result":[]}',
        b'{"ok":true,"result":{"features":"thread-actors-tui"}}',
        b'{"ok":true,"result":{"features":[ "other",{"name":{}},7 ]}}',
        b'{"features":["thread-actors-tui"]}',
    ],
)
def test_any_other_body_stays_as_it_is(body: bytes) -> None:
    assert without_features(body, (FLAG,)) == body
