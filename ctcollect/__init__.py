"""ctcollect: collect every .jp certificate from Certificate Transparency logs with a fleet of friends' machines.

Importing this package imports nothing else: a friend's worker loads only what fetching needs.
"""

__version__ = "0.1.0"
