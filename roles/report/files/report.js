// SPDX-FileCopyrightText: 2026 The Lectern contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sorts, filters and unfolds the table of sites that report.html.j2 wrote, and draws the rest from the data beside it.
// What a site says is only ever set as text.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("sites");
  const matrix = document.getElementById("matrix");
  const rows = [...table.tBodies[0].rows];
  const collator = new Intl.Collator("en", {numeric: true});
  const details = new Map(); // the row below that of a site, by its index
  let sorted = "";

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  const count = (number, one, many) => `${number} ${number === 1 ? one : many || one + "s"}`;
  const aside = (text) => make("span", {class: "sr"}, text); // for those who listen

  function ago(time, now) {
    const minutes = Math.floor((now - new Date(time)) / 60000);
    if (minutes < 60) return `${Math.max(minutes, 0)} min ago`;
    if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
    return `${Math.floor(minutes / 1440)} days ago`;
  }

  // What is shown is in the fragment of the address, so that it can be linked to.
  function readFragment() {
    const given = new URLSearchParams(location.hash.slice(1));
    return {
      view: given.get("view") === "plugins" ? "plugins" : "sites",
      state: data.states.includes(given.get("state")) ? given.get("state") : "",
      text: given.get("text") || "",
      sort: given.get("sort") || "",
      differing: given.has("differing"),
      open: given.getAll("open").filter((name) => data.sites.some((site) => site.name === name)),
    };
  }

  function fragmentOf(view) {
    const given = new URLSearchParams();
    if (view.view !== "sites") given.set("view", view.view);
    for (const name of ["state", "text", "sort"]) if (view[name]) given.set(name, view[name]);
    if (view.differing) given.set("differing", "");
    for (const name of view.open) given.append("open", name);
    return `#${given}`;
  }

  function change(changes) {
    history.replaceState(null, "", fragmentOf({...readFragment(), ...changes}));
    show();
  }

  // The first screen.
  const says = data.sites.map((site) => [site.name, site.state, ...site.reasons, site.cells.release[0]].join("\n").toLowerCase());

  function selected(view) {
    const words = view.text.toLowerCase().split(/\s+/);
    return data.sites.map((site, index) => (!view.state || site.state === view.state) && words.every((word) => says[index].includes(word)));
  }

  function sortValue(site, column) {
    if (column === "state") return data.states.indexOf(site.state);
    if (column === "name") return site.name;
    if (column === "reason") return site.reasons[0];
    return (site.cells[column] || [])[1];
  }

  function order(sort) {
    const indices = data.sites.map((_, index) => index);
    if (!sort) return indices;
    const column = sort.replace(/^-/, "");
    return indices.sort((first, second) => {
      const [a, b] = [first, second].map((index) => sortValue(data.sites[index], column) ?? null);
      if (a === null || b === null) return (a === null) - (b === null) || first - second; // what is not known comes last
      const compared = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
      return (sort[0] === "-" ? -compared : compared) || first - second;
    });
  }

  function show() {
    const view = readFragment();
    const shown = selected(view);
    if (view.sort !== sorted) { // only then, because a row that moves loses the focus
      for (const index of order(view.sort)) table.tBodies[0].append(rows[index], ...(details.has(index) ? [details.get(index)] : []));
      sorted = view.sort;
    }
    data.sites.forEach((site, index) => {
      const isOpen = view.open.includes(site.name);
      rows[index].hidden = !shown[index];
      rows[index].classList.toggle("open", isOpen);
      rows[index].querySelector("button").setAttribute("aria-expanded", isOpen);
      if (isOpen && !details.has(index)) {
        details.set(index, detailRow(site, index));
        rows[index].after(details.get(index));
      }
      if (details.has(index)) details.get(index).hidden = !isOpen || !shown[index];
    });
    for (const head of table.tHead.rows[0].cells) {
      const {key, first} = head.dataset;
      const is = {[key]: "ascending", [`-${key}`]: "descending"}[view.sort];
      if (is) head.setAttribute("aria-sort", is);
      else head.removeAttribute("aria-sort");
      const second = first === key ? `-${key}` : key;
      head.querySelector("button").onclick = () => change({sort: view.sort === first ? second : view.sort === second ? "" : first});
    }
    const visible = shown.filter(Boolean).length;
    document.getElementById("shown").textContent = visible === shown.length ? `All ${count(visible, "site")}` : `${visible} of ${count(shown.length, "site")}`;
    document.getElementById("text").value = view.text;
    for (const link of document.querySelectorAll("#states a")) mark(link, {...view, state: link.dataset.state}, view.state === link.dataset.state);
    for (const link of document.querySelectorAll("#views a")) mark(link, {...view, view: link.dataset.view}, view.view === link.dataset.view);
    table.hidden = view.view !== "sites";
    matrix.hidden = view.view !== "plugins";
    if (!matrix.hidden) drawMatrix(view, shown);
  }

  function mark(link, view, isCurrent) {
    link.setAttribute("href", fragmentOf(view));
    if (isCurrent) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }

  // The details of a site.
  function cell(value, tag = "td") {
    if (value === null || value === "") return make(tag, {class: "none"}, aside("none"));
    if (typeof value === "number") return make(tag, {class: "number"}, String(value));
    if (typeof value !== "object") return make(tag, null, value);
    if (value.time) return make(tag, null, make("time", {datetime: value.time, title: value.time}, ago(value.time, new Date(data.written))));
    return make(tag, {class: value.state}, value.text);
  }

  function grid(name, heads, lines) {
    return make("div", {class: "wide", tabindex: "0", role: "region", "aria-label": name}, make("table", null,
      make("thead", null, make("tr", null, heads.map((head, index) =>
        make("th", {scope: "col", class: lines.some((line) => typeof line[index] === "number") ? "number" : null}, head)))),
      make("tbody", null, lines.map((line) => make("tr", null, line.map((value, index) => {
        const made = cell(value, index ? "td" : "th");
        if (!index) made.setAttribute("scope", "row");
        return made;
      }))))));
  }

  function part(site, {key, title, heads, folded, empty}) {
    const unknown = site.unknown[key];
    const lines = site.tables[key] || [];
    const content = unknown ? make("p", {class: "broken"}, `Not known: ${unknown}`)
      : lines.length ? grid(`${title} of ${site.name}`, heads, lines) : make("p", {class: "none"}, empty);
    const heading = make("h3", null, title, lines.length ? make("small", null, String(lines.length)) : null);
    if (folded && lines.length && !unknown) return make("details", {class: "part folds"}, make("summary", null, heading), content);
    return make("section", {class: "part"}, heading, content);
  }

  function detailRow(site, index) {
    const patches = data.patches[site.patches];
    return make("tr", {class: "detail", id: `detail${index}`}, make("td", {colspan: table.tHead.rows[0].cells.length},
      make("h2", {class: "sr"}, site.name),
      site.reasons.length > 1 ? make("ul", {class: "reasons"}, site.reasons.map((reason) => make("li", null, reason))) : null,
      make("dl", {class: "facts"}, site.facts.map(([name, value]) => make("div", null, make("dt", null, name), cell(value, "dd")))),
      Object.keys(site.tables).length ? make("div", {class: "parts"}, data.tables.map((known) => part(site, known)),
        patches.length ? picture(site, patches) : null) : make("p", {class: "none"}, "Nothing else is known of it.")));
  }

  // Which plugin changes which file: a row for each patch, beside the files it goes to, and a column for each plugin.
  function picture(site, patches) {
    const plugins = [...new Set(patches.flatMap(([, owners]) => owners))].sort();
    const files = [...new Set(patches.flatMap(([, , names]) => names))].sort(collator.compare);
    const groups = new Map();
    for (const patch of patches) {
      const key = patch[2].join("\n");
      groups.set(key, [...(groups.get(key) || []), patch]);
    }
    const choice = {plugin: "", file: ""};
    const lines = [];
    function choose(name, value) {
      choice[name] = choice[name] === value ? "" : value;
      chooser[name].value = choice[name];
      for (const {elements, owners, names} of lines) {
        const isOff = (choice.plugin && !owners.includes(choice.plugin)) || (choice.file && !names.includes(choice.file));
        elements.forEach((element) => element.classList.toggle("off", Boolean(isOff)));
      }
      for (const element of board.querySelectorAll("[data-plugin]")) element.classList.toggle("chosen", element.dataset.plugin === choice.plugin);
      for (const element of board.querySelectorAll("[data-file]")) element.classList.toggle("chosen", element.dataset.file === choice.file);
    }
    const select = (name, names) => make("select", {onchange: (event) => choose(name, event.target.value)},
      make("option", {value: ""}, `every ${name}`), names.map((known) => make("option", {value: known}, known)));
    const chooser = {plugin: select("plugin", plugins), file: select("file", files)};
    const bodies = [...groups].sort(([first], [second]) => collator.compare(first, second)).map(([, members]) => {
      const names = members[0][2];
      const head = make("th", {class: "files", rowspan: members.length, scope: "rowgroup"}, names.map((name) =>
        make("span", {"data-file": name, onclick: () => choose("file", name)}, name)));
      lines.push({elements: [head], owners: members.flatMap((member) => member[1]), names});
      return make("tbody", null, members.map(([patch, owners], index) => {
        const cells = [make("th", {scope: "row"}, patch), ...plugins.map((plugin) => dot(plugin, patch, owners))];
        lines.push({elements: cells, owners, names});
        return make("tr", null, index ? null : head, cells);
      }));
    });
    function dot(plugin, patch, owners) {
      const place = plugin === owners[0] ? "left" : plugin === owners[owners.length - 1] ? "right" : "";
      if (owners.includes(plugin)) {
        return make("td", {class: `on ${owners.length > 1 ? place : "left right"}`, "data-plugin": plugin, title: `${plugin}: ${patch}`,
          onclick: () => choose("plugin", plugin)}, make("span", null, plugin));
      }
      const isBetween = owners[0] < plugin && plugin < owners[owners.length - 1];
      return make("td", {class: isBetween ? "between" : null, "data-plugin": plugin});
    }
    const board = make("table", {class: "board"},
      make("caption", {class: "sr"}, `Patches of ${site.name}, by the files they change, and the plugins that add to them`),
      make("thead", null, make("tr", null, make("th", {scope: "col"}, "file"), make("th", {scope: "col"}, "patch"), plugins.map((plugin) =>
        make("th", {scope: "col", "data-plugin": plugin, onclick: () => choose("plugin", plugin)}, make("span", null, plugin))))),
      bodies);
    return make("details", {class: "part folds"}, make("summary", null, make("h3", null, "Patches", make("small", null,
      `${count(plugins.length, "plugin")} and ${count(files.length, "file")}, joined by ${count(patches.length, "patch", "patches")}`))),
      make("p", {class: "controls"}, make("label", null, "Highlight ", chooser.plugin), make("label", null, " in ", chooser.file)),
      make("div", {class: "wide", tabindex: "0", role: "region", "aria-label": `Patches of ${site.name}`}, board));
  }

  // Plugins by sites. A version is odd where it is not that of most sites on the same major release of Tutor.
  const names = [...new Set(data.sites.flatMap((site) => site.plugins.map((plugin) => plugin.name)))].sort(collator.compare);
  const major = (site) => (site.cells.release[0] || "").split(".")[0];

  function mostCommon(values) {
    const counts = new Map();
    for (const value of values) if (value) counts.set(value, (counts.get(value) || 0) + 1);
    return [...counts].sort(([one, first], [other, second]) => second - first || collator.compare(other, one)).map(([value]) => value)[0];
  }

  const usual = new Map(); // versions by [plugin, major release]
  const usualOf = (name, site) => usual.get(`${name} ${major(site)}`);
  for (const release of new Set(data.sites.map(major))) {
    const like = data.sites.filter((site) => major(site) === release);
    for (const name of names) usual.set(`${name} ${release}`, mostCommon(like.flatMap((site) => site.plugins.filter((plugin) => plugin.name === name).map((plugin) => plugin.version))));
  }
  const usualRelease = mostCommon(data.sites.map((site) => site.cells.release[0]));
  const isOdd = (site, plugin) => Boolean(plugin.version) && plugin.version !== usualOf(plugin.name, site);
  const isOddSite = (site) => Boolean(site.cells.release[0]) && (site.cells.release[0] !== usualRelease || site.plugins.some((plugin) => isOdd(site, plugin)));

  function versionCell(site, name) {
    const plugin = site.plugins.find((known) => known.name === name);
    if (!plugin) return make("td", {class: "none"}, aside("not installed"));
    const odd = isOdd(site, plugin);
    const words = [plugin.error ? "broken" : plugin.enabled ? "" : "disabled", odd ? `most have ${usualOf(name, site)}` : ""].filter(Boolean);
    return make("td", {class: `${plugin.error ? "broken" : plugin.enabled ? "" : "disabled"} ${odd ? "odd" : ""}`, title: [name, plugin.version, ...words, plugin.error].filter(Boolean).join(", ")},
      plugin.version || "no version", words.map((word) => make("small", null, word)));
  }

  function drawMatrix(view, shown) {
    const sites = order(view.sort).map((index) => data.sites[index]).filter((site) => shown[data.sites.indexOf(site)] && (!view.differing || isOddSite(site)));
    const box = make("input", {type: "checkbox", onchange: (event) => change({differing: event.target.checked})});
    box.checked = view.differing;
    const hadFocus = matrix.contains(document.activeElement) && document.activeElement.type === "checkbox";
    matrix.replaceChildren(
      make("p", {class: "controls"}, make("label", null, box, ` Only the ${count(data.sites.filter(isOddSite).length, "site")} with a version that most do not have`),
        make("small", null, make("span", {class: "odd"}, "not the version of most sites on the same major release of Tutor"), " \u2013 not installed")),
      make("div", {class: "wide tall", tabindex: "0", role: "region", "aria-label": "Plugins by sites"}, make("table", null,
        make("caption", {class: "sr"}, "Versions of plugins by sites"),
        make("thead", null, make("tr", null, ["site", "Tutor", ...names].map((name) => make("th", {scope: "col"}, name)))),
        make("tbody", null, sites.map((site) => {
          const release = site.cells.release[0];
          const odd = release && release !== usualRelease;
          return make("tr", null, make("th", {scope: "row"}, site.name), release
            ? make("td", {class: odd ? "odd" : null}, release, odd ? make("small", null, `most have ${usualRelease}`) : null)
            : make("td", {class: "none"}, aside("not known")),
          site.unknown.plugins ? make("td", {class: "zero", colspan: names.length || 1}, site.unknown.plugins) : names.map((name) => versionCell(site, name)));
        })))),
      sites.length ? "" : make("p", {class: "none"}, "No site is shown: change the filter."));
    if (hadFocus) box.focus();
  }

  // What only a script can do appears now.
  for (const item of document.querySelectorAll("#states li")) {
    item.replaceChildren(make("a", {"data-state": item.dataset.state}, ...item.childNodes));
  }
  for (const head of table.tHead.rows[0].cells) head.replaceChildren(make("button", {type: "button"}, head.textContent));
  rows.forEach((row, index) => {
    const {name} = data.sites[index];
    row.cells[1].replaceChildren(make("button", {
      type: "button",
      title: name,
      "aria-expanded": "false",
      onclick: () => {
        const {open} = readFragment();
        change({open: open.includes(name) ? open.filter((other) => other !== name) : [...open, name]});
      },
    }, name));
  });
  document.getElementById("text").addEventListener("input", (event) => change({text: event.target.value}));
  const oddSites = data.sites.filter(isOddSite).length;
  document.querySelector('#views [data-view="plugins"]').append(oddSites ? make("small", null, `${count(oddSites, "site differs", "sites differ")}`) : "");
  const age = (new Date() - new Date(data.written)) / 3600000;
  if (age > 24) document.getElementById("age").append(make("strong", null, `, ${ago(data.written, new Date())}`));
  addEventListener("hashchange", show);
  // Paper can't be unfolded.
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((folded) => { folded.open = true; folded.dataset.printed = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-printed]").forEach((folded) => { folded.open = false; delete folded.dataset.printed; }));
  document.documentElement.classList.add("script");
  show();
})();
