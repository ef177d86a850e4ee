// The few ways in which this page makes elements. Text only ever becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: attributes by name, `on...` listeners, `class`, `data-*`; children are nodes or text. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ico");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Say something short to everybody, screen readers included. */
export function toast(text, kind = "") {
  const shown = h("div", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").replaceChildren(shown);
  setTimeout(() => shown.remove(), kind ? 8000 : 3500);
}

/** A button with a small choice of one: a radio group in the look of a switch. */
export function segments(label, choices, chosen, choose) {
  const group = h("div", { class: "segments", role: "group", "aria-label": label });
  for (const [value, text] of choices) {
    group.append(
      h("button", { type: "button", "data-value": value, "aria-pressed": String(value === chosen), onclick: () => {
        for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.value === value));
        choose(value);
      } }, text),
    );
  }
  return group;
}

export function copyButton(text, what) {
  return h("button", {
    type: "button", class: "icon-button small", "aria-label": `Copy ${what}`, title: `Copy ${what}`,
    onclick: async (event) => {
      event.stopPropagation();
      try {
        await navigator.clipboard.writeText(text);
        toast(`Copied ${what}`);
      } catch {
        toast("The browser does not let a page copy here", "bad");
      }
    },
  }, icon("copy"));
}

/** A dialog that closes by Esc, by its cross and by a click beside it, and is gone then. */
export function dialog(title, className, ...children) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => box.close() }, icon("close"));
  const box = h("dialog", { class: className, "aria-label": title }, h("header", {}, h("h2", {}, title), close), ...children);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  document.body.append(box);
  box.showModal();
  return box;
}

/** Term and description, line by line; lines without a description are left out. */
export function facts(rows, className = "facts") {
  const list = h("dl", { class: className });
  for (const [term, description] of rows) {
    if (description === null || description === undefined || description === "") continue;
    list.append(h("div", {}, h("dt", {}, term), h("dd", {}, description)));
  }
  return list;
}
