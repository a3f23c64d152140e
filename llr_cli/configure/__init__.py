"""The configuration's own editor: pure functions over its text, a table of operations, and what writes the file."""
