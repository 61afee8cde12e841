// An item's page: who else has it open, and the parts of the reply's form that belong to one channel.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const presence = document.getElementById("presence");
  if (presence) {
    // Where a form came back with what was typed, the address is the form's: loading it again must not send it again.
    if (location.pathname !== presence.dataset.page) history.replaceState(null, "", presence.dataset.page);
    startPresence(presence);
  }
  const reply = document.getElementById("reply-form");
  if (reply) startReply(reply);
  if (presence) startKeys();
});

// One key each; console.js has those that the inbox knows as well.
function startKeys() {
  const focus = (id) => () => {
    const field = document.getElementById(id);
    field?.scrollIntoView({ block: "center" });
    field?.focus();
  };
  const open = (id) => () => document.getElementById(id)?.showModal();
  listen({
    t: open("type-dialog"),
    A: open("assignee-dialog"),
    m: open("macro-dialog"),
    r: focus("area"),
    i: focus("issue"),
    R: focus("reply-text"),
    // Where there is something alike, the key leads to it (duplicates.js).
    ...(document.getElementById("alike") ? {} : { d: () => document.querySelector("[data-duplicates]")?.click() }),
  });
}

const BEAT_MS = 15000;
// So long after the last key somebody still counts as writing.
const TYPING_MS = 20000;

function startPresence(presence) {
  const form = presence.querySelector("form");
  let typedAt = -Infinity;

  document.getElementById("reply-text")?.addEventListener("input", () => {
    const first = performance.now() - typedAt > TYPING_MS;
    typedAt = performance.now();
    // Others hear of the first key at once.
    if (first) beat();
  });

  async function beat() {
    if (document.visibilityState !== "visible") return;
    const said = new FormData(form);
    if (performance.now() - typedAt < TYPING_MS) said.set("replying", "1");
    try {
      const response = await fetch(presence.dataset.beat, { method: "POST", body: said });
      if (response.ok) show(await response.json());
    } catch {
      // Offline for a moment: the next beat says more.
    }
  }

  function show({ others, changed }) {
    tell(presence.querySelector("[data-others]"), others);
    const line = presence.querySelector("[data-changed]");
    if (!changed) return;
    tell(line, [changed]);
    const again = document.createElement("a");
    again.href = presence.dataset.page;
    again.className = "hub-button";
    again.textContent = "Reload";
    line.firstChild.append(" ", again);
  }

  setInterval(beat, BEAT_MS);
  beat();
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => {
    const said = new FormData(form);
    said.set("gone", "1");
    navigator.sendBeacon(presence.dataset.beat, said);
  });
}

// Only what is new is read out: a status that says the same again stays untouched.
function tell(place, lines) {
  if ([...place.children].map((line) => line.firstChild.textContent).join("\n") === lines.join("\n")) return;
  place.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }),
  );
}

function startReply(form) {
  function fit() {
    const chosen = form.querySelector("[name=channel]:checked") || form.querySelector("[name=channel]");
    for (const part of form.querySelectorAll("[data-channel]")) part.hidden = part.dataset.channel !== chosen.value;
  }
  form.addEventListener("change", fit);
  fit();
}
