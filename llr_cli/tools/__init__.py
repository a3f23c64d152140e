"""The coding tools' own files: what is written into them, and how it is taken back."""
