"""Celery's settings. Why each is as it is: docs/celery.md."""

from datetime import timedelta

from kombu.entity import Queue

from ctcollect.broker_url import check_broker_url, tls_options
from ctcollect.catalogue import queues
from ctcollect.errors import ConfigurationError
from ctcollect.routing import (
    CONTROL,
    EVENTS,
    RESULTS,
    UNACKED,
    UNACKED_INDEX,
    UNACKED_MUTEX,
    account_of,
    of_account,
)
from ctcollect.settings import load
from ctcollect.transport import use_this_transport

try:
    _settings = load()
    check_broker_url(_settings.broker_url)
    broker_use_ssl = tls_options(_settings)
except ConfigurationError as error:
    raise SystemExit(f"ctcollect: {error}") from None

_account = account_of(_settings.broker_url)
_harvests = of_account(RESULTS, _account)
use_this_transport()

broker_url = _settings.broker_url
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_channel_error_retry = True
broker_pool_limit = 32
broker_transport_options = {
    "visibility_timeout": _settings.visibility_timeout_seconds,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 15,
    "socket_timeout": 15,
    "socket_connect_timeout": 10,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "priority_steps": [0],
    "queue_order_strategy": "ctcollect.lanes:LimitedCycle",
    "polling_interval": 0.25,
    "account": _account,
    "unacked_key": of_account(UNACKED, _account),
    "unacked_index_key": of_account(UNACKED_INDEX, _account),
    "unacked_mutex_key": of_account(UNACKED_MUTEX, _account),
}

task_queues = [Queue(name, routing_key=name, no_declare=True) for name in (*queues(), _harvests, CONTROL)]
task_create_missing_queues = False
task_default_queue = CONTROL
task_serializer = result_serializer = event_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_acks_on_timeout = False
# Some two seconds: what can't be sent by then waits in the spool, not in a task.
task_publish_retry_policy = {"max_retries": 3, "interval_start": 0.2, "interval_step": 0.3, "interval_max": 1}
task_send_sent_event = False

event_exchange = of_account(EVENTS, _account)

worker_send_task_events = False
worker_pool = "ctcollect.lane_pool:LanePool"
worker_concurrency = _settings.lane_concurrency
worker_prefetch_multiplier = 1
worker_consumer = "ctcollect.worker:Consumer"
worker_disable_rate_limits = True
worker_cancel_long_running_tasks_on_connection_loss = False
worker_hijack_root_logger = False
timezone = "UTC"
enable_utc = True

imports = ("tasks.fetch",)


def _every(seconds: float, task: str) -> dict[str, object]:
    options = {"queue": CONTROL, "expires": max(seconds, 1.0)}
    return {"task": task, "schedule": timedelta(seconds=seconds), "options": options}


beat_schedule = {
    "feed": _every(_settings.feed_every_seconds, "ctcollect.feed"),
    "audit": _every(_settings.audit_every_seconds, "ctcollect.audit"),
    "plan": _every(_settings.plan_every_seconds, "ctcollect.plan"),
    "announce": _every(10.0, "ctcollect.announce"),
    "probe": _every(15.0, "ctcollect.probe"),
    "tidy": _every(5.0, "ctcollect.tidy"),
    "sample": _every(_settings.sample_every_seconds, "ctcollect.sample"),
}
beat_scheduler = "ctcollect.worker:Scheduler"
beat_schedule_filename = str(_settings.data_dir / "beat-schedule")
