// The frame of the page: which view is shown, the news, the keyboard.

import { get, listen, post } from "/static/api.js";
import { ClockPanel } from "/static/clock.js";
import { copyButton, dialog, facts, h, toast } from "/static/dom.js";
import { Faults } from "/static/faults.js";
import { ago, count } from "/static/format.js";
import { Journal } from "/static/journal.js";
import { Library } from "/static/library.js";
import { Outbox } from "/static/outbox.js";
import { Webhooks } from "/static/webhooks.js";
import { WorldRules } from "/static/world.js";

const VIEWS = { outbox: Outbox, library: Library, journal: Journal, webhooks: Webhooks, faults: Faults, world: WorldRules };
const SHOWS = { outbox: ["store", "clock", "world"], library: ["store", "clock"], journal: ["journal"], webhooks: ["webhooks"], faults: ["faults", "journal"], world: ["world"] };
const MOVING_MS = 3000; // letters move with the clock, of which there is no news
const main = document.getElementById("main");
const views = {};

const app = {
  clock: new ClockPanel(document.getElementById("clock")),
  sideFilters: document.getElementById("side-filters"),
  narrow: () => matchMedia("(max-width: 759px)").matches,
  go(hash) { if (location.hash !== hash) location.hash = hash; else route(); },
  parts() {
    const hash = decoded(location.hash.slice(1));
    if (/^print_/.test(hash)) return ["outbox", hash]; // as links from elsewhere name a job
    const [view, ...rest] = hash.replace(/^\//, "").split("/");
    return [Object.hasOwn(VIEWS, view) ? view : "outbox", ...rest];
  },
  status,
};

let shown = null;

/** Somebody may have typed it: what is not encoded as it should be is taken as it is. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function route() {
  const [name, ...rest] = app.parts();
  const view = (views[name] ??= new VIEWS[name](app));
  if (shown !== view) {
    shown = view;
    main.replaceChildren(view.element);
    document.body.dataset.view = name;
    app.sideFilters.hidden = name !== "outbox";
    for (const link of document.querySelectorAll("#views a")) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
  try {
    await view.show(rest);
  } catch (error) {
    if (shown === view) toast(error.message, "bad");
  }
}

async function status() {
  const found = await get("/page/status");
  app.clock.set(found.clock);
  const numbers = { outbox: found.jobs, library: found.files, journal: found.requests, faults: found.faults.rules };
  for (const link of document.querySelectorAll("#views a")) {
    const number = numbers[link.dataset.view];
    link.querySelector("b").textContent = number ? count(number) : "";
  }
  document.querySelector('#views a[data-view="faults"]').classList.toggle("armed", found.faults.rules > 0);
  document.title = found.jobs ? `(${count(found.jobs)}) Print sandbox` : "Print sandbox";
}

// News come in bursts: they are gathered for a moment, and one look is over before the next begins.
let news = new Set(), looking = false;
async function look() {
  if (looking || !news.size || document.hidden) return;
  looking = true;
  const names = news;
  news = new Set();
  try {
    await status();
    const [name] = app.parts();
    if (SHOWS[name].some((part) => names.has(part))) await shown.refresh(names);
  } catch { /* the next news or the next tick look again */ } finally {
    looking = false;
    if (news.size) setTimeout(look, 400);
  }
}
function hear(names) {
  for (const name of names) news.add(name);
  setTimeout(look, 150);
}
app.clock.moved = () => hear(["clock"]);
listen(hear, (connected) => {
  const mark = document.getElementById("live");
  mark.dataset.on = String(connected);
  mark.lastElementChild.textContent = connected ? "Live" : "Connecting";
  if (connected) hear(["store", "journal", "faults", "clock", "world"]);
});
setInterval(() => { if (app.clock.running) hear(["clock"]); refreshAges(); }, MOVING_MS);

function refreshAges() {
  for (const mark of document.querySelectorAll("[data-ago]")) mark.textContent = ago(Number(mark.dataset.ago), app.clock.now());
}

function help() {
  const key = (...names) => names.map((name) => h("kbd", {}, name));
  dialog("Keyboard and addresses", "help",
    h("div", { class: "split" },
      facts([
        [key("j", "k"), "next, previous"], [key("Enter"), "open; into the letters of a job"], [key("Esc"), "back, close, clear the search"],
        [key("/"), "search"], [key("←", "→"), "letters, one by one"], [key("g", "o"), "outbox"], [key("g", "l"), "file library"],
        [key("g", "j"), "journal"], [key("g", "h"), "webhooks"], [key("g", "f"), "faults"], [key("g", "w"), "world"], [key("c"), "clock"], [key("?"), "this help"],
      ], "facts column keys"),
      facts([
        ["Intelliprint", address(`${location.origin}/intelliprint/v1`)], ["API key", address("key_sandbox")],
        ["Printful", address(`${location.origin}/printful`)], ["API key", address("printful_sandbox")],
        ["For testers", address(`${location.origin}/_sandbox`)],
      ], "facts column")));
}
const address = (text) => h("span", { class: "address" }, h("code", { class: "break" }, text), copyButton(text, text));

function reset() {
  const box = dialog("Empty the sandbox?", "small",
    h("p", {}, "Every print job, file, fault and line of the journal is forgotten, the rules of the world are as at the start, and the clock goes back to real time."),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "tool", onclick: () => box.close() }, "Keep everything"),
      h("button", { type: "button", class: "tool danger", onclick: async () => {
        box.close();
        try {
          await post("/reset", {});
          toast("The sandbox is empty");
          app.go("#/outbox");
        } catch (error) {
          toast(error.message, "bad");
        }
      } }, "Empty it")));
}
document.getElementById("help").addEventListener("click", help);
document.getElementById("reset").addEventListener("click", reset);

const PLACES = { o: "outbox", l: "library", j: "journal", h: "webhooks", f: "faults", w: "world" };
let gone = 0; // when "g" was pressed
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape") {
    if (app.clock.open) app.clock.toggle(false);
    else { if (typing) event.target.blur(); shown?.escape?.(); }
    return;
  }
  if (typing) {
    if (event.key === "ArrowDown" && event.target.type === "search") { event.preventDefault(); shown.current?.host.focus(); }
    return;
  }
  const place = performance.now() - gone < 1500 ? PLACES[event.key] : null;
  gone = 0;
  const grid = shown?.current;
  if (place) app.go(`#/${place}`);
  else if (event.key === "g") gone = performance.now();
  else if (event.key === "/" && shown?.search) shown.search.input.select();
  else if (event.key === "?") help();
  else if (event.key === "c") { app.clock.toggle(); app.clock.tools.querySelector("button").focus(); }
  else if (event.key === "j" && grid) { focusOn(grid); grid.move(1); }
  else if (event.key === "k" && grid) { focusOn(grid); grid.move(-1); }
  else if (event.key === "Enter" && grid && document.activeElement === document.body) grid.open();
  else return;
  event.preventDefault();
});
function focusOn(grid) { if (document.activeElement !== grid.host) grid.host.focus({ preventScroll: true }); }

addEventListener("hashchange", route);
status().catch((error) => toast(error.message, "bad"));
route();
