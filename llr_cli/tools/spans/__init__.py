"""Editors of text that change a value and leave every other byte as it is (promise 27)."""
