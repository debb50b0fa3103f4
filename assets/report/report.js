"use strict";
(() => {
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const kind = document.getElementById("kind");
  const shown = document.getElementById("shown");
  const groups = [...document.querySelectorAll("section[data-kind]")].map((section) => ({
    section,
    kind: section.dataset.kind,
    rows: [...section.querySelectorAll("tbody tr")].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
    })),
  }));
  const total = groups.reduce((sum, group) => sum + group.rows.length, 0);

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of groups) {
      const open = !kind.value || kind.value === group.kind;
      let some = 0;
      for (const { row, text } of group.rows) {
        const fits = open && wanted.every((word) => text.includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        some += fits;
      }
      group.section.hidden = !some;
      count += some;
    }
    shown.textContent = shown.dataset.shown.replace("{n}", count).replace("{all}", total);
  }

  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  kind.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link of the summary leads to its section even while that is filtered out.
  document.querySelector(".counts").addEventListener("click", () => {
    kind.value = "";
    words.value = "";
    filter();
  });
  form.hidden = total === 0;
  filter();
})();
