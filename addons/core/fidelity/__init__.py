"""One table of what every field of every dialect becomes in each other: data, rendered into `docs/translation.md`
and held against the real renderings by a test. Nothing at run time reads it."""
