// Pairs that look alike: on an item's page, fetched once it is shown, and one after the other on a page of their own.
// Everything here can be done without it as well. listen() and takeBack() are console.js's.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const card = document.querySelector("[data-alike]");
  const pairs = document.getElementById("pairs");
  if (card) fetchAlike(card);
  const alike = document.getElementById("alike");
  if (alike) {
    listen({ d: () => focusPair(0) });
    // Within the list only: elsewhere on the page the arrows scroll, and other keys are others'.
    alike.addEventListener("keydown", (event) => {
      const act = currentPair() && !event.ctrlKey && !event.metaKey && !event.altKey && actsOfPairs()[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
  }
  if (pairs) startPairs();
});

async function fetchAlike(card) {
  const answer = await fetch(card.dataset.alike, { credentials: "same-origin" }).catch(() => null);
  // Not there or signed out: the link in the card says the rest.
  if (!answer?.ok || answer.redirected) return;
  card.querySelector("[data-alike-list]").innerHTML = await answer.text();
}

function allPairs() {
  return [...document.querySelectorAll("[data-pair]")];
}

function currentPair() {
  return document.activeElement?.closest("[data-pair]");
}

function focusPair(index) {
  const pairs = allPairs();
  if (!pairs.length) return;
  const pair = pairs[Math.max(0, Math.min(index, pairs.length - 1))];
  pair.focus({ preventScroll: true });
  pair.scrollIntoView({ block: "nearest" });
}

function movePair(step) {
  const at = allPairs().indexOf(currentPair());
  focusPair(at < 0 ? 0 : at + step);
}

function act(key) {
  return () => currentPair()?.querySelector(`[data-act="${key}"]`)?.click();
}

function actsOfPairs() {
  return {
    ArrowDown: () => movePair(1),
    ArrowUp: () => movePair(-1),
    y: act("y"),
    w: act("w"),
    x: act("x"),
  };
}

function startPairs() {
  focusPair(0);
  listen({
    ...actsOfPairs(),
    j: () => movePair(1),
    k: () => movePair(-1),
    o: () => currentPair()?.querySelector("[data-open]")?.click(),
    z: takeBack,
  });
}
