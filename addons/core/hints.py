"""What a person can do about a failure, by class. Shown in every refusal of the router."""

from collections.abc import Mapping

from addons.core.errors import ErrorClass

HINTS: Mapping[ErrorClass, str] = {
    ErrorClass.NETWORK: "Check the provider's baseUrl and your connection; `llr config validate` shows both.",
    ErrorClass.TIMEOUT: "The provider did not answer in time; add a fallback target or raise its deadlines.",
    ErrorClass.TRUNCATED: "The provider broke off; try again or add a fallback target.",
    ErrorClass.MALFORMED: "The provider's answer is not of the configured format; check `format` and `baseUrl`.",
    ErrorClass.RATE_LIMITED: "Wait as long as Retry-After says, or add a fallback target to the alias.",
    ErrorClass.OVERLOADED: "The provider is overloaded; try again or add a fallback target.",
    ErrorClass.BILLING: "The provider's account has no credit or quota left.",
    ErrorClass.AUTH: "Check the provider's apiKey (or the variable that apiKeyEnv names).",
    ErrorClass.FORBIDDEN: "The key may not use this model or endpoint.",
    ErrorClass.POLICY: "The provider refused the content.",
    ErrorClass.MODEL_NOT_FOUND: "`llr route explain MODEL` shows where a name leads.",
    ErrorClass.NOT_FOUND: "Check the provider's baseUrl: it usually ends in /v1 for OpenAI formats.",
    ErrorClass.CONTEXT: "The conversation is too long for the model: compact it or use a larger window.",
    ErrorClass.VRAM: "The model does not fit into the memory of its server.",
    ErrorClass.TEMPORARY: "The provider failed; try again or add a fallback target.",
    ErrorClass.INVALID_REQUEST: "The request itself was refused; no other provider was asked.",
    ErrorClass.NOT_SUPPORTED: "The target cannot do what the request asks for.",
    ErrorClass.CONFIGURATION: "`llr config validate` shows what is missing.",
    ErrorClass.CLIENT: "The request was refused as it stands.",
    ErrorClass.UNKNOWN: "Run `llr start --debug` and look at the x-llm-router headers.",
}
