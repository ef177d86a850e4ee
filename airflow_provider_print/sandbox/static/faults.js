// Faults: presets and single ones to play, and what has become of those that are set.

import { get, post, remove } from "/static/api.js";
import { h, toast } from "/static/dom.js";
import { count, many, words } from "/static/format.js";

// The accidents that testers ask for most, each once.
const ONCE = [
  ["The answer is lost", "The next call that changes something is executed, and the connection ends before the answer.", { method: "POST", phase: "after", kind: "close" }],
  ["Refused for now", "The next call is answered 503 and not executed.", { phase: "before", kind: "status", status: 503, headers: { "Retry-After": "1" } }],
  ["Too many calls", "The next call is answered 429.", { phase: "before", kind: "status", status: 429, headers: { "Retry-After": "1" } }],
  ["Connection reset", "The next call is cut off before it is executed.", { phase: "before", kind: "reset" }],
  ["Executed late", "The next call that changes something is cut off, and executed five seconds later.", { method: "POST", phase: "late", delay: 5 }],
  ["Executed twice", "The next call that changes something is executed two times.", { method: "POST", phase: "twice" }],
  ["Half an answer", "The next answer ends in the middle.", { phase: "after", kind: "truncate" }],
  ["No JSON", "The next answer is garbage.", { phase: "after", kind: "garbage" }],
];

export class Faults {
  constructor(app) {
    this.app = app;
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.clear = h("button", { type: "button", class: "tool", onclick: () => this.clearAll() }, "Clear all");
    this.presets = h("div", { class: "cards" });
    this.rules = h("div", {});
    this.element = h("div", { class: "view single" },
      h("div", { class: "page-head" }, h("h2", {}, "Faults"), this.note, h("span", { class: "spring" }), this.clear),
      h("div", { class: "scroll padded faults" },
        h("section", { "aria-label": "Faults in play" }, h("h3", {}, "In play"), this.rules),
        h("section", { class: "presets", "aria-label": "Presets" }, h("h3", {}, "Presets"), h("p", { class: "faint" }, "A bad day of a service, many rules at once."), this.presets),
        h("section", { "aria-label": "Single accidents" }, h("h3", {}, "Once"), h("p", { class: "faint" }, "One accident, for the next call that it fits."),
          h("div", { class: "cards" }, ONCE.map(([name, text, rule]) => this.card(name, text, () => this.add(rule)))))));
  }

  card(name, text, act, attributes = {}) {
    return h("button", { type: "button", class: "card", onclick: act, ...attributes }, h("b", {}, name), h("span", {}, text));
  }

  async show() {
    await this.refresh();
  }

  async refresh() {
    const [{ faults }, { presets = [] }] = await Promise.all([get("/faults"), this.loadPresets()]);
    this.note.textContent = faults.length ? many(faults.length, "rule") : "none";
    this.clear.hidden = !faults.length;
    this.rules.replaceChildren(faults.length ? this.table(faults) : h("p", { class: "faint" }, "Every call is answered as the services would."));
    if (!this.presets.childElementCount) {
      this.presets.replaceChildren(...presets.map((preset) => this.card(words(preset.name.replaceAll("-", " ")), preset.says, () => this.add({ preset: preset.name }), { "data-preset": preset.name })));
      this.presets.parentElement.hidden = !presets.length;
    }
  }

  async loadPresets() {
    this.known ??= await get("/presets");
    return this.known;
  }

  table(faults) {
    const head = ["", "Meets", "When", "What happens", "Met", "Played"].map((text) => h("th", { scope: "col" }, text));
    return h("div", { class: "table-wrap" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, faults.map((rule) => h("tr", {},
      h("td", { class: "number" }, String(rule.id)),
      h("td", {}, meets(rule)),
      h("td", {}, often(rule)),
      h("td", {}, happens(rule)),
      h("td", { class: "number" }, count(rule.matched)),
      h("td", {}, rule.fired ? h("span", { class: "pill", "data-status": "sent" }, `${count(rule.fired)} ×`) : h("span", { class: "pill", "data-status": "waiting" }, "not yet")))))));
  }

  async add(rule) {
    try {
      await post("/faults", rule);
      await this.refresh();
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async clearAll() {
    try {
      const { unfired } = await remove("/faults");
      if (unfired.length) toast(`Cleared; ${many(unfired.length, "rule")} had never been played`);
      await this.refresh();
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  get current() { return null; }
}

function meets(rule) {
  const parts = [rule.method ?? "any call", rule.route ? h("code", {}, rule.route) : null, rule.service ? `of ${rule.service}` : null, rule.reference ? `for ${rule.reference}` : null, rule.body ? h("code", {}, JSON.stringify(rule.body)) : null];
  return parts.filter(Boolean).flatMap((part, index) => (index ? [" ", part] : [part]));
}

function often(rule) {
  const parts = [];
  if (rule.nth) parts.push(`number ${rule.nth.join(", ")}`);
  if (rule.probability < 1) parts.push(`${Math.round(rule.probability * 1000) / 10} % of them`);
  parts.push(rule.times === null ? "always" : rule.times === 1 ? "once" : `${count(rule.times)} times`);
  return parts.join(", ");
}

function happens(rule) {
  const phase = { before: "not executed", after: "executed", late: `executed ${rule.delay} s late`, twice: "executed twice" }[rule.phase];
  const kind = {
    none: "true answer", status: `answered ${rule.status}`, reset: "connection reset", close: "connection closed", truncate: "answer cut short",
    garbage: "answer is garbage", dribble: "answer in drops", hang: "hangs", delay: "answer delayed",
  }[rule.kind] ?? rule.kind;
  return rule.kind === "delay" && rule.phase === "before" ? "executed after a delay" : `${phase}, ${kind}`;
}
