"""Which paths are those of AMP's own server."""

import pytest

from addons.amp.paths import EXACT, PREFIXES, is_management


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_stands_for_itself_and_for_what_is_below_it(prefix: str) -> None:
    assert is_management(prefix)
    assert is_management(f"{prefix}/")
    assert is_management(f"{prefix}/one/two")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_ends_with_a_segment(prefix: str) -> None:
    assert not is_management(f"{prefix}land")


@pytest.mark.parametrize("path", sorted(EXACT))
def test_a_feed_is_exactly_one_path(path: str) -> None:
    assert is_management(path)
    assert not is_management(f"{path}/more")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/v1/messages",
        "/v1/models",
        "/api",
        "/api/provider/anthropic/v1/messages",
        "/api/provider/google/v1beta1/publishers/google/models/m:generateContent",
        "//api/internal",
        "/x/api/internal",
        "api/internal",
        "/API/INTERNAL",
        "/api/%69nternal",
        "*",
        "",
    ],
)
def test_everything_else_is_the_routers(path: str) -> None:
    assert not is_management(path)


@pytest.mark.parametrize(
    "path",
    [
        "/api/internal",
        "/api/internal/github-auth-status",
        "/api/internal/github-proxy/repos/a/b",
        "/api/thread-actors",
        "/api/threads/T-0f0e.md",
        "/api/user-actor-credentials",
        "/actors/metadata",
        "/actors/gateway/threadActor/websocket/",
        "/api/telemetry",
        "/auth/cli-login",
        "/news.rss",
    ],
)
def test_what_the_recorded_clients_ask_is_amps(path: str) -> None:
    assert is_management(path)
