"""The report's table of rules: parameters, classes, limits, announcements, revocations and known groups."""

from collections.abc import Iterator

from ctcollect.analysis.rules import Parameter, Rules


def cited(rules: Rules) -> list[Parameter]:
    """In the order of the file."""
    return [*rules.parameters, *_classes_and_limits(rules), *_events(rules), *_known_groups(rules)]


def _classes_and_limits(rules: Rules) -> Iterator[Parameter]:
    for each in rules.validity_classes:
        yield Parameter(f"validity_class.{each.id}", each.max_days, "d", each.source)
    for phase in rules.phases:
        limits = f"{phase.max_days} from {phase.issued_from}, replaced after {phase.usual_elapsed} of it"
        yield Parameter(f"phase.{phase.id}", limits, "d", phase.source)


def _events(rules: Rules) -> Iterator[Parameter]:
    for each in rules.milestones:
        yield Parameter(f"milestone.{each.id}", f"{each.on}: {each.text}", "day", each.source)
    for event in rules.mass_revocations:
        issued = f"{event.owner}, issued {event.issued_from} to {event.issued_until}"
        answered = f"replaced {event.notice} to {event.replaced_until}"
        yield Parameter(f"mass_revocation.{event.id}", f"{issued}, {answered}", "UTC days", event.source)


def _known_groups(rules: Rules) -> Iterator[Parameter]:
    for machine in rules.machine_groups:
        yield Parameter(f"machine_group.{machine.id}", machine.owner, "CA", machine.source)
    for person in rules.person_groups:
        kind = f"{' or '.join(person.validations)}, {person.validity_class}, issued until {person.issued_until}"
        yield Parameter(f"person_group.{person.id}", f"{person.owner}, {kind}", "CA, UTC day", person.source)
