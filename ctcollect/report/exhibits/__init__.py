"""The report's tables and figures as data: a module a subject, each from aggregates to rows; nothing is drawn here."""
