// The sandbox's time in the head of the page, with the buttons that move it.

import { post } from "/static/api.js";
import { h, segments, toast } from "/static/dom.js";
import { day, time } from "/static/format.js";

const STEPS = [["+1 hour", 3600], ["+1 day", 86400], ["+1 week", 7 * 86400]];
const SPEEDS = [[0, "stopped"], [1, "real time"], [60, "1 min/s"], [600, "10 min/s"], [3600, "1 h/s"], [86400, "1 day/s"]];

export class ClockPanel {
  constructor(host) {
    this.state = { now: 0, speed: 60, frozen: false };
    this.read = performance.now();
    this.date = h("span", { class: "clock-day" });
    this.time = h("b", { class: "clock-time" });
    this.pace = h("span", { class: "clock-pace" });
    this.face = h("button", { type: "button", class: "clock-face", "aria-expanded": "false", "aria-controls": "clock-tools", title: "Sandbox time: open the clock", onclick: () => this.toggle() }, this.date, this.time, this.pace);
    this.freeze = h("button", { type: "button", class: "tool", onclick: () => this.move({ freeze: !this.state.frozen }) });
    this.speed = h("select", { "aria-label": "Speed of the clock", onchange: () => this.move({ speed: Number(this.speed.value) }) });
    for (const [value, text] of SPEEDS) this.speed.append(h("option", { value: String(value) }, `×${value.toLocaleString("en-GB")} · ${text}`));
    this.tools = h("div", { class: "clock-tools", id: "clock-tools", role: "group", "aria-label": "Clock" },
      h("div", { class: "steps" }, STEPS.map(([text, seconds]) => h("button", { type: "button", class: "tool", "data-advance": seconds, onclick: () => this.move({ advance: seconds }) }, text))),
      this.freeze,
      h("label", { class: "speed" }, h("span", {}, "Speed"), this.speed),
    );
    host.append(this.face, this.tools);
    document.addEventListener("click", (event) => { if (!host.contains(event.target)) this.toggle(false); });
    setInterval(() => this.tick(), 250);
  }

  toggle(open = this.face.getAttribute("aria-expanded") !== "true") {
    this.face.setAttribute("aria-expanded", String(open));
    this.tools.classList.toggle("open", open);
  }

  get open() { return this.face.getAttribute("aria-expanded") === "true"; }
  get running() { return !this.state.frozen && this.state.speed > 0; }

  now() {
    return this.running ? this.state.now + ((performance.now() - this.read) / 1000) * this.state.speed : this.state.now;
  }

  set(state) {
    this.state = state;
    this.read = performance.now();
    this.freeze.textContent = state.frozen ? "Let it run" : "Freeze";
    this.pace.textContent = state.frozen ? "frozen" : `×${state.speed.toLocaleString("en-GB")}`;
    this.pace.classList.toggle("frozen", !this.running);
    if (![...this.speed.options].some((option) => Number(option.value) === state.speed)) this.speed.append(h("option", { value: String(state.speed) }, `×${state.speed}`));
    this.speed.value = String(state.speed);
    this.tick();
  }

  tick() {
    const now = this.now();
    this.date.textContent = day(now);
    this.time.textContent = time(now);
  }

  async move(how) {
    try {
      this.set(await post("/clock", how));
      this.moved?.();
    } catch (error) {
      toast(error.message, "bad");
    }
  }
}
