"""What a person should know about the document."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """`problems` make the document unusable, `warnings` do not."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
