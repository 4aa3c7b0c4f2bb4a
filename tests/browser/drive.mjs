// Opens reports in the system's Chromium and says, a line each, what is wrong with them; prints `ok` at the end of each page.
// Usage: node drive.mjs MODULES PICTURES NAME=FILE...   MODULES has playwright-core and axe-core.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [modules, pictures, ...pages] = process.argv.slice(2);
const require = createRequire(path.join(modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const wrong = (name, what) => console.log(`${name}: ${what}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

const opened = async (name, url, options) => {
  const context = await browser.newContext({ bypassCSP: false, offline: true, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong(name, `console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong(name, `error: ${error}`));
  page.on("dialog", (dialog) => { wrong(name, `dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (request.url() !== url.split("#")[0]) wrong(name, `asked for ${request.url()}`);
  });
  await page.goto(url);
  return page;
};

// axe runs in an isolated world, so that the page's own policy stays as it is.
const accessible = async (name, page, what = "document", options = {}) => {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const world = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const run = (expression) => session.send("Runtime.evaluate", {
    expression, contextId: world.executionContextId, awaitPromise: true, returnByValue: true,
  });
  await run(axe);
  const { result, exceptionDetails } = await run(`axe.run(${what}, ${JSON.stringify({ ...options, resultTypes: ["violations"] })}).then((r) => r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(' | ')))`);
  if (exceptionDetails) wrong(name, `axe: ${exceptionDetails.text} ${exceptionDetails.exception?.description}`);
  for (const violation of result.value ?? []) wrong(name, `axe: ${violation}`);
};

for (const argument of pages) {
  const [name, file] = [argument.slice(0, argument.indexOf("=")), argument.slice(argument.indexOf("=") + 1)];
  const url = pathToFileURL(file).href;
  const looks = await opened(name, url, { viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  // Contrast takes axe most of its time and depends on the theme alone; all else depends on the width alone.
  for (const [view, colorScheme, width, rules] of [
    ["light", "light", 1280, {}],
    ["dark", "dark", 1280, { runOnly: ["color-contrast"] }],
    ["narrow", "light", 360, { rules: { "color-contrast": { enabled: false } } }],
  ]) {
    const at = `${name} ${view}`;
    await looks.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await looks.setViewportSize({ width, height: 900 });
    if (process.env.WEISER_PICTURES) {
      await looks.screenshot({ path: path.join(pictures, `${name}-${view}.png`) });
      await looks.screenshot({ path: path.join(pictures, `${name}-${view}-whole.png`), fullPage: true });
    }
    const wide = await looks.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) wrong(at, `the page is ${wide} px too wide`);
    await accessible(at, looks, "document", rules);
  }
  await looks.context().close();

  const page = await opened(name, url, { viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  const expect = (what, is) => { if (!is) wrong(name, `expected: ${what}`); };
  const count = (selector) => page.locator(selector).count();
  const triples = await count("article.triple");
  const visible = () => page.locator("article.triple:not([hidden])").count();
  const status = () => page.locator("#shown").textContent();

  // Filters.
  const violated = await count("article.triple[data-outcome=violated]");
  await page.uncheck("input[name=outcome][value=violated]");
  expect("violated triples filtered away", (await visible()) === triples - violated);
  expect("the count said", (await status()).startsWith(`${triples - violated} of `));
  await page.check("input[name=outcome][value=violated]");
  await page.fill("#search", "no such word anywhere");
  expect("nothing found", (await visible()) === 0);
  await page.keyboard.press("Escape");
  expect("everything back", (await visible()) === triples && (await page.inputValue("#search")) === "");
  if (triples > 0) {
    const word = await page.locator("article.triple h2 code").first().textContent();
    await page.fill("#search", word.trim().split(/\s+/)[0]);
    expect("a function found by its name", (await visible()) >= 1);
    await page.fill("#search", "");
  }

  // Slices open, and are shown on source and graph.
  const cards = await count("article.triple:first-of-type details.card");
  if (cards > 1) {
    const closed = await page.locator("article.triple").first().locator("details.card:not([open])").first().getAttribute("id");
    const card = page.locator(`#${closed}`);
    await card.locator("> summary").click();
    expect("a slice opened", (await card.getAttribute("open")) !== null);
    expect("the slice is the one shown", (await card.getAttribute("class")).includes("shown"));
    const kept = await page.evaluate((card) => {
      const article = card.closest("article");
      const lines = [...article.querySelectorAll(".source tr.kept")].map((row) => Number(row.dataset.line));
      const ranges = card.dataset.kept.split(" ").map((range) => range.split("-").map(Number));
      const wanted = [...article.querySelectorAll(".source tr[data-line]")].map((row) => Number(row.dataset.line))
        .filter((line) => ranges.some(([a, b]) => a <= line && line <= b));
      return JSON.stringify(lines) === JSON.stringify(wanted) && lines.length > 0;
    }, await card.elementHandle());
    expect("its lines are marked in the source", kept);
    const edges = await page.evaluate((card) => {
      const article = card.closest("article");
      return [...article.querySelectorAll(".edge")].every((edge) =>
        edge.classList.contains("on") === edge.dataset.slices.split(" ").includes(card.dataset.slice));
    }, await card.elementHandle());
    expect("its edges are marked in the graph", edges);
    await page.selectOption("#tones", "bad");
    expect("only failing slices", (await count("details.card:not([hidden]):not([data-tone=bad])")) === 0);
    await page.selectOption("#tones", "");
  }

  // A link to a line.
  const link = page.locator("article.triple .demands a.line").first();
  if ((await link.count()) > 0) {
    const href = await link.getAttribute("href");
    await link.click();
    expect("the address names the line", page.url().endsWith(href));
    const seen = await page.evaluate((id) => {
      const box = document.getElementById(id).getBoundingClientRect();
      return box.top >= 0 && box.bottom <= innerHeight;
    }, href.slice(1));
    expect("the line is in sight", seen);
  }

  // Keys.
  if (triples > 1) {
    await page.evaluate(() => { history.replaceState(null, "", location.pathname); document.activeElement.blur(); });
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    expect("j moves to the second triple", (await page.evaluate(() => document.activeElement.id)) === "t2");
    await page.keyboard.press("k");
    expect("k moves back", (await page.evaluate(() => document.activeElement.id)) === "t1");
  }
  await page.keyboard.press("/");
  expect("/ goes to the search", (await page.evaluate(() => document.activeElement.id)) === "search");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  expect("? shows the keys", await page.locator("#keys").isVisible());
  await accessible(`${name} keys`, page, "'#keys'");
  await page.keyboard.press("Escape");
  if (cards > 1) {
    await page.keyboard.press("n");
    expect("n opens a slice", (await page.evaluate(() => document.activeElement.closest("details.card")?.open)) === true);
  }

  // A link from outside, to a closed slice.
  if (cards > 1) {
    const other = await opened(name, `${url}#t1-S${cards}`, { viewport: { width: 1280, height: 900 } });
    expect("a linked slice is open", await other.locator(`#t1-S${cards}`).evaluate((card) => card.open));
    await other.context().close();
  }
  const scripts = await page.evaluate(() => document.querySelectorAll("script, img, iframe, object, embed, [onerror], [onclick], [onload], [style]").length);
  expect("one script and nothing else that runs or loads", scripts === 1);
  expect("no script of a stranger ran", (await page.evaluate(() => window.ran)) === undefined);
  await page.context().close();
  console.log(`${name}: ok`);
}
await browser.close();
