"use strict";
(() => {
  const traces = JSON.parse(document.getElementById("data").textContent);
  const { $, el, put, options, digits, duration, dollars, texts, cells, usage } = common;

  let trace;
  let rows = []; // one per span, in the order of the tree
  let selected = null;
  let view = [0, 1]; // the part of the trace that the bars show, in µs

  function open(t) {
    trace = t;
    $("name").textContent = t.name;
    $("trace-id").textContent = t.id;
    totals(t);
    usage(t.usage);
    build(t);
    zoom(0, Math.max(t.duration, 1));
    select(rows.find((r) => r.span.failed && !r.children.some((c) => c.span.failed)) || rows[0], false);
    filter();
  }

  function totals(t) {
    const list = $("totals");
    list.replaceChildren();
    const u = t.usage.total;
    const failed = t.spans.filter((s) => s.failed).length;
    const add = (name, value, bad) => put(list, put(el("div", bad ? "bad" : ""), el("dt", "", name), el("dd", "", value)));
    add("started", new Date(t.start).toLocaleString());
    add("duration", duration(t.duration));
    add("spans", digits(t.spans.length));
    add("model calls", digits(u.calls));
    add("tokens", `${digits(u.input_tokens)} → ${digits(u.output_tokens)}`);
    add("cost", dollars(u));
    if (u.retries) add("retries", digits(u.retries));
    add("errors", digits(failed), failed > 0);
  }

  function build(t) {
    const box = $("rows");
    const byID = new Map();
    rows = t.spans.map((span, i) => {
      const row = { span, i, children: [], parent: byID.get(span.parent) || null, open: true, match: true, shown: true };
      byID.set(span.id, row);
      if (row.parent) row.parent.children.push(row);
      return row;
    });
    box.setAttribute("aria-rowcount", rows.length);
    box.replaceChildren();
    for (const row of rows) box.append(render(row));
    options("kind", [["", "all"], ...new Set(t.spans.map((s) => s.kind))]);
  }

  // A row is a copy of one element: 5,000 spans are many rows.
  const rowOf = (() => {
    const cell = (className, ...children) => {
      const e = put(el("div", className), ...children);
      e.setAttribute("role", "gridcell");
      return e;
    };
    const e = put(el("div"), cell("label", el("span", "fold"), el("bdi")), cell("time", el("div", "bar"), el("span", "took")));
    e.tabIndex = -1;
    e.setAttribute("role", "row");
    e.setAttribute("aria-selected", "false");
    e.querySelector(".fold").setAttribute("aria-hidden", "true");
    return () => e.cloneNode(true);
  })();

  function render(row) {
    const s = row.span;
    const e = (row.el = rowOf());
    const [label, time] = e.children;
    e.row = row;
    e.className = `row ${s.kind}${s.failed ? " failed" : ""}`;
    e.setAttribute("aria-level", s.depth + 1);
    e.setAttribute("aria-rowindex", row.i + 1);
    label.title = s.name;
    label.style.paddingInlineStart = `${8 + Math.min(s.depth, 30) * 14}px`;
    row.fold = label.firstChild;
    label.lastChild.textContent = s.name;
    [row.bar, row.took] = time.children;
    row.took.textContent = [duration(s.duration), s.note?.replace(" tokens", "").replaceAll("  ", " · "), s.failed && "error"].filter(Boolean).join(" · ");
    row.ticks = (s.events || []).filter((v) => v.name === "retry").map((v) => ({ at: v.at, el: el("i", "tick") }));
    put(time, ...row.ticks.map((k) => k.el));
    return e;
  }

  function zoom(from, to) {
    view = [from, Math.max(to, from + 0.5)];
    const width = view[1] - view[0];
    const at = (us) => ((us - view[0]) / width) * 100;
    const column = innerWidth * (innerWidth > 800 ? 0.37 : 0.6); // about; to ask for it would lay the page out
    for (const row of rows) {
      const s = row.span;
      const left = Math.max(at(s.start), 0);
      const right = Math.min(at(s.start + s.duration), 100);
      row.bar.hidden = right < 0 || left > 100;
      row.bar.style.left = `${Math.min(left, 99.8)}%`;
      row.bar.style.width = `${Math.max(right - left, 0)}%`;
      // The text stands in the bar if it fits there, else where there is most room.
      const inBar = ((right - left) / 100) * column > 12 + 6.2 * row.took.textContent.length;
      const before = inBar || left > 100 - right;
      row.took.classList.toggle("within", inBar);
      row.took.style.left = before ? "auto" : `${Math.max(right, 0)}%`;
      row.took.style.right = before ? `${Math.max(100 - (inBar ? right : left), 0)}%` : "auto";
      for (const tick of row.ticks) tick.el.style.left = `${at(tick.at)}%`;
    }
    const ruler = $("ruler");
    ruler.replaceChildren();
    for (let i = 0; i < 5; i++) {
      const mark = el("span", "", duration(view[0] + (width * i) / 5));
      mark.style.left = `${i * 20}%`;
      ruler.append(mark);
    }
  }

  function fold(row, open) {
    row.open = open;
    layout();
  }

  // layout shows the rows that match and are not folded away.
  function layout() {
    for (const row of rows) {
      const p = row.parent;
      const visible = row.shown && (!p || (p.visible && p.open));
      if (row.visible !== visible) row.el.hidden = !visible;
      row.visible = visible;
      if (row.children.length && row.el.ariaExpanded !== String(row.open)) row.el.setAttribute("aria-expanded", row.open);
    }
  }

  // filter shows what matches, and, dimmed, what is above it.
  function filter() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = $("kind").value;
    const failed = $("failed").checked;
    const all = !words.length && !kind && !failed;
    let n = 0;
    for (const row of rows) {
      row.match = all || ((!kind || row.span.kind === kind) && (!failed || row.span.failed) && words.every((w) => (row.text ??= texts([row.span, Object.keys(row.span.attributes || {})])).includes(w)));
      row.shown = row.match;
      if (row.match) n++;
    }
    for (const row of [...rows].reverse()) if (row.shown && row.parent) row.parent.shown = true;
    for (const row of rows) row.el.classList.toggle("context", !row.match);
    $("matches").textContent = all ? "" : `${digits(n)} of ${digits(rows.length)} spans`;
    layout();
  }

  function select(row, focus) {
    if (!row) return;
    if (selected && selected.el) {
      selected.el.setAttribute("aria-selected", "false");
      selected.el.tabIndex = -1;
    }
    selected = row;
    for (let p = row.parent; p; p = p.parent) p.open = true;
    row.el.setAttribute("aria-selected", "true");
    row.el.tabIndex = 0;
    layout();
    if (focus) row.el.focus({ preventScroll: true });
    row.el.scrollIntoView({ block: "nearest" });
    details(row.span);
  }

  function details(s) {
    const box = $("details");
    box.scrollTop = 0;
    const title = text("", s.name, "h2");
    const badge = el("span", `badge ${s.kind}`, s.kind);
    const copy = el("button", "", "Copy as JSON");
    copy.type = "button";
    copy.addEventListener("click", async () => {
      const json = JSON.stringify(s, null, 2);
      try {
        await navigator.clipboard.writeText(json);
        copy.textContent = "Copied";
      } catch {
        copy.replaceWith(text("text block mono", json)); // no clipboard here: a text to copy
      }
    });
    box.replaceChildren(put(el("div", "head"), title, copy), put(el("p", "sub"), badge, ` ${duration(s.duration)} at ${duration(s.start)}${s.note ? " · " + s.note.replaceAll("  ", " · ") : ""}`));
    if (s.failed) put(box, text("error", s.error || "failed without a description"));
    section("Chat", (s.messages || []).map(bubble));
    section("Input", s.input && !s.messages ? [text("text block", pretty(s.input))] : []);
    section(s.documents ? `Documents (${s.documents.length})` : "", (s.documents || []).map(card));
    section("Output", s.output && !s.messages ? [text("text block", pretty(s.output))] : []);
    section("Events", (s.events || []).map((v) => put(el("div", "card"), put(el("header"), el("b", "", v.name), el("span", "", duration(v.at))), attributes(v.attributes))));
    section("Attributes", s.attributes && Object.keys(s.attributes).length ? [attributes(s.attributes)] : []);
    put(box, text("sub mono", `span ${s.id}`));

    function section(name, children) {
      if (children.length) put(box, el("h3", "", name), ...children);
    }
  }

  // text is an element whose direction is its own: Arabic runs from right to left.
  function text(className, t, tag = "p") {
    const p = el(tag, className, t);
    p.dir = "auto";
    return p;
  }

  function pretty(t) {
    if (t.length < 60 || !/^\s*[[{]/.test(t)) return t;
    try {
      return JSON.stringify(JSON.parse(t), null, 2);
    } catch {
      return t;
    }
  }

  function bubble(m) {
    const box = el("div", `bubble ${m.role === "user" ? "user" : ""} ${m.output ? "output" : ""}`);
    put(box, put(el("p", "who"), el("span", "", m.role || "message"), m.finish_reason && el("span", "", m.finish_reason)));
    for (const p of m.parts || []) {
      if (p.type === "text" || (!p.name && !p.id && p.text)) put(box, text("text", p.text || ""));
      else put(box, put(el("div", "call"), el("p", "", [p.type.replaceAll("_", " "), p.name, p.id].filter(Boolean).join("  ")), text("text mono", pretty(p.text || ""))));
    }
    return box;
  }

  function card(d, i) {
    const head = put(el("header"), el("span", "mono", d.id || `#${i + 1}`), d.score !== undefined && el("b", "", `score ${d.score.toFixed(3)}`));
    return put(el("article", "card"), head, d.content && text("text", d.content), d.metadata && el("p", "meta", JSON.stringify(d.metadata)));
  }

  function attributes(map) {
    const rows = Object.keys(map || {}).sort().map((key) => {
      const row = cells(key, typeof map[key] === "string" ? map[key] : JSON.stringify(map[key]));
      row.cells[1].dir = "auto";
      return row;
    });
    return put(el("table", "attributes"), put(el("tbody"), ...rows));
  }

  // move goes to the next row that is wanted, forwards or backwards.
  function move(step, wanted = (r) => r.visible) {
    for (let i = (selected ? selected.i : -1) + step; i >= 0 && i < rows.length; i += step) {
      if (wanted(rows[i])) return select(rows[i], true);
    }
  }

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Home: () => select(rows.find((r) => r.visible), true),
    End: () => select(rows.findLast((r) => r.visible), true),
    ArrowRight: () => (selected.children.length && !selected.open ? fold(selected, true) : move(1)),
    ArrowLeft: () => (selected.children.length && selected.open ? fold(selected, false) : select(selected.parent, true)),
    Enter: () => $("details").focus(),
    " ": () => fold(selected, !selected.open),
  };
  const pageKeys = {
    "/": () => $("search").focus(),
    e: () => move(1, (r) => r.shown && r.span.failed),
    z: () => zoom(selected.span.start, selected.span.start + selected.span.duration),
    0: () => zoom(0, Math.max(trace.duration, 1)),
  };
  $("rows").addEventListener("click", (event) => {
    const row = event.target.closest(".row")?.row;
    if (row && event.target === row.fold && row.children.length) fold(row, !row.open);
    else select(row, true);
  });
  $("rows").addEventListener("keydown", (event) => act(event, keys[event.key]));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest("#rows")) return act(event, () => select(selected.visible ? selected : rows.find((r) => r.visible && r.match), true));
    if (!event.target.closest("input, select, textarea")) act(event, pageKeys[event.key.toLowerCase()]);
  });
  function act(event, action) {
    if (!action || !selected || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  $("ruler").addEventListener("pointerdown", (down) => {
    const ruler = $("ruler");
    const box = ruler.getBoundingClientRect();
    const mark = el("div", "drag");
    ruler.append(mark);
    const at = (event) => Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    const from = at(down);
    const drag = (event) => {
      mark.style.left = `${Math.min(from, at(event)) * 100}%`;
      mark.style.width = `${Math.abs(at(event) - from) * 100}%`;
    };
    ruler.setPointerCapture(down.pointerId);
    ruler.addEventListener("pointermove", drag);
    ruler.addEventListener("pointerup", (up) => {
      ruler.removeEventListener("pointermove", drag);
      mark.remove();
      const [a, b] = [from, at(up)].sort((x, y) => x - y);
      const width = view[1] - view[0];
      if (b - a > 0.01) zoom(view[0] + a * width, view[0] + b * width);
    }, { once: true });
  });

  $("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["search", "kind", "failed"]) $(id).addEventListener("input", filter);
  $("zoom").addEventListener("click", () => pageKeys.z());
  $("reset").addEventListener("click", () => pageKeys["0"]());
  const foldAll = (open) => {
    for (const row of rows) row.open = open;
    layout();
  };
  $("collapse").addEventListener("click", () => foldAll(false));
  $("expand").addEventListener("click", () => foldAll(true));

  if (!traces.length) {
    $("name").textContent = "No traces yet";
    document.body.className = "empty";
    return;
  }
  if (traces.length > 1) {
    $("choose").hidden = false;
    options("traces", traces.map((t, i) => [i, `${t.name}, ${duration(t.duration)}${t.failed ? ", failed" : ""}`]));
    $("traces").addEventListener("change", (event) => open(traces[event.target.value]));
  }
  open(traces[0]);
})();
