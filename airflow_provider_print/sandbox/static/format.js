// How times, money and words of the services are written.

import { h } from "/static/dom.js";

const LABELS = {
  draft: "Draft", waiting_to_print: "Waiting", printing: "Printing", enclosing: "Enclosing", shipping: "Shipping",
  sent: "Sent", returned: "Returned", cancelled: "Cancelled", failed_wrong_address: "Wrong address",
  invalid_address: "Invalid address", ok: "Ready", waiting: "Processing", failed: "Failed", deleted: "Deleted",
};
export const LETTER_STATUSES = Object.keys(LABELS).slice(0, 10);

const DAY_TIME = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const CLOCK_DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const NUMBER = new Intl.NumberFormat("en-GB");
const POUNDS = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP" });
const EXACT = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP", maximumFractionDigits: 8 });
const DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

export const label = (status) => LABELS[status] ?? words(status);
export const words = (text) => { const plain = String(text ?? "").replaceAll("_", " "); return plain.charAt(0).toUpperCase() + plain.slice(1); };
export const count = (number) => NUMBER.format(number);
export const many = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;
/** Money comes in 1e-8 GBP. */
export const money = (units) => POUNDS.format(units / 1e8);
export const exact = (units) => EXACT.format(units / 1e8);
export const date = (seconds) => (seconds === null || seconds === undefined ? "" : h("time", { title: full(seconds) }, `${DATE.format(seconds * 1000)} UTC`));
export const full = (seconds) => (seconds === null || seconds === undefined ? "" : `${FULL.format(seconds * 1000)} UTC`);
export const day = (seconds) => CLOCK_DAY.format(seconds * 1000);
export const shortDay = (seconds) => SHORT_DAY.format(seconds * 1000);
export const time = (seconds) => TIME.format(seconds * 1000);

/** A time as people say it, seen from another. */
export function ago(seconds, now) {
  const passed = now - seconds;
  if (passed < 60) return "just now";
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`;
  if (passed < 7 * 86400) return `${Math.floor(passed / 86400)} d ago`;
  return DAY_TIME.format(seconds * 1000);
}

export function bytes(size) {
  if (!size) return "";
  if (size < 1024) return `${size} B`;
  return size < 1024 ** 2 ? `${(size / 1024).toFixed(0)} kB` : `${(size / 1024 ** 2).toFixed(1)} MB`;
}

/** A status as a small coloured label; the colour never says it alone. */
export function pill(status, number = null) {
  const text = number === null ? label(status) : `${count(number)} ${label(status).toLowerCase()}`;
  return h("span", { class: "pill", "data-status": status }, text);
}

/** What becomes of the letters of a job, as a bar. */
export function bar(statuses) {
  const total = Object.values(statuses).reduce((sum, number) => sum + number, 0);
  const shown = h("div", { class: "bar", "aria-hidden": "true" });
  for (const status of LETTER_STATUSES) {
    if (!statuses[status]) continue;
    const part = h("i", { "data-status": status });
    part.style.flexGrow = String(Math.max(statuses[status], total / 80));
    shown.append(part);
  }
  return shown;
}
