"""Errors as a Responses client reads them: OpenAI's words, and the codes that only this API has."""

import pytest

from addons.core.errors import ErrorClass, ErrorInfo
from addons.dialects.openai_responses import DIALECT


def error(code, cls=ErrorClass.INVALID_REQUEST):
    return DIALECT.render_error(ErrorInfo(cls, "why", 400, code=code, param="p"))["error"]


def test_the_code_that_clients_send_everything_again_for():
    found = error("previous_response_not_found")

    assert (found["type"], found["code"], found["param"]) == (
        "invalid_request_error", "previous_response_not_found", "p",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "code"), [(ErrorClass.CONTEXT, "context_length_exceeded"), (ErrorClass.INVALID_REQUEST, None)]
)
def test_other_codes_are_of_the_class_and_not_a_providers(cls, code):
    assert error("E1234", cls)["code"] == code
