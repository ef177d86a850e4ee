// The file library as a wall of thumbnails.

import { get } from "/static/api.js";
import { copyButton, dialog, facts, h, toast } from "/static/dom.js";
import { bytes, count, full, label, many, pill } from "/static/format.js";
import { Grid } from "/static/grid.js";
import { searchField } from "/static/parts.js";

const FINE_DPI = 150; // below it, print artwork is seen to be coarse

export class Library {
  constructor(app) {
    this.app = app;
    this.filter = { q: "", status: "" };
    this.search = searchField("Search name, address, type, hash", (text) => { this.filter.q = text; this.grid.restart(); });
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.chips = h("div", { class: "chips always", role: "group", "aria-label": "Status" });
    this.wall = h("div", {});
    this.empty = h("div", {});
    this.examples = h("div", { class: "examples" });
    const scroller = h("div", { class: "scroll padded" }, this.wall, this.empty, this.examples);
    this.element = h("div", { class: "view single" },
      h("div", { class: "page-head" }, h("h2", {}, "File library"), this.note, h("span", { class: "spring" }), this.chips, this.search.element), scroller);
    this.grid = new Grid({
      scroller, host: this.wall, label: "Files", width: 190, gap: 20, rowHeight: 276, slim: { width: 140, gap: 10, rowHeight: 266 }, className: "file",
      fetch: async (skip, limit) => {
        const answer = await get("/page/files", { ...this.filter, skip, limit });
        return { ...answer, items: answer.files };
      },
      draw: (file) => this.draw(file),
      arrived: (answer) => this.counted(answer),
      chosen: (file, _index, how) => { if (how !== "move") this.open(file); },
      failed: (error) => toast(error.message, "bad"),
    });
  }

  draw(file) {
    const frame = h("div", { class: "artwork" });
    if (file.picture) {
      const image = h("img", { alt: "", decoding: "async", draggable: "false" });
      frame.append(image);
      setTimeout(() => { if (image.isConnected) image.src = `/_sandbox/page/files/${file.id}/thumb.png?v=${file.hash}`; }, 90);
    } else frame.append(h("span", { class: "faint" }, file.status === "waiting" ? "being fetched" : "no picture"));
    return [
      frame,
      h("b", { class: "file-name", title: file.filename ?? file.url }, file.filename ?? file.url),
      h("span", { class: "file-size" }, file.width ? `${count(file.width)} × ${count(file.height)}` : "", file.size ? h("span", { class: "faint" }, ` · ${bytes(file.size)}`) : ""),
      h("span", { class: "file-pills" }, file.status === "ok" ? dpiPill(file.dpi) : pill(file.status), file.type && file.type !== "default" ? h("span", { class: "tag" }, file.type) : null),
    ];
  }

  counted(answer) {
    this.note.textContent = this.filter.q || this.filter.status ? `${many(answer.total, "file")} fit` : many(answer.total, "file");
    const key = JSON.stringify([answer.statuses, this.filter.status]);
    if (key !== this.chipKey) {
      this.chipKey = key;
      const all = Object.values(answer.statuses).reduce((sum, number) => sum + number, 0);
      const make = (status, text, number) => h("button", { type: "button", "data-status": status, "aria-pressed": String(this.filter.status === status), onclick: () => { this.filter.status = status; this.grid.restart(); } }, status ? h("i", { class: "dot" }) : null, h("span", {}, text), h("b", {}, count(number)));
      this.chips.replaceChildren(...(Object.keys(answer.statuses).length > 1 || this.filter.status ? [make("", "All", all), ...Object.entries(answer.statuses).map(([status, number]) => make(status, label(status), number))] : []));
    }
    this.empty.replaceChildren(...(answer.total ? [] : [h("div", { class: "empty" },
      h("p", {}, this.filter.q || this.filter.status ? "No file fits." : h("b", {}, "The library is empty.")),
      this.filter.q || this.filter.status ? null : h("p", { class: "faint" }, "Files appear as soon as their address is posted to"),
      this.filter.q || this.filter.status ? null : h("p", {}, h("code", {}, `${location.origin}/printful/files`)))]));
    this.drawExamples();
  }

  async drawExamples() {
    if (this.examples.childElementCount) return;
    const { assets } = await get("/assets");
    this.examples.replaceChildren(h("h3", {}, "Files that the sandbox serves itself: their addresses can be posted"), h("ul", {}, assets.map((asset) => h("li", {},
      h("a", { href: asset.url, target: "_blank", rel: "noopener" }, asset.name), h("span", { class: "faint" }, ` ${bytes(asset.size)}`), copyButton(asset.url, "the address")))));
  }

  open(file) {
    dialog(file.filename ?? "File", "wide artwork-dialog",
      h("div", { class: "split" },
        h("div", { class: "artwork large" }, file.picture ? h("img", { alt: `Preview of ${file.filename ?? "the file"}`, src: `/_sandbox/page/files/${file.id}/preview.png?v=${file.hash}` }) : h("span", { class: "faint" }, "no picture")),
        facts([
          ["Status", pill(file.status)],
          ["Id", [h("code", {}, String(file.id)), copyButton(String(file.id), "the id")]],
          ["Size", file.width ? `${count(file.width)} × ${count(file.height)} pixels` : null],
          ["Resolution", file.status === "ok" ? dpiPill(file.dpi) : null],
          ["Bytes", file.size ? `${count(file.size)} (${file.mime_type})` : null],
          ["Type", file.type],
          ["Added", full(file.created)],
          ["Seen in the library", file.visible ? "yes" : "no, hidden"],
          ["MD5", file.hash ? h("code", { class: "break" }, file.hash) : null],
          ["From", h("code", { class: "break" }, file.url)],
        ], "facts column")));
  }

  async show() { if (!this.grid.loaded) await this.grid.restart(); else await this.grid.refresh(); }
  refresh() { return this.grid.refresh(); }
  get current() { return this.grid; }
  escape() { if (this.search.value) { this.search.set(""); this.filter.q = ""; this.grid.restart(); } }
}

function dpiPill(dpi) {
  if (!dpi) return h("span", { class: "pill", "data-status": "draft" }, "dpi unknown");
  return h("span", { class: "pill", "data-status": dpi >= FINE_DPI ? "ok" : "waiting" }, dpi >= FINE_DPI ? `${dpi} dpi` : `${dpi} dpi, low`);
}
