// On a page that says that something is away: opens it anew as soon as the server has an answer again.
"use strict";

const EVERY_MS = Number(document.currentScript.dataset.seconds) * 1000;

async function look() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } }).catch(() => undefined);
  if (answer && answer.status !== 503) location.reload();
}

setInterval(() => document.hidden || look(), EVERY_MS);
