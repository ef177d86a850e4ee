// The outbox: print jobs on the left, the letters of one on the right.

import { get } from "/static/api.js";
import { copyButton, dialog, facts, h, icon, segments, toast } from "/static/dom.js";
import { LETTER_STATUSES, ago, bar, count, date, exact, full, label, many, money, pill, words } from "/static/format.js";
import { Grid } from "/static/grid.js";
import { LetterView } from "/static/letter.js";
import { paper } from "/static/paper.js";
import { searchField, welcome } from "/static/parts.js";

const LOOKS = [["plain", "Page"], ["window", "Window"], ["envelope", "Envelope"]];

export class Outbox {
  constructor(app) {
    this.app = app;
    this.filter = { q: "", status: "", mode: "" };
    this.jobId = null;
    this.letterFilter = "";
    this.look = "window";
    this.buildList();
    this.detail = h("section", { class: "detail", "aria-label": "Print job", tabindex: "-1" });
    this.element = h("div", { class: "view outbox" }, this.list, this.detail);
    this.viewer = new LetterView(this);
    this.noJob();
  }

  buildList() {
    this.search = searchField("Search reference, name, postcode, id", (text) => { this.filter.q = text; this.restart(); });
    this.note = h("p", { class: "note", "aria-live": "polite" });
    this.modes = segments("Live or test", [["", "All"], ["live", "Live"], ["test", "Test"]], "", (value) => { this.filter.mode = value; this.restart(); });
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Status" });
    this.rows = h("div", {});
    this.empty = h("div", {});
    const scroller = h("div", { class: "scroll" }, this.rows, this.empty);
    this.list = h("section", { class: "list", "aria-label": "Print jobs" },
      h("div", { class: "list-head" }, this.search.element, h("div", { class: "list-line" }, this.note, this.modes), this.chips), scroller);
    this.grid = new Grid({
      scroller, host: this.rows, label: "Print jobs", rowHeight: 92, className: "job",
      fetch: async (skip, limit) => {
        const answer = await get("/page/jobs", { ...this.filter, skip, limit });
        return { ...answer, items: answer.jobs };
      },
      draw: (job) => this.drawJob(job),
      arrived: (answer) => this.counted(answer),
      chosen: (job, _index, how) => this.chose(job, how),
      failed: (error) => toast(error.message, "bad"),
    });
  }

  drawJob(job) {
    const statuses = LETTER_STATUSES.filter((status) => job.statuses[status]);
    const single = statuses.length === 1;
    const more = statuses.length - 2;
    const to = job.to ?? (job.type === "postcard" ? "Postcard" : "No address");
    return [
      h("div", { class: "job-line" }, h("b", { class: "job-name" }, job.reference || job.file || job.id), h("time", { title: full(job.created), "data-ago": job.created }, ago(job.created, this.app.clock.now()))),
      h("div", { class: "job-line sub" },
        h("span", { class: "job-to" }, to, job.letters > 1 ? h("span", { class: "faint" }, ` and ${count(job.letters - 1)} more`) : job.postcode ? h("span", { class: "faint" }, ` · ${job.postcode}`) : null),
        h("span", { class: "money" }, money(job.cost.after_tax))),
      h("div", { class: "job-line pills" },
        single ? pill(statuses[0], job.letters > 1 ? job.letters : null) : statuses.slice(0, 2).map((status) => pill(status, job.statuses[status])),
        more > 0 ? h("span", { class: "faint" }, `+${more}`) : null,
        job.testmode ? h("span", { class: "tag" }, "Test") : null,
        job.type === "postcard" ? h("span", { class: "tag" }, "Postcard") : null),
    ];
  }

  counted(answer) {
    const filtered = this.filter.q || this.filter.status || this.filter.mode;
    this.note.textContent = filtered ? `${many(answer.total, "job")} of ${count(answer.all_jobs)}` : many(answer.total, "job");
    this.letters = answer.letters;
    this.drawFilters(answer);
    const nothing = !answer.all_jobs;
    if (nothing !== this.nothing) {
      this.nothing = nothing;
      if (!this.jobId) this.noJob();
    }
    this.empty.replaceChildren(...(answer.total ? [] : [filtered
      ? h("div", { class: "empty" }, h("p", {}, "No print job fits."), h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, "Show all"))
      : welcome()]));
  }

  drawFilters(answer) {
    const make = (status, text, number) => h("button", {
      type: "button", "data-status": status, "aria-pressed": String(this.filter.status === status),
      onclick: () => { this.filter.status = this.filter.status === status && status ? "" : status; this.restart(); },
    }, status ? h("i", { class: "dot" }) : null, h("span", {}, text), h("b", {}, count(number)));
    const shown = LETTER_STATUSES.filter((status) => answer.statuses[status] || status === this.filter.status);
    const buttons = () => [make("", "All letters", answer.letters), ...shown.map((status) => make(status, label(status), answer.statuses[status] ?? 0))];
    const key = JSON.stringify([answer.statuses, answer.letters, this.filter.status]);
    if (key === this.filterKey) return;
    this.filterKey = key;
    this.chips.replaceChildren(...buttons());
    this.app.sideFilters.replaceChildren(h("h2", {}, "Letters"), h("div", { class: "status-list", role: "group", "aria-label": "Status" }, buttons()));
  }

  restart() {
    this.grid.restart();
  }

  clear() {
    this.filter = { q: "", status: "", mode: "" };
    this.search.set("");
    this.modes.firstChild.click();
  }

  /** Moving through the list shows the job beside it after a moment; where there is no beside, only opening does. */
  chose(job, how) {
    clearTimeout(this.peek);
    if (how === "move" && this.app.narrow()) return;
    const go = () => this.app.go(`#/outbox/${job.id}`);
    if (how === "move") this.peek = setTimeout(go, 120);
    else {
      this.wantsFocus = how === "open" ? job.id : null;
      go();
    }
  }

  async show([jobId, letterId]) {
    if (!this.grid.loaded) this.restart();
    this.element.classList.toggle("has-detail", Boolean(jobId));
    if ((jobId ?? null) !== this.jobId) {
      this.jobId = jobId ?? null;
      this.letterFilter = "";
      this.letterGrid?.end();
      this.letterGrid = null;
      if (this.jobId) await this.drawDetail();
      else this.noJob();
    }
    if (this.wantsFocus === this.jobId && this.letterGrid) { this.wantsFocus = null; this.letterGrid.host.focus(); this.letterGrid.choose(0, "move"); }
    if (this.jobId) this.grid.pick(this.jobId);
    if (letterId) this.viewer.show(letterId);
    else this.viewer.close();
  }

  noJob() {
    this.job = null;
    if (this.nothing) {
      const shown = welcome();
      shown.classList.add("tall");
      this.detail.replaceChildren(shown);
      return;
    }
    this.detail.replaceChildren(h("div", { class: "empty tall" },
      h("div", { class: "ghost" }, h("i", {})),
      h("p", {}, "Choose a print job to see its letters."),
      h("p", { class: "faint keys" }, h("kbd", {}, "j"), h("kbd", {}, "k"), " to move, ", h("kbd", {}, "Enter"), " to open, ", h("kbd", {}, "?"), " for more")));
  }

  async drawDetail() {
    const jobId = this.jobId;
    let job;
    try {
      job = await get(`/page/jobs/${encodeURIComponent(jobId)}`);
    } catch (error) {
      if (jobId === this.jobId) this.detail.replaceChildren(h("div", { class: "empty tall" }, h("p", {}, `${words(error.message)}: ${jobId}`), h("a", { href: "#/outbox" }, "Back to the outbox")));
      return;
    }
    if (jobId !== this.jobId) return;
    this.job = job;
    this.head = h("div", { class: "detail-head" });
    this.wall = h("div", {});
    this.lettersNote = h("p", { class: "note", "aria-live": "polite" });
    this.lettersBar = h("div", { class: "letters-bar" }, h("h3", {}, "Letters"), this.lettersNote, h("span", { class: "spring" }),
      job.type === "postcard" ? "" : segments("How letters are shown", LOOKS, this.look, (value) => { this.look = value; this.detail.dataset.look = value; }));
    this.detail.dataset.look = this.look;
    this.detail.scrollTop = 0;
    this.detail.replaceChildren(this.head, this.lettersBar, this.wall);
    this.drawHead();
    this.allWords = false;
    this.letterGrid = new Grid({
      scroller: this.detail, host: this.wall, label: "Letters", width: 168, gap: 18, rowHeight: job.type === "postcard" ? 232 : 316, slim: { width: 140, gap: 10, rowHeight: job.type === "postcard" ? 222 : 300 }, className: "letter", headroom: 46,
      fetch: async (skip, limit) => {
        const q = this.allWords ? "" : this.filter.q;
        let answer = await get(`/page/jobs/${encodeURIComponent(jobId)}/letters`, { q, status: this.filter.status, skip, limit });
        answer.q = q;
        if (!answer.total && (q || this.filter.status)) answer = { ...(await get(`/page/jobs/${encodeURIComponent(jobId)}/letters`, { skip, limit })), q: "" };
        return { ...answer, items: answer.letters };
      },
      draw: (letter) => this.drawLetter(letter),
      arrived: (answer) => this.lettersArrived(answer),
      chosen: (letter, _index, how) => { if (how !== "move") this.app.go(`#/outbox/${jobId}/${letter.id}`); },
      failed: (error) => toast(error.message, "bad"),
    });
    await this.letterGrid.restart();
  }

  drawHead() {
    const job = this.job, fields = job.fields;
    const printing = [fields.printing?.double_sided === "yes" ? "both sides" : null, fields.printing?.black_and_white ? "black and white" : null, fields.printing?.premium_quality ? "premium paper" : null];
    this.head.replaceChildren(
      h("a", { class: "back", href: "#/outbox" }, icon("back"), "Outbox"),
      h("div", { class: "title" }, h("h2", {}, job.reference || job.file || "Without a reference"), job.testmode ? h("span", { class: "tag" }, "Test") : h("span", { class: "tag live" }, "Live")),
      h("p", { class: "ident" }, h("code", {}, job.id), copyButton(job.id, "the id"), h("button", { type: "button", class: "link", onclick: () => this.fields() }, "All fields")),
      bar(job.statuses),
      h("div", { class: "bar-key" }, LETTER_STATUSES.filter((status) => job.statuses[status]).map((status) => pill(status, job.statuses[status]))),
      facts([
        ["Letters", count(job.letters)],
        ["Pages", `${count(job.pages)} on ${many(job.sheets, "sheet")}`],
        ["Cost", [h("b", { title: exact(job.cost.after_tax) }, money(job.cost.after_tax)), h("span", { class: "faint", title: exact(job.cost.amount) }, ` ${money(job.cost.amount)} + VAT`)]],
        ["Postage", words(job.service).replace(/^Uk /, "UK ")],
        ["Printing", printing.filter(Boolean).join(", ")],
        ["Made", date(job.created)],
        ["Confirmed", job.confirmed ? date(job.confirmed_at) : "not yet: a draft"],
        ["File", job.file],
      ]));
  }

  drawLetter(letter) {
    const { name, postcode } = letter.address;
    return [
      paper(letter, { dpi: 60, wait: 90 }),
      h("div", { class: "letter-text" },
        h("b", {}, name ?? "No address"),
        h("span", { class: "faint" }, [postcode, many(letter.pages, "page")].filter(Boolean).join(" · ")),
        pill(letter.status)),
    ];
  }

  lettersArrived(answer) {
    const all = this.job?.letters ?? answer.total;
    this.lettersNote.replaceChildren(answer.total === all ? count(all) : `${count(answer.total)} of ${count(all)}`);
    if (answer.total !== all) {
      this.lettersNote.append(" fit what is searched for. ", h("button", { type: "button", class: "link", onclick: () => { this.allWords = true; this.filter.status ? this.clear() : this.letterGrid.restart(); } }, "Show all"));
    }
    this.viewer.update();
  }

  fields() {
    dialog("All fields", "wide", h("pre", { class: "json", tabindex: "0" }, JSON.stringify(this.job.fields, null, 2)));
  }

  async refresh() {
    await Promise.all([this.grid.refresh(), this.refreshDetail()]);
  }

  async refreshDetail() {
    if (!this.jobId || !this.job) return;
    const jobId = this.jobId;
    try {
      const job = await get(`/page/jobs/${encodeURIComponent(jobId)}`);
      if (jobId !== this.jobId) return;
      if (JSON.stringify({ ...job, now: 0 }) !== JSON.stringify({ ...this.job, now: 0 })) {
        this.job = job;
        this.drawHead();
      }
      await this.letterGrid?.refresh();
    } catch (error) {
      // A sandbox that is being restarted comes back with the job, one that was emptied does not.
      if (error.status === 404 && jobId === this.jobId) this.app.go("#/outbox");
    }
  }

  get current() {
    return this.letterGrid && this.detail.contains(document.activeElement) ? this.letterGrid : this.grid;
  }

  escape() {
    if (this.search.value) { this.search.set(""); this.filter.q = ""; this.restart(); return; }
    if (this.letterGrid && this.detail.contains(document.activeElement)) { this.grid.host.focus(); if (!this.app.narrow()) return; }
    if (this.jobId && this.app.narrow()) this.app.go("#/outbox");
    else if (this.filter.status || this.filter.mode) this.clear();
    else if (this.jobId) this.app.go("#/outbox");
  }
}
