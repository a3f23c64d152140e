"""What a request in Anthropic Messages becomes elsewhere. Source: Anthropic API reference, "Create a Message"."""

from addons.core.fidelity.outcomes import handled, lost, mapped, same
from addons.core.fidelity.rows import CLAUDE, Place, Section, Table, row

_TOOL = {"name": "look", "description": "Looks", "input_schema": {"type": "object", "properties": {}}}
_SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
_NO_FIELD = lost("no such field")
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")
_CHOICE = "toolConfig.functionCallingConfig"
_THINKING = "generationConfig.thinkingConfig"

_BASICS = Section(
    "Basics",
    Place.MEMBER,
    (
        row(
            "system",
            "Be brief",
            chat=mapped("messages[].content", why="the first message, of the role `system`"),
            responses=mapped("instructions"),
            gemini=mapped("systemInstruction.parts[].text"),
        ),
        row(
            "max_tokens",
            4000,
            chat=(mapped("max_completion_tokens"), mapped("max_tokens", model="deepseek-chat", why="elsewhere")),
            responses=mapped("max_output_tokens", why="at least 16"),
            gemini=mapped("generationConfig.maxOutputTokens"),
        ),
        row(
            "stop_sequences",
            ["END"],
            chat=(mapped("stop", model="gpt-4.1", why="the first four"), _SAMPLING),
            responses=_NO_FIELD,
            gemini=mapped("generationConfig.stopSequences", why="the first five"),
        ),
        row("stream", True, chat=same(), responses=same(), gemini=handled("the method in the URL says so")),
        row(
            "metadata.user_id",
            "user-1",
            lost("it means nothing to another provider"),
        ),
    ),
)
TABLE = Table(CLAUDE, (_BASICS,))
