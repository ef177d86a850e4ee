// Parts that more than one view is made of.

import { h, icon } from "/static/dom.js";

/** A search field that waits until the typing pauses. */
export function searchField(placeholder, search) {
  const input = h("input", { type: "search", placeholder, "aria-label": placeholder, autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
  let timer = 0;
  const now = () => { clearTimeout(timer); search(input.value.trim()); };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(now, 160); });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") now(); });
  return {
    element: h("label", { class: "search" }, icon("search"), input, h("kbd", { "aria-hidden": "true" }, "/")),
    input,
    get value() { return input.value; },
    set(text) { input.value = text; },
  };
}

/** What an empty outbox says: how to post a first letter. */
export function welcome() {
  const origin = location.origin;
  const command = `curl ${origin}/intelliprint/v1/prints \\\n  -u key_sandbox: \\\n  -d content='Dear reader, ...' \\\n  -d reference=hello \\\n  -d 'recipients[0][address][line]=7 Any Road' \\\n  -d 'recipients[0][address][postcode]=AB1 2CD' \\\n  -d testmode=true -d confirmed=true`;
  return h("div", { class: "empty welcome" },
    h("div", { class: "ghost" }, h("i", {})),
    h("p", {}, h("b", {}, "Nothing has been posted yet.")),
    h("p", { class: "faint" }, "Letters appear here when they are sent to"),
    h("p", {}, h("code", {}, `${origin}/intelliprint/v1`)),
    h("pre", { class: "json", tabindex: "0" }, command));
}
