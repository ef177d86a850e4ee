// A page of a letter as paper, with the window of its envelope where the envelope has it.

import { h } from "/static/dom.js";

const WINDOW = { left: 20, top: 45, width: 90, height: 35 }; // millimetres
const MM = 25.4;

export const pictureOf = (letter, page, dpi) => `/_sandbox/outbox/letters/${encodeURIComponent(letter.id)}/pages/${page}.png?dpi=${dpi}&v=${letter.version}`;

/**
 * @param letter  as the sandbox lists it
 * @param options.page    counted from 1
 * @param options.dpi     of the picture
 * @param options.wait    milliseconds that it must stay on the page before the picture is asked for
 */
export function paper(letter, { page = 1, dpi = 50, wait = 0, alt = "" } = {}) {
  const image = h("img", { alt, decoding: "async", draggable: "false" });
  const sheet = h("div", { class: `paper loading${page === 1 && letter.sheets > 1 ? " thick" : ""}` }, h("div", { class: "face" }, h("div", { class: "whole" }, image)));
  image.addEventListener("load", () => {
    sheet.classList.remove("loading");
    const wide = (image.naturalWidth / dpi) * MM, high = (image.naturalHeight / dpi) * MM;
    sheet.style.setProperty("--ratio", String(wide / high));
    if (page !== 1 || !letter.window) return;
    image.parentElement.append(pane(letter.window, wide, high));
    if (letter.envelope === "c5") sheet.classList.add("folded"); // once, and its upper half looks out
  });
  image.addEventListener("error", () => { sheet.classList.remove("loading"); sheet.classList.add("broken"); });
  const begin = () => { image.src = pictureOf(letter, page, dpi); };
  if (wait) setTimeout(() => { if (sheet.isConnected) begin(); }, wait);
  else begin();
  return sheet;
}

function pane(side, wide, high) {
  const shown = h("i", { class: "pane", "aria-hidden": "true" });
  const left = side === "right" ? wide - WINDOW.left - WINDOW.width : WINDOW.left;
  shown.style.left = `${(left / wide) * 100}%`;
  shown.style.top = `${(WINDOW.top / high) * 100}%`;
  shown.style.width = `${(WINDOW.width / wide) * 100}%`;
  shown.style.height = `${(WINDOW.height / high) * 100}%`;
  return shown;
}
