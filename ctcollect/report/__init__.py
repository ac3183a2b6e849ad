"""``ctcollect report``: from a collection to one page, its figures and tables as files, and lineages.csv.

The way: ``run.make_report`` reads the data by ``work`` (piece after piece, on several cores) into ``Aggregates``,
``exhibits`` makes tables of them, ``plots`` draws from those tables alone, ``page`` writes it all as HTML. Nothing
looks at a clock: the same data give the same octets. Needs the extra ``ctcollect[analysis]``.
"""
