"""How certificates of .jp names are renewed: rows in, figures out. Pure: no SQL, no drawing, no clock.

The way of the data: ``Issuance`` -> ``analyse_domain`` (all certificates of one registered domain) or, for domains too
large for memory, ``cover_of`` and ``analyse_lineages`` -> ``LineageResult`` -> ``Aggregates.add_domain`` -> figures.
"""
