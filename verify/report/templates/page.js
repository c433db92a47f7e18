"use strict";
(() => {
  const tip = document.getElementById("tip");
  const steps = new Map([...document.querySelectorAll("svg.map")].map((map) => [map, JSON.parse(map.dataset.steps)]));

  function fill(facts) {
    const list = document.createElement("dl");
    for (const [name, value] of facts) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name;
      dd.textContent = value;
      list.append(dt, dd);
    }
    tip.replaceChildren(list);
  }

  function place(x, y) {
    tip.hidden = false;
    const box = tip.getBoundingClientRect(), room = 14;
    const left = x + room + box.width > innerWidth ? x - room - box.width : x + room;
    const top = y + room + box.height > innerHeight ? innerHeight - box.height - 6 : y + room;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, top) + "px";
  }

  function rows(tensor, on) {
    for (const row of document.querySelectorAll("#operators tr[data-tensor='" + tensor + "']")) row.classList.toggle("on", on);
  }

  // The step under the pointer; a map is drawn in its own units and may be shown at another size.
  function stepAt(map, x) {
    const box = map.getBoundingClientRect(), unit = map.viewBox.baseVal.width / box.width;
    const index = Math.floor(((x - box.left) * unit - Number(map.dataset.left)) / Number(map.dataset.step));
    return steps.get(map)[index];
  }

  function show(item, x, y, pointed) {
    const facts = JSON.parse(item.dataset.tip);
    const step = pointed && item.dataset.tensor && stepAt(item.ownerSVGElement, x);
    if (step) facts.push(["here", step]);
    fill(facts);
    place(x, y);
    item.classList.add("on");
    if (item.dataset.tensor) rows(item.dataset.tensor, true);
  }

  function hide(item) {
    tip.hidden = true;
    item.classList.remove("on");
    if (item.dataset.tensor) rows(item.dataset.tensor, false);
  }

  // Where an item begins; attributes, because what is not shown has no box.
  function at(item, axis) {
    const shape = item.querySelector("rect:last-of-type, circle");
    return Number(shape.getAttribute(axis) ?? shape.getAttribute("c" + axis));
  }

  // One tab stop per drawing; the arrow keys move within it.
  for (const drawing of document.querySelectorAll("svg")) {
    const items = [...drawing.querySelectorAll("[data-tip]")];
    items.sort((a, b) => at(a, "x") - at(b, "x") || at(b, "y") - at(a, "y"));
    items.forEach((item, number) => (item.tabIndex = number ? -1 : 0));
    items.forEach((item, number) => {
      item.addEventListener("pointermove", (event) => show(item, event.clientX, event.clientY, true));
      item.addEventListener("pointerleave", () => hide(item));
      item.addEventListener("focus", () => {
        const box = item.getBoundingClientRect();
        show(item, box.left + box.width / 2, box.top + box.height / 2, false);
      });
      item.addEventListener("blur", () => hide(item));
      item.addEventListener("keydown", (event) => {
        const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (event.key === "Escape") hide(item);
        if (!move) return;
        event.preventDefault();
        const next = items[(number + move + items.length) % items.length];
        item.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    });
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
        const compare = (a, b) => {
          const x = key(a), y = key(b), numbers = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
          return numbers ? x - y : x.localeCompare(y);
        };
        const sorted = [...table.tBodies[0].rows].sort(compare);
        table.tBodies[0].append(...(down ? sorted.reverse() : sorted));
      });
    });
  }
})();
