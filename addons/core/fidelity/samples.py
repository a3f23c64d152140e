"""Values that the rows of several tables share: the smallest picture, file and schema."""

from collections.abc import Mapping
from typing import Any

type Sample = Mapping[str, Any]

PNG = "iVBORw0KGgo="
PDF = "JVBERi0="
# what the harness of the table gives for every URL
FETCHED_PDF = "cGRm"
FETCHED_PNG = "cG5n"
IMAGE_URL = "https://example.com/a.png"
PDF_URL = "https://example.com/a.pdf"
PNG_DATA_URL = f"data:image/png;base64,{PNG}"
PDF_DATA_URL = f"data:application/pdf;base64,{PDF}"

SCHEMA: Sample = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
ID = "call_1"
