// One letter, large: its pages as they will be printed, and what is known about it.

import { post } from "/static/api.js";
import { copyButton, facts, h, icon, segments, toast } from "/static/dom.js";
import { LETTER_STATUSES, count, date, exact, label, pill, words } from "/static/format.js";
import { paper } from "/static/paper.js";

const LOOKS = [["plain", "Page"], ["window", "Window"], ["envelope", "Envelope"]];
const DPI = 110;

export class LetterView {
  constructor(outbox) {
    this.outbox = outbox;
    this.box = null;
    this.letter = null;
  }

  /** Show a letter of the job that is shown; its place in the list is found when it is loaded. */
  show(letterId) {
    if (this.letter?.id === letterId && this.box) return;
    const grid = this.outbox.letterGrid;
    if (!grid) return;
    for (const piece of grid.pieces.values()) {
      const place = piece.items?.findIndex((item) => item.id === letterId) ?? -1;
      if (place < 0) continue;
      grid.pick(letterId);
      this.open(piece.items[place]);
      return;
    }
    toast("That letter is further down in the list");
    this.outbox.app.go(`#/outbox/${this.outbox.jobId}`);
  }

  open(letter) {
    this.letter = letter;
    if (!this.box) this.build();
    this.draw();
    if (!this.box.open) this.box.showModal();
    this.pages.focus();
  }

  build() {
    this.pages = h("div", { class: "sheets", tabindex: "0", "aria-label": "Pages" });
    this.side = h("div", { class: "letter-side" });
    this.place = h("span", { class: "faint", "aria-live": "polite" });
    this.box = h("dialog", { class: "viewer", "aria-label": "Letter" },
      h("header", {},
        h("div", { class: "viewer-nav" },
          h("button", { type: "button", class: "icon-button prev", "aria-label": "Previous letter", title: "Previous letter (k)", onclick: () => this.step(-1) }, icon("back")),
          h("button", { type: "button", class: "icon-button next", "aria-label": "Next letter", title: "Next letter (j)", onclick: () => this.step(1) }, icon("back")),
          this.place),
        segments("How the letter is shown", LOOKS, this.outbox.look, (value) => this.look(value)),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close", title: "Close (Esc)", onclick: () => this.box.close() }, icon("close"))),
      h("div", { class: "viewer-body" }, this.pages, this.side));
    this.box.addEventListener("close", () => this.closed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    document.body.append(this.box);
  }

  look(value) {
    this.box.dataset.look = value;
  }

  draw() {
    const letter = this.letter;
    this.box.dataset.look ??= this.outbox.look;
    const total = this.outbox.letterGrid?.total ?? 0;
    this.place.textContent = `Letter ${count(letter.number)} of ${count(this.outbox.job?.letters ?? total)}`;
    this.key_ = `${letter.id} ${letter.version}`;
    this.pages.replaceChildren();
    for (let page = 1; page <= letter.pages; page += 1) {
      const holder = h("figure", {}, h("div", { class: "paper loading" }), letter.pages > 1 ? h("figcaption", { class: "faint" }, `Page ${page} of ${letter.pages}`) : null);
      this.pages.append(holder);
      this.when(holder, () => holder.firstChild.replaceWith(paper({ ...letter, sheets: 1 }, { page, dpi: DPI, alt: `Page ${page} of the letter` })));
    }
    this.pages.scrollTop = 0;
    this.drawSide();
  }

  /** Ask for the picture of a page when it comes near. */
  when(element, act) {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      act();
    }, { root: this.pages, rootMargin: "400px" });
    seen.observe(element);
  }

  drawSide() {
    const letter = this.letter, { address } = letter;
    this.drawn = JSON.stringify(letter);
    const lines = [address.name, ...(address.line ?? "").split("\n"), address.postcode, address.country && address.country !== "GB" ? address.country : null].filter(Boolean);
    const target = h("select", { "aria-label": "Status to move the letter to" }, LETTER_STATUSES.slice(1).map((status) => h("option", { value: status }, label(status))));
    target.value = letter.status === "sent" ? "returned" : "sent";
    this.side.replaceChildren(...[
      h("address", {}, lines.length ? lines.map((line) => h("span", {}, line)) : h("span", { class: "faint" }, "No address was found in the window.")),
      h("p", {}, pill(letter.status), h("span", { class: "faint since" }, " since ", date(letter.since))),
      letter.returned ? h("p", { class: "callout" }, `Returned: ${letter.returned.reason}`) : null,
      facts([
        ["Letter", [h("code", {}, letter.id), copyButton(letter.id, "the id")]],
        ["Pages", `${count(letter.pages)} on ${count(letter.sheets)} ${letter.sheets === 1 ? "sheet" : "sheets"}`],
        ["Envelope", words(letter.envelope).toUpperCase().replace("POSTCARD ", "Postcard ")],
        ["Cost", `${exact(letter.cost.after_tax)} with VAT`],
        ["Tracking", letter.tracking_number],
        ["Shipped", letter.shipped_date ? date(letter.shipped_date) : null],
      ], "facts column"),
      h("p", {}, h("a", { class: "tool", href: `/_sandbox/outbox/letters/${encodeURIComponent(letter.id)}.pdf`, target: "_blank", rel: "noopener" }, "Open as PDF")),
      h("form", { class: "mover", onsubmit: (event) => { event.preventDefault(); this.move(target.value); } },
        h("span", {}, "Make it"), target, h("button", { class: "tool", disabled: letter.status === "draft" }, "Move"),
        letter.status === "draft" ? h("p", { class: "faint" }, "Letters of a draft do not move: confirm the job first.") : null),
    ].filter(Boolean));
  }

  async move(status) {
    try {
      await post(`/letters/${encodeURIComponent(this.letter.id)}`, { status });
      this.pages.focus(); // what is at the side is drawn anew, and the keyboard must not be lost with it
      toast(`The letter is now: ${label(status)}`);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  /** The list has been read again: show what has become of the letter. */
  update() {
    if (!this.box?.open) return;
    const grid = this.outbox.letterGrid;
    const item = grid.item(grid.active);
    if (!item || item.id !== this.letter.id) return;
    this.letter = item;
    if (`${item.id} ${item.version}` !== this.key_) this.draw();
    else if (JSON.stringify(item) !== this.drawn && !this.side.contains(document.activeElement)) this.drawSide();
  }

  step(by) {
    const grid = this.outbox.letterGrid, index = grid.active + by;
    if (index < 0 || index >= grid.total) return;
    if (grid.item(index) === null) { grid.loadAt(index).then(() => { if (grid.item(index)) this.step(by); }); return; }
    grid.choose(index, "open");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
    if (["j", "ArrowRight"].includes(event.key)) this.step(1);
    else if (["k", "ArrowLeft"].includes(event.key)) this.step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() { if (this.box?.open) this.box.close(); }

  closed() {
    const { app, jobId, letterGrid } = this.outbox;
    this.box.remove();
    this.box = this.letter = null;
    if (app.parts()[2]) app.go(`#/outbox/${jobId}`);
    letterGrid?.host.focus({ preventScroll: true });
  }
}
