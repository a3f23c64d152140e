"""Specification of llr_cli/setup/models.py: which models of a provider are taken."""

import pytest

from llr_cli.setup import talk
from llr_cli.setup.models import chosen_models

LISTED = ["glm-5.1", "glm-5.1-air", "kimi-k3"]


def answering(monkeypatch: pytest.MonkeyPatch, *said: str) -> None:
    answers = iter(said)

    def text(question: str, default: str | None = None) -> str:
        return next(answers) or default or ""

    monkeypatch.setattr(talk, "text", text)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("kimi-k3", ["kimi-k3"]),
        ("GLM*", ["glm-5.1", "glm-5.1-air"]),
        ("kimi-k3, glm-5.1 kimi-k3", ["kimi-k3", "glm-5.1"]),
        ("of-tomorrow", ["of-tomorrow"]),
        ("", LISTED),
    ],
)
def test_names_and_patterns_are_taken(monkeypatch: pytest.MonkeyPatch, said: str, taken: list[str]) -> None:
    answering(monkeypatch, said)
    assert chosen_models(LISTED) == taken


def test_what_matches_nothing_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "gpt*", "glm-5.1")
    assert chosen_models(LISTED) == ["glm-5.1"]


def test_of_many_models_none_is_taken_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "", "m3")
    assert chosen_models([f"m{number}" for number in range(30)]) == ["m3"]
