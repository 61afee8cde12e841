/* A template's preview follows what is typed: it presses the button that works without this as well. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("template-preview");
  const form = document.getElementById("messagetemplate_form");
  if (!button || !form) return;
  let waiting = 0;
  const follow = () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  };
  const show = () => {
    // Not button.click(): the theme would take the form for saved and forget to warn.
    const frame = document.createElement("form");
    frame.method = "post";
    frame.action = button.getAttribute("formaction");
    frame.target = "template-frame";
    frame.hidden = true;
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string") continue;
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      frame.append(input);
    }
    document.body.append(frame);
    frame.submit();
    frame.remove();
  };
  form.addEventListener("input", follow);
  document.getElementById("preview_customer").addEventListener("input", follow);
});
