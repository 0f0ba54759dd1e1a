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

  // options fills a select with values or [value, text] pairs, and keeps what is chosen.
  const options = (id, list) => {
    const chosen = $(id).value;
    const content = JSON.stringify(list);
    if ($(id).content === content) return; // it may be open
    $(id).content = content;
    $(id).replaceChildren(...list.map((o) => new Option(...[o].flat().reverse())));
    $(id).value = chosen;
    if ($(id).selectedIndex < 0) $(id).selectedIndex = 0;
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

  // cells is a table row: a head that names it, and what else there is.
  const cells = (name, ...rest) => {
    const th = put(el("th"), name);
    th.scope = "row";
    th.dir = "auto";
    return put(el("tr"), th, ...rest.map((t) => el("td", "", t)));
  };

  function sums(what, calls, list) {
    const heads = [what, calls, "Errors", "Retries", "In", "Out", "Cost", "p50", "p95"].map((h) => {
      const th = el("th", "", h);
      th.scope = "col";
      return th;
    });
    const rows = (list || []).map((r) => {
      const row = cells(r.name, ...[r.calls, r.errors, r.retries, r.input_tokens, r.output_tokens].map(digits), dollars(r), duration(r.p50_seconds * 1e6), duration(r.p95_seconds * 1e6));
      if (r.errors) row.cells[2].className = "bad";
      return row;
    });
    return put(el("table", "sums"), put(el("thead"), put(el("tr"), ...heads)), put(el("tbody"), ...rows));
  }
  const usage = (u) => $("usage").querySelector(".tables").replaceChildren(sums("Model", "Calls", u.models), sums("Task", "Runs", u.tasks));

  return { $, el, put, options, digits, duration, dollars, texts, cells, usage };
})();
