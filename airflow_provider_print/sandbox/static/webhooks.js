// Webhooks: who is told of letters, and what came of it.

import { get, post } from "/static/api.js";
import { copyButton, dialog, facts, h, segments, toast } from "/static/dom.js";
import { count, full, label, many, pill, shortDay, time, words } from "/static/format.js";

const MOST = 200; // messages that are shown
const STATES = [["", "All"], ["waiting", "Waiting"], ["delivered", "Delivered"], ["failed", "Failed"]];
const TONES = { waiting: "waiting", delivered: "ok", failed: "failed" };

export class Webhooks {
  constructor(app) {
    this.app = app;
    this.state = "";
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.endpoints = h("div", {});
    this.messages = h("div", {});
    this.element = h("div", { class: "view single" },
      h("div", { class: "page-head" }, h("h2", {}, "Webhooks"), this.note, h("span", { class: "spring" }),
        segments("State of messages", STATES, "", (state) => { this.state = state; this.refresh().catch((error) => toast(error.message, "bad")); })),
      h("div", { class: "scroll padded faults", role: "region", tabindex: "0", "aria-label": "Endpoints and messages" },
        h("section", { "aria-label": "Endpoints" }, h("h3", {}, "Endpoints"), this.endpoints),
        h("section", { "aria-label": "Messages" }, h("h3", {}, "Messages"), this.messages)));
  }

  async show() { await this.refresh(); }

  async refresh() {
    const state = this.state;
    const { endpoints, messages } = await get("/webhooks", { limit: MOST, state });
    const key = JSON.stringify([state, endpoints, messages]);
    if (state !== this.state || key === this.drawn) return; // the keyboard keeps its place where nothing is new
    this.drawn = key;
    const all = endpoints.flatMap(({ messages: states }) => Object.entries(states)).reduce((sum, [name, number]) => sum + (!state || name === state ? number : 0), 0);
    this.note.textContent = all > messages.length && messages.length === MOST ? `the newest ${count(MOST)} of ${count(all)}` : many(messages.length, "message");
    this.endpoints.replaceChildren(endpoints.length ? table(["Address", "Delivered", "Waiting", "Failed"], endpoints.map((endpoint) => [
      [h("code", { class: "break" }, endpoint.url), copyButton(endpoint.secret, "the secret")],
      ...["delivered", "waiting", "failed"].map((name) => count(endpoint.messages[name])),
    ])) : h("div", { class: "faint" }, h("p", {}, "Nobody is told of letters. An endpoint is named at the start, or to the running sandbox:"), h("pre", { class: "json", tabindex: "0" }, example())));
    const urls = new Map(endpoints.map(({ id, url }) => [id, url]));
    this.messages.replaceChildren(messages.length ? table(["Time", "Letter is now", "Of", "To", "State", "Last answer", ""], messages.map((message) => [
      h("time", { title: full(message.at) }, `${shortDay(message.at)} ${time(message.at)}`),
      pill(message.status),
      h("a", { href: `#/outbox/${encodeURIComponent(message.print_id)}` }, message.body.reference || message.print_id),
      h("code", { class: "break" }, urls.get(message.endpoint) ?? "removed"),
      h("span", { class: "pill", "data-status": TONES[message.state] }, words(message.state)),
      answered(message),
      h("button", { type: "button", class: "link", "aria-label": `Details of the message about ${message.letter}`, onclick: () => this.open(message) }, "Details"),
    ])) : h("p", { class: "faint" }, state ? "No message is in this state." : "Nothing has been told yet."));
  }

  open(message) {
    const box = dialog("Message", "wide", facts([
      ["Id", [h("code", { class: "break" }, message.id), copyButton(message.id, "the id")]],
      ["Event", `${message.type}, ${label(message.status)}`],
      ["Letter", h("code", { class: "break" }, message.letter)],
      ["State", words(message.state)],
      ["Next attempt", message.due === null ? null : full(message.due)],
      ["Attempts", message.attempts.length ? h("ol", {}, message.attempts.map((attempt) => h("li", {}, `${full(attempt.at)}: ${attempt.error ?? `status ${attempt.status}`}`))) : "none yet"],
    ], "facts column"), h("pre", { class: "json", tabindex: "0" }, JSON.stringify(message.body, null, 2)));
    box.append(h("div", { class: "actions" }, h("button", { type: "button", class: "tool", onclick: async () => {
      box.close();
      try {
        await post(`/webhooks/messages/${encodeURIComponent(message.id)}`, {});
        toast("The message is sent again, under the same id");
        await this.refresh();
      } catch (error) {
        toast(error.message, "bad");
      }
    } }, "Send again")));
  }

  get current() { return null; }
  escape() {}
}

function answered({ attempts }) {
  const last = attempts.at(-1);
  if (!last) return h("span", { class: "faint" }, "not tried yet");
  const tries = attempts.length > 1 ? ` (attempt ${count(attempts.length)})` : "";
  return `${last.error ?? last.status}${tries}`;
}

function table(names, rows) {
  return h("div", { class: "table-wrap" }, h("table", { class: "table" },
    h("thead", {}, h("tr", {}, names.map((name) => (name ? h("th", { scope: "col" }, name) : h("th", { "aria-label": "Details" }))))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

function example() {
  return `curl ${location.origin}/_sandbox/webhooks \\\n  -H 'Content-Type: application/json' \\\n  -d '{"url": "${location.protocol}//localhost:9000/hook"}'   # after: --allow-webhook localhost`;
}
