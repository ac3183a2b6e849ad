"""The figures. Each is drawn from an exhibit's rows and from nothing else, so that its CSV is what it shows."""
