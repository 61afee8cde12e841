"""Customers from a file: read, matched to fields (`columns.py`), stored as a job's rows (`drafts.py`), taken in
(`step.py`)."""
