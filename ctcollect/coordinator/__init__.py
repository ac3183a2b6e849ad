"""The coordinator's work: plan what is wanted, feed the queues, record harvests, audit finished ranges."""
