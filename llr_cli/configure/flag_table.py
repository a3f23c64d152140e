"""Every flag of every operation, in groups. Names and synonyms are the predecessor's; what it had not is marked new."""

from collections.abc import Mapping

from llr_cli.configure.flags import Flag

COMMON = (
    Flag("config", "text", "The configuration file; default ~/.llm-router.json."),
    Flag("operation", "text", "What is to be done.", ("op",)),
    # new
    Flag("json", "switch", "Print JSON."),
    Flag("dry-run", "switch", "Show the difference, change nothing."),
)
PROVIDER_ID = (Flag("provider-id", "text", "The provider's id.", ("provider",)),)
PROBE = (
    Flag("skip-probe", "switch", "Save without calling the provider."),
    Flag("probe-rpm", "number", "Calls a minute while the provider is tried; 30.", ("probe-requests-per-minute",)),
)
ENDPOINTS = (
    Flag("endpoints", "words", "Base URLs, separated by commas; the first is for every format."),
    Flag("base-url", "text", "The base URL, with or without its version tail.", ("endpoint",)),
    Flag("openai-base-url", "text", "The base URL of OpenAI's formats."),
    Flag("claude-base-url", "text", "The base URL of Anthropic's format.", ("anthropic-base-url",)),
    Flag("responses-base-url", "text", "The base URL of OpenAI's Responses."),  # new
    Flag("gemini-base-url", "text", "The base URL of Google's format."),  # new
    Flag("api-key", "secret", "The key itself; - reads it from standard input."),
    Flag("api-key-env", "text", "The variable that holds the key."),
    Flag("models", "words", "Names of models, separated by commas."),
    Flag("headers", "headers", "Headers of every request: JSON, or Name: value."),
    Flag("format", "text", "openai, openai-responses, claude or gemini."),
    Flag("formats", "words", "Several formats, separated by commas; the preferred one first."),
    Flag("preset", "text", "A provider that llr knows; `llr config provider presets` lists them."),  # new
)
# new
CATALOG_URL = Flag("catalog-url", "text", "Another address of the catalogue of context windows.")
PROVIDER = (
    *PROVIDER_ID,
    *ENDPOINTS,
    *PROBE,
    Flag("name", "text", "The provider's name for people."),
    Flag("type", "text", "standard or subscription.", ("provider-type",)),
    Flag("subscription-type", "text", "The kind of subscription."),
    Flag("subscription-profile", "text", "The profile of the subscription's login."),
    Flag("device-code", "switch", "Log in by a code on another device."),
    Flag("model-context-windows", "text", "Context windows: JSON, or model=200000, other=1m."),
    Flag("fill-model-context-windows", "switch", "Take context windows from what the provider or the catalogue says."),
    Flag("set-master-key", "switch", "Set the masterKey too."),
    Flag("master-key", "secret", "The masterKey; - reads it from standard input."),
    Flag("rate-limits", "json", "Rate limits of a new provider."),
    # new
    Flag("probe", "switch", "Try the provider before it is saved."),
    Flag("discover", "switch", "Take the models that the provider lists."),
    Flag("match", "text", "Of the models that are listed, only those of this glob."),
    CATALOG_URL,
    Flag("api-keys", "json", "Several keys, as a JSON list."),
    Flag("enabled", "switch", "Whether the provider is used."),
    Flag("max-concurrency", "number", "Requests that each model takes at once."),
    Flag("anthropic-version", "text", "The version header of Anthropic's format."),
    Flag("anthropic-beta", "text", "The beta header of Anthropic's format."),
    Flag("auth-type", "text", "How the key travels: bearer, x-api-key, header or none."),
    Flag("auth-header", "text", "The header that the key travels in."),
    Flag("auth-prefix", "text", "What stands before the key in its header."),
)
TEST = (
    *PROVIDER_ID,
    *ENDPOINTS,
    *PROBE,
    # new
    Flag("every-format", "switch", "Try every format, not only those that the provider is said to speak."),
    Flag("save", "switch", "Keep what was found."),
)
DISCOVER = (
    *PROVIDER_ID,
    *ENDPOINTS,
    *PROBE,
    # new
    Flag("match", "text", "Only the models of this glob."),
    Flag("save", "switch", "Add the models to the provider."),
)
MODEL = (
    *PROVIDER_ID,
    Flag("model", "text", "The model's name."),
)
# new
MODEL_ADD = (
    *PROVIDER_ID,
    Flag("models", "words", "Names of models, separated by commas."),
    Flag("model-context-windows", "text", "Context windows: JSON, or model=200000, other=1m."),
)
MODEL_EDIT = (
    *MODEL,
    Flag("model-aliases", "words", "Other names of the model."),
    Flag("context-window", "number", "The model's context window in tokens; 0 takes it away."),
    Flag("formats", "words", "What the model speaks, when it is not what its provider does."),
    Flag("capabilities", "json", 'What the model can, as in {"supportsThinking": false}.'),
    Flag("enabled", "switch", "Whether the model is used."),
)
NEW_NAME = Flag("new-name", "text", "The name that it gets.")
RENAME_PROVIDER = (*PROVIDER_ID, NEW_NAME)
SWITCH = (*PROVIDER_ID, Flag("enabled", "switch", "Whether the provider is used."))
ALIAS_ID = (Flag("alias-id", "text", "The alias.", ("alias",)),)
ALIAS = (
    *ALIAS_ID,
    Flag("strategy", "text", "How targets are chosen: ordered, auto, round-robin, weighted-rr and so on."),
    Flag("targets", "words", "ref, ref@weight or ref:weight, separated by commas."),
    Flag("fallback-targets", "words", "Who answers when no target can."),
    Flag("clear-fallback-targets", "switch", "Take the fallback targets away."),
    Flag("alias-metadata", "json", "Anything, as JSON."),
    # new
    Flag("hedge-ms", "number", "After how many milliseconds a silent target gets company; 0: never."),
    Flag("hold-until-reset", "switch", "Wait for a limit to reset instead of refusing."),
    Flag("join-duplicates", "switch", "Join a request that runs already."),
    Flag("affinity", "switch", "Keep a conversation with its target."),
)
RENAME_ALIAS = (*ALIAS_ID, NEW_NAME)
FALLBACKS = (
    *MODEL,
    Flag("fallback-models", "words", "provider/model references, separated by commas.", ("fallbacks",)),
    Flag("clear-fallbacks", "switch", "Take the fallbacks away."),
)
BUCKETS = (
    *PROVIDER_ID,
    Flag("bucket-id", "text", "The bucket."),
    Flag("bucket-name", "text", "The bucket's name for people."),
    Flag("bucket-models", "words", "The models that it counts; all by default."),
    Flag("bucket-requests", "number", "Requests in each window."),
    Flag("bucket-window", "text", "month:1, 1w, 7day, hour/6 and so on."),
    Flag("rate-limits", "json", "Buckets as JSON, merged by id."),
    Flag("remove-bucket", "named", "Take the bucket away."),
    Flag("replace-rate-limits", "switch", "The given buckets are all there are."),
    # new
    Flag("bucket-tokens", "number", "Tokens in each window."),
    Flag("bucket-input-tokens", "number", "Input tokens in each window."),
    Flag("bucket-output-tokens", "number", "Output tokens in each window."),
    Flag("bucket-concurrent", "number", "Requests at once."),
    Flag("bucket-per-key", "switch", "Count each of the provider's keys for itself."),
)
QUOTA = (
    *PROVIDER_ID,
    Flag("probe-mode", "text", "http or custom."),
    Flag("probe-url", "text", "Where the quota is asked for."),
    Flag("probe-method", "text", "GET or POST."),
    Flag("probe-headers", "headers", "Headers of the question."),
    Flag("probe-body", "text", "The body of the question."),
    Flag("probe-timeout", "number", "Milliseconds to wait."),
    Flag("probe-mapping", "json", "Where each number stands in the answer."),
    Flag("probe-mapping-used", "text", "The path of what is used, `path as number`."),
    Flag("probe-mapping-limit", "text", "The path of the limit."),
    Flag("probe-mapping-remaining", "text", "The path of what is left."),
    Flag("probe-mapping-reset-at", "text", "The path of the time of the reset."),
    Flag("probe-mapping-is-unlimited", "text", "The path of whether there is no limit."),
    Flag("cap-kind", "text", "dollars, tokens or requests."),
    Flag("combinator", "text", "AND, OR or REPLACE."),
    Flag("enforce", "text", "gate or observe."),
    Flag("safety-margin-dollars", "number", "What is kept in reserve, in dollars."),
    Flag("safety-margin-percent", "number", "What is kept in reserve, of the limit."),
    Flag("custom-source", "text", "The source of a custom probe."),
    Flag("quota-probe-json", "json", "The whole probe."),
    Flag("disable-quota-probe", "switch", "Take the probe away."),
    Flag("refresh-on-ui-open", "switch", "Ask when the console is opened."),
    Flag("refresh-on-reset-at", "switch", "Ask when a limit resets."),
    Flag("refresh-on-upstream-error", "json", "Ask after errors: statusCodes, bodyRegex."),
)
MASTER_KEY = (
    Flag("master-key", "secret", "The masterKey; - reads it from standard input."),
    Flag("generate-master-key", "switch", "Make one."),
    Flag("master-key-length", "number", "Its length, 24 to 256; 48."),
    Flag("master-key-prefix", "text", "What it begins with; gw_."),
    Flag("clear", "switch", "Take it away."),  # new
)
DEFAULT = (
    Flag("default-model", "text", "provider/model, or an alias."),
    Flag("clear", "switch", "Take it away."),
)
ROUTING = (
    Flag("enabled", "switch", "Connect the tool (true), or take it back (false)."),
    Flag("endpoint-url", "text", "The router's address; default: the running router's."),
    Flag("default-model", "text", "The model that the tool asks for."),
    Flag("primary-model", "text", "The same."),
    Flag("default-opus-model", "text", "The model of the family opus."),
    Flag("default-sonnet-model", "text", "The model of the family sonnet."),
    Flag("default-haiku-model", "text", "The model of the family haiku."),
    Flag("subagent-model", "text", "The model of subagents."),
    Flag("thinking-level", "text", "The level of thinking.", ("effort-level",)),
    Flag("reasoning-effort", "text", "The same."),
    Flag("mission-model", "text", "The model of missions."),
    Flag("mission-orchestrator-model", "text", "The model that leads missions."),
    Flag("mission-worker-model", "text", "The model that works in missions."),
    Flag("mission-validator-model", "text", "The model that checks missions."),
    Flag("codex-config-file", "text", "Codex's config.toml."),
    Flag("codex-model-catalog-file", "text", "Codex's catalogue of models."),
    Flag("claude-code-settings-file", "text", "Claude Code's settings.json."),
    Flag("factory-droid-settings-file", "text", "Factory Droid's settings.json."),
)
AMP_CLIENT = (
    Flag("enabled", "switch", "Connect AMP (true), or take it back (false)."),
    Flag("patch-amp-client-config", "switch", "Write AMP's own files too."),
    Flag("amp-client-settings-scope", "text", "global or workspace."),
    Flag("amp-client-settings-file", "text", "AMP's settings.json."),
    Flag("amp-client-secrets-file", "text", "AMP's secrets.json."),
    Flag("amp-client-url", "text", "The router's address; default: the running router's.", ("endpoint-url",)),
    Flag("amp-client-api-key", "secret", "The key that AMP shows; default: the masterKey."),
)
AMP = (
    Flag("amp-upstream-url", "text", "AMP's own server."),
    Flag("amp-upstream-api-key", "secret", "The key for AMP's own server; - reads it from standard input."),
    Flag("amp-restrict-management-to-localhost", "switch", "Pass management on for local clients only."),
    Flag("amp-force-model-mappings", "switch", "Mapped models before models of the same name."),
    Flag("amp-preset", "text", "builtin or none."),
    Flag("amp-default-route", "text", "Whom requests go to that nothing else says."),
    Flag("amp-routes", "text", "key => ref, separated by commas, or JSON; an empty ref takes one away."),
    Flag("amp-raw-model-routes", "text", "pattern => ref, separated by commas, or JSON."),
    Flag("amp-overrides", "json", "Entities and signatures of one's own."),
    Flag("amp-model-mappings", "text", "The older schema: pattern => ref."),
    Flag("amp-subagent-definitions", "text", "The older schema: id => pattern|pattern."),
    Flag("amp-subagent-mappings", "text", "The older schema: id => ref."),
    *(
        Flag(f"clear-amp-{name}", "switch", "Take it away.")
        for name in (
            "upstream-url", "upstream-api-key", "default-route", "routes", "raw-model-routes", "overrides",
            "model-mappings", "subagent-definitions", "subagent-mappings",
        )
    ),
    Flag("reset-amp-subagent-definitions", "switch", "Back to the built-in ones."),
    *AMP_CLIENT,
)  # fmt: skip
MIGRATE = (
    Flag("target-version", "number", "The version to come to; the newest."),
    Flag("create-backup", "switch", "Keep a copy beside the file; true.", ("backup",)),
)
STARTUP = (
    Flag("host", "text", "The address to listen on."),
    Flag("port", "number", "The port to listen on."),
    Flag("watch-config", "switch", "Reload the configuration when it changes."),
    Flag("watch-binary", "switch", "Restart after an upgrade."),
    Flag("require-auth", "switch", "Demand the masterKey from every client."),
)
LOOKUP = (
    Flag("models", "words", "Names of models, separated by commas.", ("model", "query")),
    Flag("limit", "number", "Suggestions for a name that is unknown; 8, at most 20."),
    CATALOG_URL,
)
VALUE = (
    Flag("path", "text", "webSearch.count, providers[0].headers and so on."),
    Flag("value", "text", "JSON, or a text."),
)

# taken, because scripts pass them, and without effect
IDLE: Mapping[str, str] = {
    "device-code": "logging in to a subscription comes with a later version",
    "watch-config": "llr reads a changed configuration again in any case",
    "watch-binary": "llr is restarted by `llr update`",
}


def spelt(flags: tuple[Flag, ...]) -> Mapping[str, Flag]:
    """The flags by every spelling."""
    return {name: flag for flag in flags for name in (flag.name, *flag.synonyms)}
