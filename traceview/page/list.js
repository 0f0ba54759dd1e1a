"use strict";
(() => {
  const { $, el, put, digits, duration, dollars, texts, sums } = common;
  let entries = [];

  function options(id, values) {
    const select = $(id);
    const chosen = select.value;
    const list = ["", ...[...new Set(values.filter(Boolean))].sort()];
    if (select.options.length === list.length && [...select.options].every((o, i) => o.value === list[i])) return;
    select.replaceChildren(...list.map((v) => {
      const o = el("option", "", v || "all");
      o.value = v;
      return o;
    }));
    select.value = list.includes(chosen) ? chosen : "";
  }

  function show() {
    options("workflow", entries.map((e) => e.workflow));
    options("model", entries.flatMap((e) => e.models || []));
    options("session", entries.map((e) => e.session));
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = entries.filter((e) =>
      (!$("failed").checked || e.errors) && (!$("workflow").value || e.workflow === $("workflow").value) &&
      (!$("model").value || (e.models || []).includes($("model").value)) && (!$("session").value || e.session === $("session").value) &&
      words.every((w) => texts([e.id, e.name, e.text, e.models, e.workflow, e.session]).includes(w)));
    $("matches").textContent = entries.length ? `${digits(wanted.length)} of ${digits(entries.length)} traces` : "No traces yet";
    $("traces").tBodies[0].replaceChildren(...wanted.map(row));
  }

  function row(e) {
    const name = el("th");
    name.scope = "row";
    const link = el("a", e.errors ? "bad" : "", e.name);
    link.href = `?trace=${e.id}`;
    put(name, link);
    if (e.text) {
      const text = el("p", "sub text", e.text.length > 200 ? e.text.slice(0, 200) + "…" : e.text);
      text.dir = "auto";
      put(name, text);
    }
    const cells = [new Date(e.start).toLocaleTimeString(), duration(e.duration), digits(e.spans), digits(e.errors), digits(e.usage.calls),
      `${digits(e.usage.input_tokens)} → ${digits(e.usage.output_tokens)}`, dollars(e.usage)].map((t) => el("td", "", t));
    if (e.errors) cells[3].className = "bad";
    return put(el("tr"), name, ...cells);
  }

  async function load() {
    try {
      const get = (what) => fetch(what).then((r) => r.json());
      entries = await get("?list");
      show();
      if (!$("usage").open) return;
      const usage = await get("?usage");
      $("usage").querySelector(".tables").replaceChildren(sums("Model", "Calls", usage.models), sums("Task", "Runs", usage.tasks));
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
