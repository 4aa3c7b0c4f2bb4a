"use strict";
// Filters, searches, moves by keys, and shows a slice on the source and the graph of its triple. The page is whole without it.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const triples = all("article.triple");
  const rows = all("table.triples tbody tr");
  const search = document.getElementById("search");
  const tones = document.getElementById("tones");
  const shown = document.getElementById("shown");
  const keys = document.getElementById("keys");
  const keysOn = document.getElementById("keys-on");
  const words = new Map();

  // What a triple may be found by: all that stands in it.
  const wordsOf = (row) => {
    let text = words.get(row);
    if (text === undefined) {
      const article = document.getElementById(row.dataset.of);
      text = (row.textContent + "\n" + (article ? article.textContent : "")).toLowerCase();
      words.set(row, text);
    }
    return text;
  };

  const filter = () => {
    const wanted = new Set(all("input[name=outcome]:checked").map((box) => box.value));
    const asked = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = wanted.has(row.dataset.outcome) && (asked.length === 0 || asked.every((word) => wordsOf(row).includes(word)));
      row.hidden = !fits;
      count += fits ? 1 : 0;
      const article = document.getElementById(row.dataset.of);
      if (article) article.hidden = !fits;
    }
    for (const card of all("details.card")) card.hidden = tones.value !== "" && card.dataset.tone !== tones.value;
    shown.textContent = count + " of " + rows.length + (rows.length === 1 ? " triple" : " triples") + " shown";
  };

  // The lines that a slice shows, and the edges that its paths take.
  const show = (card) => {
    const article = card.closest("article");
    const kept = (card.dataset.kept || "").split(" ").filter(Boolean).map((range) => range.split("-").map(Number));
    for (const row of all(".source tr[data-line]", article)) {
      const line = Number(row.dataset.line);
      row.classList.toggle("kept", kept.some(([first, last]) => first <= line && line <= last));
    }
    const slice = card.dataset.slice;
    for (const part of all(".graph [data-slices]", article)) {
      part.classList.toggle("on", slice !== undefined && part.dataset.slices.split(" ").includes(slice));
    }
    for (const other of all("details.card", article)) other.classList.toggle("shown", other === card);
  };

  const visible = (list) => list.filter((item) => !item.hidden);
  const current = () => {
    const inside = document.activeElement && document.activeElement.closest("article.triple");
    if (inside && !inside.hidden) return inside;
    return visible(triples).find((article) => article.getBoundingClientRect().bottom > 90) || null;
  };

  const go = (article) => {
    if (!article) return;
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: "start" });
  };

  const move = (step) => {
    const list = visible(triples);
    if (list.length === 0) return;
    const focused = document.activeElement && document.activeElement.closest("article.triple");
    const at = focused ? list.indexOf(focused) : -1;
    go(list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step))]);
  };

  const turn = (step) => {
    const article = current();
    const list = article ? visible(all("details.card", article)) : [];
    if (list.length === 0) return;
    const at = list.findIndex((card) => card.classList.contains("shown"));
    const card = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + step))];
    card.open = true;
    show(card);
    card.querySelector("summary").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };

  // A link may lead to what is filtered away or closed.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const article = target.closest("article.triple");
    if (article && article.hidden) {
      search.value = "";
      all("input[name=outcome]").forEach((box) => { box.checked = true; });
      tones.value = "";
      filter();
    }
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target.matches("details.card")) show(target);
    target.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
  };

  for (const card of all("details.card")) {
    card.querySelector("summary").addEventListener("click", () => { if (!card.open) show(card); });
  }
  for (const article of triples) {
    const first = article.querySelector("details.card[open]");
    if (first) first.classList.add("shown");
  }
  document.querySelector("form.filter").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", filter);
  tones.addEventListener("change", filter);
  all("input[name=outcome]").forEach((box) => box.addEventListener("change", filter));
  document.getElementById("keys-button").addEventListener("click", () => keys.showModal());
  window.addEventListener("hashchange", reveal);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    const field = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
      search.blur();
      return;
    }
    if (field || !keysOn.checked) return;
    const action = {
      "/": () => search.focus(),
      "j": () => move(1),
      "k": () => move(-1),
      "n": () => turn(1),
      "p": () => turn(-1),
      "o": () => {
        const cards = all("details.card", current() || document);
        const open = !cards.every((card) => card.open);
        cards.forEach((card) => { card.open = open; });
      },
      "?": () => keys.showModal(),
    }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });

  // The entry of a wide graph need not be where it begins.
  for (const graph of all(".graph")) {
    const entry = graph.querySelector(".block.entry rect");
    if (entry) graph.scrollLeft = Number(entry.getAttribute("x")) - graph.clientWidth / 2;
  }
  // Nor need the function be where a long file begins.
  for (const source of all(".source")) {
    const row = source.querySelector(`tr[data-line="${Number(source.dataset.entry)}"]`);
    if (row && row.offsetTop > source.clientHeight / 2) source.scrollTop = row.offsetTop - 40;
  }
  filter();
  if (location.hash) reveal();
})();
