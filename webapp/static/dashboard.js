// Keeps the figures of the dashboard fresh. The server has written them all once; without this file they stand still.
"use strict";

const STATUS_URL = document.currentScript.dataset.status;
const EVERY_MS = 2000;
const TIMEOUT_MS = 10000;
const NOT_KNOWN = "–";
const [MINUTE, HOUR, DAY] = [60, 3600, 86400];
const TOKYO_AHEAD_MS = 9 * HOUR * 1000;

function share(value, { wanted }) {
  if (!wanted) return NOT_KNOWN;
  const tenths = Math.floor((value * 1000) / wanted);
  return `${Math.floor(tenths / 10)}.${tenths % 10} %`;
}

function duration(value) {
  if (value === null) return NOT_KNOWN;
  if (value === 0) return "done";
  const whole = (unit, of = value) => Math.floor(of / unit);
  if (value < MINUTE) return `${Math.max(whole(1), 1)} s`;
  if (value < HOUR) return `${whole(MINUTE)} min ${whole(1, value % MINUTE)} s`;
  if (value < DAY) return `${whole(HOUR)} h ${whole(MINUTE, value % HOUR)} min`;
  return `${count(whole(DAY))} d ${whole(HOUR, value % DAY)} h`;
}

function count(value) {
  return value === null ? NOT_KNOWN : value.toLocaleString("en-US");
}

function rate(value) {
  return value.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function moment(value) {
  return new Date(Date.parse(value) + TOKYO_AHEAD_MS).toISOString().slice(0, 19).replace("T", " ");
}

function text(value) {
  return (value ?? "").replace(/(?! )[\p{C}\p{Z}]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);
}

function presence(value) {
  return value ? "running" : "not running";
}

function condition(value, log) {
  if (!log.enabled) return "switched off";
  if (log.paused) return "paused";
  if (log.unobtainable && !(log.wanted && log.verified >= log.wanted)) return "unobtainable";
  if (log.verified >= log.wanted) return "verified";
  if (value === false) return "not reachable";
  if (log.fault) return "resting";
  if (log.done >= log.wanted) return "to be verified";
  return log.out ? "in work" : "waiting";
}

// The same names and the same results as in formats.py.
const FORMATS = { count, rate, share, duration, moment, text, presence, condition };

function fill(element, record) {
  for (const field of element.querySelectorAll("[data-field]")) {
    const value = record[field.dataset.field];
    if (field instanceof HTMLProgressElement) {
      field.max = record.wanted || 1;
      field.value = value;
    } else {
      write(field, FORMATS[field.dataset.format](value, record));
    }
  }
}

function write(field, shown) {
  if (field.textContent === shown) return; // so that a selection stays
  field.textContent = shown;
  if ("value" in field.dataset) field.dataset.value = shown;
}

function fillRows(body, records) {
  const row = body.parentElement.querySelector("template").content;
  while (body.rows.length > records.length) body.lastElementChild.remove();
  while (body.rows.length < records.length) body.append(row.cloneNode(true));
  records.forEach((record, number) => fill(body.rows[number], record));
}

function dashboardParts(status) {
  const logs = status.logs.filter((log) => log.window.length || log.unobtainable);
  const planned = status.logs.filter((log) => log.window.length).length;
  const summary = { ...status.totals, as_of: status.as_of, logs_unplanned: status.logs.length - planned };
  return { summary, logs, planned: planned > 0, workers: status.workers };
}

function showParts({ summary, logs, planned, workers }) {
  const [listed, accompanied] = [logs.length > 0, workers.length > 0];
  document.title = `${planned ? share(summary.done, summary) : "Nothing planned"} – ctcollect`;
  document.querySelectorAll('[data-record="summary"]').forEach((element) => fill(element, summary));
  fillRows(document.getElementById("logs"), logs);
  fillRows(document.getElementById("workers"), workers);
  const when = { listed, planned, unplanned: !planned, accompanied, alone: !accompanied };
  document.querySelectorAll("[data-when]").forEach((element) => (element.hidden = !when[element.dataset.when]));
}

function showStale(isStale) {
  document.body.classList.toggle("is-stale", isStale);
  write(document.getElementById("stale"), isStale ? "No fresh figures since then; trying again." : "");
}

async function refresh() {
  try {
    const answer = await fetch(STATUS_URL, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(answer.statusText);
    showParts(dashboardParts(await answer.json()));
    showStale(false);
  } catch {
    showStale(true);
  }
}

// One request at a time, and none while nobody looks.
let timer;
let isAsking = false;

function schedule(delayMs) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(keepFresh, delayMs);
}

async function keepFresh() {
  if (isAsking) return;
  isAsking = true;
  await refresh();
  isAsking = false;
  schedule(EVERY_MS);
}

document.addEventListener("visibilitychange", () => schedule(0));
schedule(EVERY_MS);
