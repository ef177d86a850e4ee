// The journal: every call to a service, and what became of it.

import { get, remove } from "/static/api.js";
import { dialog, facts, h, toast } from "/static/dom.js";
import { bytes, count, full, many, shortDay, time } from "/static/format.js";
import { Grid } from "/static/grid.js";
import { searchField } from "/static/parts.js";

export class Journal {
  constructor(app) {
    this.app = app;
    this.filter = { q: "", trouble: "" };
    this.search = searchField("Search path, status, reference", (text) => { this.filter.q = text; this.grid.restart(); });
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.trouble = h("button", { type: "button", class: "tool", "aria-pressed": "false", onclick: () => this.toggle() }, "Only trouble");
    this.rows = h("div", {});
    this.empty = h("div", {});
    const scroller = h("div", { class: "scroll" }, this.rows, this.empty);
    this.element = h("div", { class: "view single" },
      h("div", { class: "page-head" }, h("h2", {}, "Journal"), this.note, h("span", { class: "spring" }), this.trouble,
        h("button", { type: "button", class: "tool", onclick: () => this.clear() }, "Clear"), this.search.element),
      h("div", { class: "call head", "aria-hidden": "true" }, ...["Time", "Call", "Reference", "Answer", "What happened"].map((text) => h("span", {}, text))),
      scroller);
    this.grid = new Grid({
      scroller, host: this.rows, label: "Calls", rowHeight: 40, slim: { rowHeight: 66 }, className: "call",
      fetch: async (skip, limit) => {
        const answer = await get("/page/journal", { ...this.filter, skip, limit });
        return { ...answer, items: answer.requests };
      },
      draw: (call) => draw(call),
      arrived: (answer) => this.counted(answer),
      chosen: (call, _index, how) => { if (how !== "move") open(call); },
      failed: (error) => toast(error.message, "bad"),
    });
  }

  counted(answer) {
    this.note.textContent = many(answer.total, "call");
    // A call is listed as soon as it comes; what becomes of it is no news, so it is looked at again.
    const unfinished = answer.requests.some((call) => call.status === null && !call.answer_sent && answer.real_now - call.at < 60);
    clearTimeout(this.again);
    if (unfinished) this.again = setTimeout(() => { if (this.element.isConnected) this.grid.refresh(); }, 1000);
    this.empty.replaceChildren(...(answer.total ? [] : [h("div", { class: "empty" }, h("p", {}, this.filter.q || this.filter.trouble ? "No call fits." : "Nobody has called a service yet."))]));
  }

  toggle() {
    this.filter.trouble = this.filter.trouble ? "" : "1";
    this.trouble.setAttribute("aria-pressed", String(Boolean(this.filter.trouble)));
    this.grid.restart();
  }

  async clear() {
    try {
      await remove("/journal");
      await this.grid.restart();
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async show() {
    if (!this.grid.loaded) await this.grid.restart();
    else await this.grid.refresh();
  }
  refresh() { return this.grid.refresh(); }
  get current() { return this.grid; }
  escape() {
    if (this.search.value) { this.search.set(""); this.filter.q = ""; this.grid.restart(); }
    else if (this.filter.trouble) this.toggle();
  }
}

function draw(call) {
  const [, service, rest] = /^(\/[^/]+)(.*)$/s.exec(call.path) ?? [null, "", call.path];
  return [
    h("time", { title: full(call.sandbox_time) }, h("span", {}, shortDay(call.sandbox_time)), " ", time(call.sandbox_time)),
    h("span", { class: "call-path" }, h("b", { "data-method": call.method }, call.method), h("code", {}, h("span", { class: "faint" }, service), rest)),
    h("span", { class: "call-reference" }, call.reference ?? ""),
    answered(call),
    h("span", { class: "call-happened" }, happened(call)),
  ];
}

function answered(call) {
  if (call.status === null) return h("span", { class: "code none" }, "none");
  return h("span", { class: "code", "data-class": String(Math.floor(call.status / 100)) }, String(call.status));
}

/** What became of a call, in a few words; a fault is named by its number. */
function happened(call) {
  const parts = [];
  const fault = call.rule !== null && call.rule !== undefined ? h("span", { class: "pill", "data-status": "returned" }, `fault ${call.rule}`) : null;
  if (fault) parts.push(fault);
  if (call.executed && !call.answer_sent) parts.push(h("span", { class: "pill", "data-status": "failed" }, "answer lost"));
  if (!call.executed) parts.push(fault ? "not executed" : call.status === null ? "still being answered" : "not executed");
  else {
    if (call.executions > 1) parts.push(`executed ${call.executions} times`);
    else if (call.committed) parts.push(h("span", { class: "changed" }, "made a change"));
    else if ((call.true_status ?? 0) >= 400) parts.push("refused");
    else parts.push(h("span", { class: "faint" }, "read only"));
    if (call.answer_sent && call.true_status !== call.status) parts.push(`true answer ${call.true_status}`);
  }
  return parts.flatMap((part, index) => (index ? [" ", part] : [part]));
}

async function open(call) {
  const yes = (value) => (value ? "yes" : "no");
  const box = dialog(`${call.method} ${call.path}`, "wide", facts([
    ["What happened", h("span", { class: "call-happened" }, happened(call))],
    ["Answer sent", `${yes(call.answer_sent)}${call.status === null ? "" : `, status ${call.status}`}`],
    ["Service's own answer", call.true_status === null ? "none" : String(call.true_status)],
    ["Executed", `${count(call.executions)} ${call.executions === 1 ? "time" : "times"}`],
    ["Changed something", yes(call.committed)],
    ["Fault rule", call.rule === null ? "none" : `number ${call.rule}`],
    ["Reference", call.reference],
    ["Route", call.route ? h("code", {}, call.route) : "unknown"],
    ["Service", call.service],
    ["API key sent", yes(call.authorized)],
    ["Sandbox time", full(call.sandbox_time)],
    ["Real time", full(call.at)],
    ["Body", call.body_bytes ? `${count(call.body_bytes)} bytes (${bytes(call.body_bytes)})` : "none"],
    ["SHA-256", call.body_sha256 ? h("code", { class: "break" }, call.body_sha256) : null],
    ["Client", call.user_agent],
    ["Number", count(call.id)],
  ], "facts column"));
  if (!call.kept) return;
  try {
    const kept = await get(`/journal/${call.id}`);
    const query = new URLSearchParams(kept.query).toString();
    const body = kept.body ?? `${kept.body_base64.slice(0, 4000)} (base64)`;
    box.lastElementChild.append(h("pre", { class: "json", tabindex: "0" }, [query && `?${query}`, body].filter(Boolean).join("\n\n")));
  } catch (error) {
    toast(error.message, "bad");
  }
}
