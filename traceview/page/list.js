"use strict";
(() => {
  const { $, el, put, options, digits, duration, dollars, texts, cells, usage } = common;
  let entries = [];

  const choices = (id, values) => options(id, [["", "all"], ...[...new Set(values.filter(Boolean))].sort()]);

  function show() {
    choices("workflow", entries.map((e) => e.workflow));
    choices("model", entries.flatMap((e) => e.models || []));
    choices("session", entries.map((e) => e.session));
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = entries.filter((e) =>
      (!$("failed").checked || e.errors) && (!$("workflow").value || e.workflow === $("workflow").value) &&
      (!$("model").value || (e.models || []).includes($("model").value)) && (!$("session").value || e.session === $("session").value) &&
      words.every((w) => texts([e.id, e.name, e.text, e.models, e.workflow, e.session]).includes(w)));
    $("matches").textContent = entries.length ? `${digits(wanted.length)} of ${digits(entries.length)} traces` : "No traces yet";
    const focused = document.activeElement.href;
    $("traces").tBodies[0].replaceChildren(...wanted.map(row));
    if (focused) [...document.links].find((a) => a.href === focused)?.focus({ preventScroll: true });
  }

  function row(e) {
    const name = new DocumentFragment();
    const link = el("a", e.errors ? "bad" : "", e.name);
    link.href = `?trace=${e.id}`;
    put(name, link);
    if (e.text) {
      const text = el("p", "sub text", e.text.length > 200 ? e.text.slice(0, 200) + "…" : e.text);
      text.dir = "auto";
      put(name, text);
    }
    const tr = cells(name, new Date(e.start).toLocaleTimeString(), duration(e.duration), digits(e.spans), digits(e.errors), digits(e.usage.calls),
      `${digits(e.usage.input_tokens)} → ${digits(e.usage.output_tokens)}`, dollars(e.usage));
    if (e.errors) tr.cells[4].className = "bad";
    return tr;
  }

  async function load() {
    try {
      const get = (what) => fetch(what).then((r) => r.json());
      entries = await get("?list");
      show();
      if ($("usage").open) usage(await get("?usage"));
    } catch {
      $("matches").textContent = "The program does not answer";
    }
  }

  for (const id of ["search", "workflow", "model", "session", "failed"]) $(id).addEventListener("input", show);
  $("usage").addEventListener("toggle", load);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  setInterval(() => $("live").checked && !document.hidden && load(), 2000);
  load();
})();
