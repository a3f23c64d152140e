"""What a request of legacy Completions becomes elsewhere. Source: OpenAI API reference, "Create completion"."""

from addons.core.fidelity.outcomes import Outcome, handled, lost, mapped, same, unsent
from addons.core.fidelity.rows import Place, Section, Table, row
from addons.core.model import DialectName

_NO_FIELD = lost("no such field")
_CONFIG = "generationConfig"
_SAMPLING = lost("reasoning models refuse it", model="gpt-5.2")


def _sampled(to: str = "") -> tuple[Outcome, ...]:
    kept = mapped(to, model="gpt-4.1") if to else same(model="gpt-4.1")
    return (kept, _SAMPLING)


_FIELDS = Section(
    "All fields",
    Place.MEMBER,
    (
        row("model", "gpt-3.5-turbo-instruct", handled("the configuration says which model of which provider it is")),
        row(
            "prompt",
            "Blue",
            claude=mapped("messages[].content[].text"),
            chat=mapped("messages[].content"),
            responses=mapped("input[].content[].text"),
            gemini=mapped("contents[].parts[].text"),
            note="one text; several, or tokens, are **refused**",
        ),
        row(
            "max_tokens",
            400,
            claude=same(),
            chat=mapped("max_completion_tokens"),
            responses=mapped("max_output_tokens"),
            gemini=mapped(f"{_CONFIG}.maxOutputTokens"),
            note="16, when it is not said",
        ),
        row(
            "temperature",
            0.5,
            claude=same(),
            chat=_sampled(),
            responses=_sampled(),
            gemini=mapped(f"{_CONFIG}.temperature"),
        ),
        row("top_p", 0.5, claude=same(), chat=_sampled(), responses=_sampled(), gemini=mapped(f"{_CONFIG}.topP")),
        row(
            "stop",
            ["END"],
            claude=mapped("stop_sequences"),
            chat=_sampled(),
            responses=_NO_FIELD,
            gemini=mapped(f"{_CONFIG}.stopSequences"),
        ),
        row("stream", True, same(), gemini=handled("the method in the URL says so")),
        row(
            "stream_options",
            {"include_usage": True},
            handled("llr sends the client the usage, or not"),
            given={"stream": True},
        ),
        row("suffix", "End", unsent("a chat model cannot be told what follows")),
        row("echo", True, _NO_FIELD),
        row("best_of", 2, _NO_FIELD),
        row("n", 2, _NO_FIELD, note="there is one answer"),
        row("logprobs", 2, _NO_FIELD),
        row("logit_bias", {"50256": -100}, _NO_FIELD),
        row("seed", 7, _NO_FIELD, chat=same(), gemini=mapped(f"{_CONFIG}.seed")),
        row("frequency_penalty", 0.5, _NO_FIELD, chat=_sampled()),
        row("presence_penalty", 0.5, _NO_FIELD, chat=_sampled()),
        row(
            "user",
            "u",
            lost("it means nothing to another provider"),
            chat=mapped("safety_identifier", why="OpenAI's models only"),
            responses=mapped("safety_identifier", why="OpenAI's models only"),
        ),
    ),
)

TABLE = Table(
    DialectName.COMPLETIONS,
    (_FIELDS,),
    "The prompt is what the user says. A provider of this dialect is asked by clients of this dialect only.",
)
