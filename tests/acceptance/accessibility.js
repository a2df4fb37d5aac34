// What keeps people from reading a page, as a list of sentences: measured on what the browser has laid out and coloured.
// Measures are WCAG 2.2's: 1.1.1, 1.3.1, 1.4.3, 1.4.10, 2.1.1, 2.4.2, 2.4.6, 3.1.1, 4.1.2.
() => {
  const faults = [];
  const say = (fault, element) => faults.push(`${fault}: ${element ? element.outerHTML.slice(0, 90) : ""}`);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const words = (text) => (text || "").trim();

  // Language, title, landmarks, headings
  if (!/^[a-z]{2}$/.test(document.documentElement.lang)) say("no language", document.documentElement);
  if (!words(document.title)) say("no title");
  const marks = all("main, [role=main], [role=article]").filter(shown);
  if (marks.length !== 1) say(`${marks.length} main landmarks`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (words(node.data) && !element.closest("style, script, title") && shown(element)) texts.push([node, element]);
  }
  const inLandmark = "main, header, footer, nav, [role=main], [role=article], a.skip";
  for (const [, element] of texts) if (!element.closest(inLandmark)) say("outside of any landmark", element);
  const headings = all("h1, h2, h3, h4, h5, h6").filter(shown);
  if (all("h1").filter(shown).length !== 1) say(`${all("h1").length} headings of the first level`);
  headings.reduce((above, heading) => {
    const level = Number(heading.tagName[1]);
    if (level > above + 1) say("a level of headings is left out", heading);
    if (!words(heading.textContent)) say("an empty heading", heading);
    return level;
  }, 0);

  // Names: pictures, links, regions
  for (const picture of all("img")) if (!picture.hasAttribute("alt")) say("a picture without alt", picture);
  for (const picture of all("img[alt='']")) if (picture.width > 200) say("a large picture with an empty alt", picture);
  for (const picture of all("[role=img], [role=region]"))
    if (!words(picture.getAttribute("aria-label"))) say("a part without a name", picture);
  for (const drawing of all("svg"))
    if (!drawing.closest("[role=img]") || drawing.getAttribute("aria-hidden") !== "true") say("a drawing that is read out", drawing);
  for (const link of all("a[href]"))
    if (!words(link.textContent) && !words(link.getAttribute("aria-label"))) say("a link without a name", link);
  for (const named of all("a[aria-label], button[aria-label]"))
    if (!named.getAttribute("aria-label").includes(words(named.textContent))) say("a name without what is shown", named);
  for (const link of all("a[href^='#']"))
    if (!document.getElementById(link.getAttribute("href").slice(1))) say("a link to nowhere", link);
  for (const part of all("[aria-labelledby]"))
    if (!words(document.getElementById(part.getAttribute("aria-labelledby"))?.textContent)) say("a name that is not there", part);
  const ids = all("[id]").map((each) => each.id);
  for (const id of new Set(ids.filter((each, place) => ids.indexOf(each) !== place))) say(`the id ${id} twice`);

  // Tables
  for (const table of all("table")) {
    const own = (selector) => all(selector, table).filter((each) => each.closest("table") === table);
    if (table.getAttribute("role") === "presentation") {
      if (own("th, caption").length) say("a layout that claims to be a table", table);
      continue;
    }
    if (!words(table.caption?.textContent)) say("a table without a caption", table);
    if (!own("thead th").length) say("a table without a head", table);
    for (const cell of own("th")) {
      const scope = cell.closest("thead") ? "col" : "row";
      if (cell.getAttribute("scope") !== scope) say("a head of a table without its scope", cell);
      if (!words(cell.textContent)) say("an empty head of a table", cell);
    }
    for (const row of own("tbody tr")) if (!row.querySelector("th, [colspan]")) say("a row without a head", row);
  }

  // Contrast: text against what is behind it, both as they are painted
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const painted = (colours) => {
    const name = colours.join();
    if (!known.has(name)) {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
      known.set(name, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(name);
  };
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.cssText = "background:Canvas";
  const paper = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.unshift(getComputedStyle(each).backgroundColor);
    return [paper, ...layers];
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(painted(one)), luminance(painted(other))].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const [, element] of texts) {
    const ground = behind(element), style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const found = contrast([...ground, ink], ground);
    if (found < 4.5) say(`contrast ${found.toFixed(2)}`, element);
  }

  // Narrow screens, and what scrolls
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) say(`wider than the screen by ${wide} px`);
  for (const part of all("*").filter((each) => shown(each) && each.scrollWidth > each.clientWidth + 1)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(part).overflowX);
    if (scrolls && part.tabIndex < 0) say("scrolls, but not by keyboard", part);
    if (!scrolls && getComputedStyle(part).overflowX === "hidden") say("cut off", part);
  }
  return [...new Set(faults)];
}
