"use strict";
// Filters, sorts and turns the pages of the calls. Rows are moved, never made: no text of others becomes markup.
(() => {
  const AT_ONCE = 100;
  const find = (id) => document.getElementById(id);
  const table = find("table"), body = table.tBodies[0], more = find("more");
  const pairs = (rows) => Array.from(rows).filter((row) => !row.classList.contains("story")).map((row) => ({row, story: row.nextElementSibling}));
  const all = [...pairs(body.rows), ...(more ? pairs(more.content.querySelectorAll("tr")) : [])];
  if (!all.length) return;
  const value = (call, column) => call.row.cells[column].textContent;
  const collator = new Intl.Collator("en", {numeric: true});
  let chosen = all, page = 0, sorted = -1, down = false;

  const show = () => {
    const first = page * AT_ONCE, some = chosen.slice(first, first + AT_ONCE);
    body.replaceChildren(...some.flatMap((call) => [call.row, call.story]));
    const count = chosen.length.toLocaleString("en");
    find("status").textContent = !chosen.length ? "No call is like that." :
      chosen.length <= AT_ONCE ? `${count} call${chosen.length === 1 ? "" : "s"}.` :
      `Calls ${(first + 1).toLocaleString("en")} to ${(first + some.length).toLocaleString("en")} of ${count}.`;
    find("pages").hidden = chosen.length <= AT_ONCE;
    find("previous").disabled = page === 0;
    find("next").disabled = first + AT_ONCE >= chosen.length;
  };

  const choose = () => {
    const words = find("find").value.trim().toLowerCase(), disposition = find("disposition").value;
    chosen = all.filter((call) => {
      if (disposition && value(call, 1) !== disposition) return false;
      call.text ??= `${call.row.innerText || call.row.textContent} ${call.story.textContent}`.toLowerCase();
      return call.text.includes(words);
    });
    page = 0;
    order();
    show();
  };

  const order = () => {
    if (sorted < 0) return;
    const figures = "figures" in table.tHead.rows[0].cells[sorted].dataset;
    const key = (call) => figures ? parseFloat(value(call, sorted).replaceAll(",", "")) : value(call, sorted);
    const keyed = chosen.map((call) => [key(call), call]);
    const empty = (it) => it === "" || Number.isNaN(it);
    keyed.sort(([a], [b]) => empty(a) || empty(b) ? empty(a) - empty(b) : (down ? -1 : 1) * (figures ? a - b : collator.compare(a, b)));
    chosen = keyed.map(([, call]) => call);
  };

  const sortBy = (column) => {
    down = sorted === column && !down;
    sorted = column;
    Array.from(table.tHead.rows[0].cells, (head, place) =>
      place === column ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
    choose();
  };

  Array.from(table.tHead.rows[0].cells, (head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(column));
    head.append(button);
  });

  // A link to a story leads to the page of the table that has it.
  const follow = () => {
    const named = location.hash.slice(1), place = chosen.findIndex((call) => call.story.id === named);
    if (place >= 0 && Math.floor(place / AT_ONCE) !== page) {
      page = Math.floor(place / AT_ONCE);
      show();
      location.replace(`#${named}`);
    }
  };

  const turn = (by) => { page += by; show(); find("calls").scrollIntoView(); };
  let waiting;
  find("find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(choose, 120); });
  find("disposition").addEventListener("change", choose);
  find("controls").addEventListener("submit", (event) => event.preventDefault());
  find("previous").addEventListener("click", () => turn(-1));
  find("next").addEventListener("click", () => turn(1));
  addEventListener("hashchange", follow);
  find("controls").hidden = false;
  show();
  follow();
})();
