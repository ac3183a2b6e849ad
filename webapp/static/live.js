// Keeps an open page fresh: asks for it anew when the server says that something has changed, or every few seconds
// where it can't say so, and changes what differs. The server has written everything once; without this file it stands.
"use strict";

const STALE = document.currentScript.dataset.stale;
const EVENTS_URL = "/api/v1/events";
const EVERY_MS = 5000;
const AT_MOST_EVERY_MS = 2000;
const TIMEOUT_MS = 15000;

let askedAt = performance.now();
let timer;
let isAsking = false;
let events;

function showStale(isStale) {
  document.body.classList.toggle("is-stale", isStale);
  const note = document.getElementById("stale");
  const words = isStale ? STALE : "";
  if (note.textContent !== words) note.textContent = words;
}

// What somebody is writing, has opened or has marked stays as it is.
const MORPH = {
  morphStyle: "outerHTML",
  ignoreActiveValue: true,
  callbacks: {
    beforeAttributeUpdated: (name, node) => !(name === "open" && node instanceof HTMLDetailsElement),
  },
};

async function refresh() {
  askedAt = performance.now();
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    Idiomorph.morph(document.getElementById("main"), fresh.getElementById("main"), MORPH);
    document.title = fresh.title;
    showStale(false);
  } catch {
    showStale(true);
  }
}

// One request at a time, and none while nobody looks.
async function keepFresh() {
  if (isAsking) return;
  isAsking = true;
  await refresh();
  isAsking = false;
  schedule(EVERY_MS);
}

function schedule(delayMs) {
  clearTimeout(timer);
  if (document.hidden) return;
  // While the server tells of changes, an unasked look is only needed to find out that it has gone.
  const isTold = events?.readyState === EventSource.OPEN && !document.body.classList.contains("is-stale");
  timer = setTimeout(keepFresh, isTold && delayMs === EVERY_MS ? 12 * EVERY_MS : delayMs);
}

function listen() {
  events?.close();
  events = undefined;
  if (document.hidden) return;
  events = new EventSource(EVENTS_URL);
  events.addEventListener("change", () => schedule(Math.max(0, askedAt + AT_MOST_EVERY_MS - performance.now())));
}

function wake() {
  listen();
  schedule(EVERY_MS);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) keepFresh();
  wake();
});
wake();
