// The rules of the world: where a service is unknown, the tester says how it is today.

import { get, post } from "/static/api.js";
import { h, toast } from "/static/dom.js";
import { many, words } from "/static/format.js";
import { searchField } from "/static/parts.js";

export class WorldRules {
  constructor(app) {
    this.app = app;
    this.q = "";
    this.search = searchField("Search rules", (text) => { this.q = text.toLowerCase(); this.draw(); });
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.table = h("div", { class: "scroll padded rules" });
    this.element = h("div", { class: "view single" },
      h("div", { class: "page-head" }, h("h2", {}, "World"), this.note, h("span", { class: "spring" }), this.search.element), this.table);
    this.rules = [];
  }

  async show() { await this.refresh(); }

  async refresh() {
    this.rules = (await get("/page/world")).rules;
    if (!this.table.contains(document.activeElement) || document.activeElement === this.table) this.draw();
  }

  draw() {
    const changed = this.rules.filter((rule) => JSON.stringify(rule.value) !== JSON.stringify(rule.default)).length;
    this.note.textContent = changed ? `${many(changed, "rule")} changed` : "as the services are assumed to be";
    const found = this.rules.filter((rule) => `${rule.name} ${rule.means}`.toLowerCase().includes(this.q));
    const groups = [["The world and Intelliprint", found.filter((rule) => !rule.name.startsWith("printful_"))], ["Printful", found.filter((rule) => rule.name.startsWith("printful_"))]];
    this.table.replaceChildren(...groups.filter(([, rules]) => rules.length).flatMap(([title, rules]) => [
      h("h3", {}, title),
      h("ul", {}, rules.map((rule) => this.rule(rule))),
    ]));
    if (!found.length) this.table.append(h("p", { class: "empty" }, "No rule fits."));
  }

  rule(rule) {
    const changed = JSON.stringify(rule.value) !== JSON.stringify(rule.default);
    const name = `rule-${rule.name}`;
    return h("li", { class: changed ? "changed" : "" },
      h("label", { for: name }, h("b", {}, words(rule.name.replace(/^printful_/, "").replace(/_s$/, " (seconds)"))), h("code", { class: "faint" }, rule.name)),
      h("p", { class: "faint" }, rule.means.replaceAll("`", "")),
      h("div", { class: "rule-value" }, this.control(rule, name),
        changed ? h("button", { type: "button", class: "link", onclick: () => this.set(rule, rule.default) }, `back to ${JSON.stringify(rule.default)}`) : null));
  }

  control(rule, id) {
    if (typeof rule.value === "boolean") return h("input", { type: "checkbox", class: "switch", id, checked: rule.value, onchange: (event) => this.set(rule, event.target.checked) });
    if (rule.choices) {
      const select = h("select", { id, onchange: () => this.set(rule, rule.choices[select.selectedIndex]) }, rule.choices.map((choice) => h("option", {}, String(choice))));
      select.selectedIndex = rule.choices.indexOf(rule.value);
      return select;
    }
    if (typeof rule.value === "number" || rule.value === null) {
      return h("input", { type: "number", id, step: "any", placeholder: "none", value: rule.value ?? "", onchange: (event) => this.set(rule, event.target.value === "" ? null : Number(event.target.value)) });
    }
    if (typeof rule.value === "string") return h("input", { type: "text", id, value: rule.value, onchange: (event) => this.set(rule, event.target.value) });
    return h("code", { id }, JSON.stringify(rule.value));
  }

  async set(rule, value) {
    try {
      await post("/world", { [rule.name]: value });
    } catch (error) {
      toast(error.message, "bad");
    }
    document.activeElement?.blur();
    await this.refresh();
    document.getElementById(`rule-${rule.name}`)?.focus();
  }

  escape() { if (this.search.value) { this.search.set(""); this.q = ""; this.draw(); } }
}
