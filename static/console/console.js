// The keyboard of the inbox and the item page. Everything here can be done without it as well.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const inbox = document.getElementById("inbox");
  const item = document.getElementById("item");
  submitOnChange();
  watchJobs();
  if (inbox) startInbox(inbox);
  else if (!item && document.getElementById("undo-form")) startEmpty();
  if (item) startItem(item);
});

const SEEN = "hub.inbox";

// --- Shared ---

function submitOnChange() {
  for (const field of document.querySelectorAll("[data-submit]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
    const button = field.form.querySelector("button");
    if (button) button.hidden = true;
  }
  // A form with several buttons: as if by its first, which shows and does nothing yet.
  for (const field of document.querySelectorAll("[data-submit-first]")) {
    field.addEventListener("change", () => field.form.requestSubmit(field.form.querySelector("button")));
  }
}

// Bars of jobs under way move while somebody looks; one that is over shows what came of it.
function watchJobs() {
  const bars = [...document.querySelectorAll("[data-job]")];
  if (!bars.length) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    for (const bar of bars) {
      const answer = await fetch(bar.dataset.job, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok) continue;
      const job = await answer.json();
      if (job.over) {
        clearInterval(timer);
        location.reload();
        return;
      }
      bar.querySelector("[data-job-said]").textContent = job.said;
      if (job.percent !== null) bar.querySelector("progress").value = job.percent;
    }
  }, 2000);
}

function dialog(id) {
  return document.getElementById(id);
}

function listen(keys) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) {
      pick(event);
      return;
    }
    // A focused link or button has its own Enter.
    if (event.key === "Enter" && event.target.closest("a, button")) return;
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}

function pick(event) {
  const choice = document.querySelector(`dialog[open] [data-key="${CSS.escape(event.key)}"]`);
  if (choice) {
    event.preventDefault();
    choice.click();
  }
}

function fill(form, target, verb, next) {
  form.action = target.dataset.do.replace("VERB", verb);
  form.elements.version.value = target.dataset.version;
  form.elements.next.value = next;
}

function chooseStatus(target, next) {
  const open = dialog("status-dialog");
  fill(open.querySelector("form"), target, "status", next);
  open.showModal();
}

// Of the item's own account: those it has are taken off, others added.
function chooseLabel(target, next) {
  const open = dialog("label-dialog");
  const form = open.querySelector("form");
  const has = new Set(target.dataset.labels.split(" "));
  let number = 0;
  fill(form, target, "label", next);
  for (const line of form.querySelectorAll("li")) {
    const button = line.querySelector("button");
    line.hidden = line.dataset.account !== target.dataset.account;
    if (line.hidden) {
      delete button.dataset.key;
      continue;
    }
    number += 1;
    const on = has.has(button.value);
    button.dataset.key = number < 10 ? String(number) : "";
    button.querySelector("kbd").textContent = button.dataset.key;
    button.setAttribute("aria-pressed", String(on));
    button.formAction = target.dataset.do.replace("VERB", on ? "unlabel" : "label");
  }
  open.showModal();
}

// The digit's status at once: z takes it back.
function moveTo(target, digit, next) {
  const choice = dialog("status-dialog").querySelector(`[data-key="${digit}"]`);
  const form = document.getElementById("quick-form");
  fill(form, target, "status", next);
  form.elements.value.value = choice.value;
  form.submit();
}

// Spam, and what is spam back to New.
function spamOrNot(target, next) {
  const form = document.getElementById("quick-form");
  fill(form, target, "status", next);
  form.elements.value.value = target.dataset.status === "spam" ? "new" : "spam";
  form.submit();
}

function digits(act) {
  return Object.fromEntries([..."12345678"].map((digit) => [digit, act(digit)]));
}

function assignToMe(target, next) {
  const form = document.getElementById("quick-form");
  fill(form, target, "assign", next);
  form.elements.value.value = "me";
  form.submit();
}

// The button in the message, else what was done last before this page.
function takeBack() {
  const form = document.querySelector("form[data-undo]") || document.getElementById("undo-form");
  if (form) form.requestSubmit();
}

function search() {
  const box = document.getElementById("searchbar");
  if (box) box.focus();
}

function remember(state) {
  try {
    sessionStorage.setItem(SEEN, JSON.stringify(state));
  } catch {
    // Private windows may refuse; then only the position is lost.
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(SEEN)) || {};
  } catch {
    return {};
  }
}

// --- Inbox ---

// Shift and click selects from the last one clicked; Django's own script for it expects a table.
function selectRanges(inbox) {
  const boxes = [...inbox.querySelectorAll(".action-select")];
  const counter = document.querySelector(".action-counter");
  const whole = document.getElementById("select-page");
  let last = -1;

  function tell() {
    const chosen = boxes.filter((box) => box.checked).length;
    if (counter) counter.textContent = `${chosen} of ${boxes.length} selected`;
    if (!whole) return;
    whole.checked = chosen > 0 && chosen === boxes.length;
    whole.indeterminate = chosen > 0 && chosen < boxes.length;
  }

  whole?.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    tell();
  });

  tell();
  inbox.addEventListener("change", tell);
  inbox.addEventListener(
    "click",
    (event) => {
      const at = boxes.indexOf(event.target);
      if (at < 0) return;
      if (event.shiftKey && last >= 0) {
        event.stopPropagation();
        const [from, to] = at < last ? [at, last] : [last, at];
        for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
        tell();
      }
      last = at;
    },
    true,
  );
}

function startInbox(inbox) {
  const rows = [...inbox.querySelectorAll(".hub-row")];
  const here = location.pathname + location.search;
  const before = remembered();
  let at = -1;

  function focus(index) {
    if (!rows.length) return;
    rows[at]?.classList.remove("is-focused");
    at = Math.max(0, Math.min(index, rows.length - 1));
    rows[at].classList.add("is-focused");
    rows[at].querySelector("a").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
    save();
  }

  function save() {
    remember({
      list: here,
      at,
      ids: rows.map((row) => row.dataset.item),
      urls: rows.map((row) => row.dataset.url),
    });
  }

  function on(act) {
    return () => {
      if (at < 0) focus(0);
      if (rows[at]) act(rows[at]);
    };
  }

  selectRanges(inbox);
  save();
  if (before.list === here && before.at >= 0) focus(before.at);
  listen({
    j: () => focus(at + 1),
    k: () => focus(at - 1),
    o: on((row) => location.assign(row.dataset.url)),
    Enter: on((row) => location.assign(row.dataset.url)),
    x: on((row) => row.querySelector("input").click()),
    s: on((row) => chooseStatus(row, here)),
    e: on((row) => chooseStatus(row, here)),
    l: on((row) => chooseLabel(row, here)),
    ...digits((digit) => on((row) => moveTo(row, digit, here))),
    "!": on((row) => spamOrNot(row, here)),
    a: on((row) => assignToMe(row, here)),
    n: on((row) => location.assign(`${row.dataset.url}#note-text`)),
    z: takeBack,
    "/": search,
    "?": () => dialog("help-dialog").showModal(),
  });
}

// Nothing is left in the list: what emptied it can still be taken back.
function startEmpty() {
  listen({ z: takeBack, "/": search, "?": () => dialog("help-dialog").showModal() });
}

// --- Item ---

function startItem(item) {
  const list = remembered();
  const at = (list.ids || []).indexOf(item.dataset.item);

  function go(step) {
    const url = at >= 0 ? list.urls[at + step] : undefined;
    if (url) {
      remember({ ...list, at: at + step });
      location.assign(url);
    } else if (at >= 0) {
      // Past either end one is back at the list, with its filters.
      location.assign(list.list);
    }
  }

  const note = document.getElementById("note-text");
  if (note && location.hash === "#note-text") note.focus();
  listen({
    j: () => go(1),
    k: () => go(-1),
    u: () => location.assign(list.list || item.dataset.list),
    s: () => chooseStatus(item, location.pathname),
    e: () => chooseStatus(item, location.pathname),
    l: () => chooseLabel(item, location.pathname),
    ...digits((digit) => () => moveTo(item, digit, location.pathname)),
    "!": () => spamOrNot(item, location.pathname),
    a: () => assignToMe(item, location.pathname),
    n: () => note?.focus(),
    z: takeBack,
    "/": search,
    "?": () => dialog("help-dialog").showModal(),
  });
}
