// A list or wall of any length of which only what can be seen is fetched and drawn.

import { h } from "/static/dom.js";

const PIECE = 60;
const SPARE_ROWS = 3;
const SLIM = 760; // pixels; as in the style sheets
let grids = 0;

/**
 * @param options.scroller  the element that scrolls
 * @param options.host      the element that holds the cells; the keyboard goes to it
 * @param options.rowHeight height of a cell in pixels, the gap included
 * @param options.width     least width of a cell; 0 for a list with one column
 * @param options.slim      {rowHeight, width, gap} where there is little room, as on a phone
 * @param options.gap       pixels between columns
 * @param options.fetch     (skip, limit) => Promise of {total, items, ...}
 * @param options.draw      (item, index) => children of the cell
 * @param options.chosen    (item, index, how) => called when another cell is chosen: "move", "open" or "click"
 * @param options.arrived   (answer) => called with every answer of fetch
 */
export class Grid {
  constructor(options) {
    Object.assign(this, { width: 0, gap: 0, className: "", arrived() {}, chosen() {} }, options);
    this.roomy = { rowHeight: this.rowHeight, width: this.width, gap: this.gap };
    this.fit();
    this.name = `grid${(grids += 1)}`;
    this.total = 0;
    this.loaded = false;
    this.active = -1;
    this.activeId = null;
    this.pieces = new Map();
    this.cells = new Map();
    this.turn = 0;
    this.host.setAttribute("role", "listbox");
    this.host.setAttribute("aria-label", this.label);
    this.host.tabIndex = 0;
    this.host.classList.add("grid");
    this.host.addEventListener("keydown", (event) => this.key(event));
    this.host.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-index]");
      if (cell) this.choose(Number(cell.dataset.index), "click");
    });
    this.host.addEventListener("focus", () => { if (this.active < 0 && this.total && this.host.matches(":focus-visible")) this.choose(0, "move"); });
    this.onScroll = () => this.plan();
    this.scroller.addEventListener("scroll", this.onScroll, { passive: true });
    this.observer = new ResizeObserver(() => this.plan());
    this.observer.observe(this.host);
    this.observer.observe(this.scroller);
  }

  end() {
    this.ended = true;
    this.observer.disconnect();
    this.scroller.removeEventListener("scroll", this.onScroll);
  }

  /** Begin anew at the top: another search, another job. */
  async restart() {
    this.turn += 1;
    this.pieces.clear();
    this.active = -1;
    this.activeId = null;
    this.loaded = false;
    this.scroller.scrollTop = 0;
    await this.load(0);
  }

  /** Look again at what can be seen; what is chosen stays chosen, and the list does not jump. */
  async refresh() {
    this.turn += 1;
    const [from, to] = this.range();
    const wanted = new Set();
    for (let index = from; index < Math.max(to, from + 1); index += 1) wanted.add(Math.floor(index / PIECE));
    for (const number of [...this.pieces.keys()]) if (!wanted.has(number)) this.pieces.delete(number);
    await Promise.all([...wanted].map((number) => this.load(number)));
  }

  /** Take the measures that go with the room that there is. */
  fit() {
    if (this.slim) Object.assign(this, innerWidth < SLIM ? { ...this.roomy, ...this.slim } : this.roomy);
  }

  item(index) { return this.pieces.get(Math.floor(index / PIECE))?.items?.[index % PIECE] ?? null; }

  columns() {
    if (!this.width) return 1;
    return Math.max(1, Math.floor((this.host.clientWidth + this.gap) / (this.width + this.gap)));
  }

  range() {
    const columns = this.columns();
    const top = this.host.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    const first = Math.floor(Math.max(0, -top) / this.rowHeight) - SPARE_ROWS;
    const last = Math.ceil((this.scroller.clientHeight - top) / this.rowHeight) + SPARE_ROWS;
    return [Math.max(0, first) * columns, Math.min(this.total, Math.max(0, last) * columns)];
  }

  loadAt(index) { return this.load(Math.floor(index / PIECE)); }

  async load(number) {
    const turn = this.turn;
    this.pieces.set(number, this.pieces.get(number) ?? {});
    let answer;
    try {
      answer = await this.fetch(number * PIECE, PIECE);
    } catch (error) {
      if (turn === this.turn && !this.pieces.get(number)?.items) this.pieces.delete(number);
      this.failed?.(error);
      return;
    }
    if (turn !== this.turn || this.ended) return;
    const grown = answer.total - this.total;
    if (this.loaded && !this.width && grown > 0 && this.scroller.scrollTop > this.rowHeight) this.scroller.scrollTop += grown * this.rowHeight;
    this.loaded = true;
    this.total = answer.total;
    this.pieces.set(number, { items: answer.items });
    this.follow(number, answer.items);
    this.arrived(answer);
    this.paint();
  }

  /** Keep the choice on the same thing when the list has moved under it. */
  follow(number, items) {
    if (this.activeId === null) return;
    const place = items.findIndex((item) => String(item.id) === this.activeId);
    if (place >= 0) this.active = number * PIECE + place;
  }

  /** Choose what is shown elsewhere, if it is among what has been fetched; the list stays where it is. */
  pick(id) {
    if (id === this.activeId) return;
    this.active = -1;
    this.activeId = id;
    for (const [number, piece] of this.pieces) if (piece.items) this.follow(number, piece.items);
    this.mark();
  }

  plan() {
    if (this.planned || this.ended) return;
    this.planned = true;
    requestAnimationFrame(() => { this.planned = false; this.paint(); });
  }

  paint() {
    if (this.ended) return;
    this.fit();
    const columns = this.columns(), rows = Math.ceil(this.total / columns);
    this.host.style.height = `${rows * this.rowHeight}px`;
    const [from, to] = this.range();
    for (const [index, cell] of this.cells) {
      if (index >= from && index < to) continue;
      cell.remove();
      this.cells.delete(index);
    }
    const share = 100 / columns, less = (this.gap * (columns - 1)) / columns, missing = new Set();
    for (let index = from; index < to; index += 1) {
      const item = this.item(index);
      if (item === null) missing.add(Math.floor(index / PIECE));
      const cell = this.cell(index, item);
      const column = index % columns;
      cell.style.top = `${Math.floor(index / columns) * this.rowHeight}px`;
      cell.style.height = `${this.rowHeight - this.gap}px`;
      cell.style.width = `calc(${share}% - ${less}px)`;
      cell.style.left = `calc((${share}% - ${less}px + ${this.gap}px) * ${column})`;
    }
    this.mark();
    clearTimeout(this.later);
    // What is only flown over is not fetched.
    if (missing.size) this.later = setTimeout(() => { for (const number of missing) if (!this.pieces.has(number)) this.load(number); }, this.loaded ? 60 : 0);
  }

  cell(index, item) {
    const key = item === null ? "" : JSON.stringify(item);
    let cell = this.cells.get(index);
    if (cell && cell.key === key && !item?.now) return cell;
    if (!cell) {
      cell = h("div", { class: `cell ${this.className}`, role: "option", id: `${this.name}-${index}`, "data-index": index });
      this.cells.set(index, cell);
      this.host.append(cell);
    }
    cell.key = key;
    cell.setAttribute("aria-posinset", index + 1);
    cell.setAttribute("aria-setsize", this.total);
    cell.classList.toggle("hollow", item === null);
    cell.replaceChildren(...(item === null ? [h("span", { class: "bone" })] : [this.draw(item, index)].flat()));
    return cell;
  }

  mark() {
    for (const [index, cell] of this.cells) cell.setAttribute("aria-selected", String(index === this.active));
    const seen = this.cells.get(this.active);
    if (seen) this.host.setAttribute("aria-activedescendant", seen.id);
    else this.host.removeAttribute("aria-activedescendant");
  }

  /** Choose a cell and see to it that it can be seen. */
  choose(index, how) {
    if (!this.total) return;
    this.active = Math.max(0, Math.min(this.total - 1, index));
    const item = this.item(this.active);
    this.activeId = item === null ? null : String(item.id);
    this.reveal();
    this.paint();
    if (item !== null) this.chosen(item, this.active, how);
  }

  reveal() {
    const row = Math.floor(this.active / this.columns()) * this.rowHeight;
    const top = this.host.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top + row;
    const room = this.scroller.clientHeight, above = this.headroom ?? 0;
    if (top < above) this.scroller.scrollTop += top - above - 8;
    else if (top + this.rowHeight > room) this.scroller.scrollTop += top + this.rowHeight - room + 8;
  }

  move(step) { this.choose(this.active < 0 ? 0 : this.active + step, "move"); }

  open() { if (this.active >= 0) this.choose(this.active, "open"); }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = this.columns(), page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight)) * columns;
    const steps = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: 1, ArrowLeft: -1, PageDown: page, PageUp: -page, Home: -this.total, End: this.total };
    if (event.key in steps) this.move(steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
