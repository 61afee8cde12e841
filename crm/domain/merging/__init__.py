"""Two customers who are one person: planned, merged, undone.

`plan.py` says what a merge would do, `merge.py` does it in one transaction, `undo.py` takes it back for a month,
`relations.py` knows what hangs on a customer, `alike.py` finds who may be the same.
"""
