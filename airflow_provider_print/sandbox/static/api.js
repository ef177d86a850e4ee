// Calls to the sandbox that serves this page, and its news.

export class ApiError extends Error {
  constructor(text, status = 0) {
    super(text);
    this.status = status; // 0 when there was no answer
  }
}

async function call(method, path, body) {
  const options = { method, headers: {}, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/_sandbox${path}`, options);
  } catch {
    throw new ApiError("The sandbox does not answer");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(data.error ?? `The sandbox answered ${answer.status}`, answer.status);
  return data;
}

export const get = (path, query = {}) => {
  const wanted = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const text = new URLSearchParams(wanted).toString();
  return call("GET", text ? `${path}?${text}` : path);
};
export const post = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

/** Listen to the news while the page is looked at: `changed(names)`, and `connected(true or false)`. */
export function listen(changed, connected) {
  let source = null, known = null;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/_sandbox/page/events");
    source.onopen = () => connected(true);
    source.onerror = () => {
      connected(false);
      if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(open, 2000); }
    };
    source.onmessage = (event) => {
      const found = JSON.parse(event.data);
      const names = known === null ? [] : Object.keys(found).filter((name) => found[name] !== known[name]);
      known = found;
      if (names.length) changed(new Set(names));
    };
  };
  const close = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
