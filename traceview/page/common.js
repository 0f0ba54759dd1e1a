"use strict";
// What the page of a trace and the list of traces share.
const common = (() => {
  const $ = (id) => document.getElementById(id);

  // All text goes in by textContent: nothing of a span is parsed as HTML.
  const el = (tag, className, text) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const put = (parent, ...children) => {
    parent.append(...children.filter(Boolean));
    return parent;
  };

  const digits = (n) => n.toLocaleString("en-US");
  const duration = (us) => {
    if (us >= 60e6) return `${Math.floor(us / 60e6)}m ${((us % 60e6) / 1e6).toFixed(1)}s`;
    if (us >= 1e6) return `${(us / 1e6).toFixed(2)}s`;
    if (us >= 1e3) return `${(us / 1e3).toFixed(us >= 1e5 ? 0 : 1)}ms`;
    return `${Math.round(us)}µs`;
  };

  // dollars is "-" where no call has a price, and a least amount where some have.
  const dollars = (r) => {
    const usd = Number(r.cost_usd);
    if (!usd && (r.unpriced_calls || !(r.input_tokens + r.output_tokens))) return "-";
    return `${r.unpriced_calls ? "≥ " : ""}$${usd.toFixed(6)}`;
  };

  // texts are the values in v, for a search.
  const texts = (v) => (v && typeof v === "object" ? Object.values(v).map(texts).join("\n") : String(v ?? "").toLowerCase());

  function sums(what, calls, list) {
    const table = el("table", "sums");
    const head = put(el("tr"), ...[what, calls, "Errors", "Retries", "In", "Out", "Cost", "p50", "p95"].map((h) => {
      const th = el("th", "", h);
      th.scope = "col";
      return th;
    }));
    const body = el("tbody");
    for (const r of list || []) {
      const name = el("th", "", r.name);
      name.scope = "row";
      name.dir = "auto";
      const cells = [r.calls, r.errors, r.retries, r.input_tokens, r.output_tokens].map((n) => el("td", "", digits(n)));
      if (r.errors) cells[1].className = "bad";
      const cost = el("td", "", dollars(r));
      put(body, put(el("tr"), name, ...cells, cost, el("td", "", duration(r.p50_seconds * 1e6)), el("td", "", duration(r.p95_seconds * 1e6))));
    }
    return put(table, put(el("thead"), head), body);
  }

  return { $, el, put, digits, duration, dollars, texts, sums };
})();
