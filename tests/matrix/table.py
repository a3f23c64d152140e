"""The expectation: what every behaviour comes to, for every client and provider. Data alone; docs/capabilities.md is
made of it, and tests/system/test_capabilities.py holds the router to it."""

from matrix.outcomes import CHAT, CLAUDE, GEMINI, RESPONSES, STREAMED, WHOLE, Row, approximated, no_form, refused, row

OPENAI = (CHAT, RESPONSES)
LISTED = "it is left out, and listed as a loss"

TABLE: dict[str, tuple[Row, ...]] = {
    "Text": (
        row("plain_text", "Text"),
        row("text_in_deltas", "Text as it is written", modes=STREAMED),
        row("system_prompt", "System prompt"),
        row("multi_turn", "Several turns"),
        row(
            "continued_response",
            "Conversation that goes on from a response",
            no_form("only Responses keeps conversations", clients=(CLAUDE, CHAT, GEMINI)),
        ),
        row("unicode_in_pieces", "Unicode, split anywhere"),
        row(
            "instruction_later",
            "Instruction in a later turn",
            no_form("instructions stand at the beginning", clients=(CLAUDE, GEMINI)),
            approximated("it stands there as a reminder in the words of the user", providers=(CLAUDE, GEMINI)),
        ),
        row("begun_answer", "Answer that is begun"),
        row(
            "begun_answer_refused",
            "Answer that is begun, model that refuses it",
            no_form("OpenAI's models take it", providers=OPENAI),
            no_form("within a dialect the request stands as it is", pairs="same"),
            approximated("the model is told to go on"),
        ),
        row("model_list", "List of models", modes=WHOLE),
        row("model_name", "Name of the model that answered"),
    ),
    "Settings and endings": (
        row("max_tokens", "Limit of the answer"),
        row("cut_answer", "Answer that was cut"),
        row(
            "stop_sequence",
            "Stop sequence",
            no_form("Responses has no stop sequences", clients=RESPONSES),
            approximated(LISTED, providers=RESPONSES),
        ),
        row("content_filter", "Content filter"),
        row(
            "refusal_in_words",
            "Refusal in words",
            no_form("the provider has no part for it", providers=(CLAUDE, GEMINI)),
            approximated("its words are the text of the answer", pairs="other"),
        ),
        row("temperature", "Temperature"),
        row("top_p", "Top-p"),
        row(
            "hot_temperature",
            "Temperature above 1",
            no_form("1 is the highest value", clients=CLAUDE),
            approximated("1 is the highest value", providers=CLAUDE),
        ),
        row(
            "sampling_of_a_reasoner",
            "Temperature of a model that refuses it",
            approximated(LISTED, providers=OPENAI, pairs="other"),
        ),
        row(
            "seed",
            "Seed",
            no_form("the client's dialect has no seed", clients=(CLAUDE, RESPONSES)),
            approximated(LISTED, providers=(CLAUDE, RESPONSES)),
        ),
        row(
            "several_answers",
            "Several answers at once",
            no_form("the client's dialect has one answer", clients=(CLAUDE, RESPONSES)),
            approximated(LISTED, pairs="other"),
        ),
        row(
            "end_user",
            "Id of the end user",
            no_form("Gemini has no such field", clients=GEMINI),
            approximated(f"it means nothing to another provider: {LISTED}", providers=(CLAUDE, GEMINI), pairs="other"),
            approximated(f"it means nothing to another provider: {LISTED}", clients=CLAUDE, pairs="other"),
        ),
        row(
            "cache_key",
            "Key of the prompt cache",
            no_form("the client's dialect has no keys", clients=(CLAUDE, GEMINI)),
            approximated("the provider caches without keys", providers=(CLAUDE, GEMINI)),
        ),
    ),
    "Pictures and documents": (
        row("image", "Picture"),
        row(
            "image_by_url",
            "Picture by URL",
            approximated(
                "the router fetches it (public addresses only) and sends its bytes", providers=GEMINI, pairs="other"
            ),
        ),
        row("several_images", "Pictures between texts"),
        row("pdf", "PDF"),
        row(
            "image_in_tool_result",
            "Picture in a tool result",
            no_form("results are text in Chat Completions", clients=CHAT),
            approximated("it follows the result in the same turn", providers=(CHAT, GEMINI), pairs="other"),
        ),
    ),
    "Tools": (
        row("tool_call", "Tool call"),
        row("text_before_a_call", "Text before a call"),
        row(
            "arguments_in_deltas",
            "Arguments as they are written",
            no_form("Gemini shows a call when it is whole", clients=GEMINI),
            approximated("Gemini sends a call when it is whole", providers=GEMINI),
            modes=STREAMED,
        ),
        row("empty_arguments", "Call without arguments"),
        row("parallel_calls", "Calls side by side"),
        row(
            "one_call_at_a_time",
            "One call at a time",
            no_form("Gemini cannot be asked for it", clients=GEMINI),
            approximated(LISTED, providers=GEMINI),
        ),
        row("result_round_trip", "Tool results, round trip"),
        row(
            "failed_tool",
            "Tool that failed",
            no_form("the client's dialect has no flag for it", clients=OPENAI),
            approximated("a dialect without a flag for it is told in words", providers=OPENAI),
        ),
        row(
            "result_that_is_missing",
            "Result that is missing",
            no_form("within a dialect the history stands as it is", pairs="same"),
        ),
        row("forced_tool", "Forced tool"),
        row("some_tool", "A tool must be called"),
        row("no_tool", "No tool now"),
        row("long_tool_name", "Long names with dots"),
        row(
            "free_text_tool",
            "Free-text tool",
            no_form("Messages and Gemini have no free-text tools", clients=(CLAUDE, GEMINI)),
            approximated("a function stands in", providers=(CLAUDE, GEMINI)),
            approximated("a function stands in", clients=RESPONSES, providers=CHAT),
        ),
        row("nested_schema", "Nested schema with $ref"),
        row(
            "hosted_tool",
            "Hosted search",
            no_form("Chat Completions has no hosted tools", clients=CHAT),
            approximated(f"another provider cannot run it: {LISTED}", providers=(CLAUDE, CHAT, GEMINI), pairs="other"),
        ),
        row(
            "forced_hosted_tool",
            "Hosted search, forced",
            no_form("the client's dialect cannot force one", clients=(CHAT, GEMINI)),
            refused(
                "without the tool the answer would not be what was asked for",
                providers=(CLAUDE, CHAT, GEMINI),
                pairs="other",
            ),
        ),
    ),
    "Structured output": (
        row("json_schema", "JSON schema"),
        row("parsed_answer", "The SDK's class for an answer", modes=WHOLE),
        row("json_schema_beside_tools", "JSON schema beside tools"),
        row(
            "json_schema_unenforced",
            "JSON schema, model that has none",
            no_form("within a dialect the request stands as it is", pairs="same"),
            no_form("all models have them", providers=RESPONSES),
            approximated("a tool takes the answer (Messages, Gemini), or it is asked for in words (Chat)"),
        ),
        row(
            "any_json",
            "JSON mode",
            no_form("Anthropic Messages has schemas only", clients=CLAUDE),
            approximated("JSON is asked for in words", providers=CLAUDE),
        ),
    ),
    "Thinking": (
        row("effort", "Effort"),
        row(
            "budget",
            "Budget in tokens",
            no_form("the client's dialect counts effort in words", clients=OPENAI),
            approximated("the budget's share of the limit, in words", providers=OPENAI),
        ),
        row(
            "no_thinking",
            "No thinking",
            approximated("Gemini 3 always thinks: the least that it can", providers=GEMINI, pairs="other"),
        ),
        row("thinking_shown", "Thinking is shown"),
        row(
            "thinking_given_back",
            "Signed thinking, round trip",
            approximated("Chat Completions has no signed thinking: it is left out", providers=CHAT),
        ),
    ),
    "Beside the text": (
        row("cited_sources", "Pages that the text cites"),
        row(
            "painted_picture",
            "Picture that the model has made",
            no_form("Anthropic's models make none", providers=CLAUDE),
            approximated("Messages has no form for it: it is on the list of losses", clients=CLAUDE),
        ),
        row(
            "hosted_record",
            "Record of a hosted tool",
            no_form("Chat Completions has none", providers=CHAT),
            approximated("another dialect has no form for it: it is on the list of losses", pairs="other"),
            modes=WHOLE,
        ),
    ),
    "Usage": (
        row("usage", "Tokens in and out"),
        row("cached_tokens", "Cached tokens"),
        row(
            "written_tokens",
            "Tokens written to the cache",
            no_form("Gemini does not tell", clients=GEMINI),
            no_form("Gemini does not tell", providers=GEMINI),
        ),
        row("thinking_tokens", "Tokens of thinking"),
        row(
            "count_tokens",
            "Counting a request",
            no_form("Chat Completions cannot ask for it", clients=CHAT),
            approximated("estimated, and labelled as an estimate", providers=CHAT),
            modes=WHOLE,
        ),
    ),
    "Errors": (
        row("invalid_request", "Invalid request"),
        row("wrong_key", "Wrong key"),
        row("forbidden", "Forbidden"),
        row("no_such_model", "No such model"),
        row("rate_limit", "Rate limit, with Retry-After"),
        row("overloaded", "Overloaded"),
        row("broken_provider", "Server error"),
        row("error_page", "HTML instead of JSON"),
        row("context_exceeded", "Context exceeded"),
        row("error_in_the_stream", "Error in the stream", modes=STREAMED),
        row("break_in_the_stream", "Break in the stream", modes=STREAMED),
    ),
}
