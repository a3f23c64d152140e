"""Specification of llr_cli/configure/probe.py: providers are really called."""

from typing import Any

from harness.configuring import Cli, Provider


def saved(fresh: Cli, provider: Provider, **more: Any) -> None:
    fresh.have(
        {
            "version": 2,
            "providers": [
                {
                    "id": "t",
                    "baseUrl": provider.url,
                    "format": "openai",
                    "apiKey": "sk-canary-9876543210",
                    "models": ["m"],
                }
                | more
            ],
        }
    )


def test_every_model_is_asked_in_every_format_that_it_speaks(fresh: Cli, provider: Provider) -> None:
    saved(fresh, provider, formats=["openai", "claude"], models=["m", {"id": "n", "formats": ["claude"]}])
    found = fresh.json("provider", "test", "t")
    assert found["ok"] and found["modelSupport"] == {"m": ["openai", "claude"], "n": ["claude"]}
    assert provider.paths() == ["/v1/chat/completions", "/v1/messages", "/v1/messages"]
    assert provider.asked[0].headers["authorization"] == "Bearer sk-canary-9876543210"
    assert provider.asked[1].headers["x-api-key"] == "sk-canary-9876543210"
