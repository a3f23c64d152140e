"""Specification of llr_cli/setup/around.py: which providers are there already."""

from llr_cli.setup.around import Near, found


def nobody(host: str, port: int) -> bool:
    return False


def signs(near: list[Near]) -> list[tuple[str, str]]:
    return [(each.preset.id, each.sign) for each in near]


def test_a_key_in_the_environment_is_a_provider() -> None:
    assert signs(found({"OPENROUTER_API_KEY": "sk-or", "PATH": "/bin"}, nobody)) == [
        ("openrouter", "OPENROUTER_API_KEY is set")
    ]


def test_an_empty_key_is_none() -> None:
    assert found({"OPENAI_API_KEY": " "}, nobody) == []


def test_a_variable_that_several_presets_read_counts_once() -> None:
    assert signs(found({"ZAI_API_KEY": "k"}, nobody)) == [("zai", "ZAI_API_KEY is set")]


def test_a_variable_that_the_providers_own_tools_read_counts() -> None:
    (near,) = found({"GOOGLE_API_KEY": "k"}, nobody)
    assert (near.preset.id, near.env) == ("gemini", "GOOGLE_API_KEY")


def test_a_server_on_this_machine_is_a_provider() -> None:
    assert signs(found({}, lambda host, port: (host, port) == ("localhost", 11434))) == [
        ("ollama", "something listens at localhost:11434")
    ]
