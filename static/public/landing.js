// Tells the hub that a person is on the page: somebody moved, touched, turned the wheel or typed after a moment.
// Programs that merely fetch links, even those that run scripts and take pictures, do none of it: they scroll, and a
// script's scrolling looks like a person's. The page works the same without this file.
(() => {
  const form = document.querySelector("form[data-seen]");
  if (!form) return;
  const signals = ["pointermove", "pointerdown", "touchstart", "keydown", "wheel"];
  const opened = performance.now();
  const notice = (event) => {
    // The hub wants the form to be a second old; leave room for rounding.
    if (!event.isTrusted || document.hidden || performance.now() - opened < 2000) return;
    for (const name of signals) removeEventListener(name, notice);
    const body = new URLSearchParams({ form: form.elements.form.value });
    fetch(form.dataset.seen, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
  };
  for (const name of signals) addEventListener(name, notice, { passive: true });
})();
