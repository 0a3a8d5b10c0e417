/* Bundles the pages and writes them as one C file: node build.mjs OUTPUT.c
 *
 * Each page is src/NAME.html with src/NAME.js beside it; the bundle of NAME.js brings its style sheet along. What the server fills
 * in are the templates src/admin/NAME.html; their script and style sheet are src/admin/admin.js. The tables in the C file are
 * those that api/web_assets.h declares. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGES = ["demo", "docs"];
const TEMPLATES = "admin";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};
const source = join(dirname(fileURLToPath(import.meta.url)), "src");
const output = process.argv[2];

async function bundle(script) {
  const result = await build({
    entryPoints: [join(source, script)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    outdir: "out",
    legalComments: "eof",
    loader: { ".svg": "dataurl" },
    logLevel: "warning",
  });
  return result.outputFiles.map((file) => ({ path: basename(file.path), contents: file.contents }));
}

async function page(name) {
  const html = { path: `${name}.html`, contents: readFileSync(join(source, `${name}.html`)) };
  return [html, ...(await bundle(`${name}.js`))];
}

/* Indentation and line ends between tags are for those who write them. */
function templates() {
  const names = readdirSync(join(source, TEMPLATES)).filter((name) => name.endsWith(".html"));
  return names.sort().map((name) => {
    const text = readFileSync(join(source, TEMPLATES, name), "utf8").replace(/\n\s*/g, "\n");
    return { name: basename(name, ".html"), contents: Buffer.from(text) };
  });
}

/* Bytes as one line of C each 32, which compilers read faster than a string with escapes. */
function bytesOf(contents) {
  const lines = [];
  for (let i = 0; i < contents.length; i += 32) {
    lines.push(`    ${Array.from(contents.subarray(i, i + 32), (byte) => `${byte},`).join("")}`);
  }
  return lines.join("\n");
}

function templatesAsC(list) {
  const data = list.map(({ contents }, i) => `static const char template_${i}[] = {\n${bytesOf(new Int8Array(contents))}\n};\n`);
  const rows = list.map(({ name }, i) => `    {"${name}", template_${i}, sizeof template_${i}},\n`);
  return `${data.join("\n")}\nconst struct html_template web_templates[] = {\n${rows.join("")}    {0},\n};\n`;
}

function asC(assets) {
  const data = assets.map(({ contents }, i) => `static const unsigned char asset_${i}[] = {\n${bytesOf(contents)}\n};\n`);
  const rows = assets.map(({ path, contents }, i) => {
    const type = TYPES[path.slice(path.lastIndexOf("."))];
    const tag = createHash("sha256").update(contents).digest("hex").slice(0, 32);
    return `    {"${path}", "${type}", "\\"${tag}\\"", asset_${i}, sizeof asset_${i}},\n`;
  });
  return `#include "api/web_assets.h"\n\n${data.join("\n")}\nconst struct web_asset web_assets[] = {\n${rows.join("")}    {0},\n};\n`;
}

const assets = (await Promise.all([...PAGES.map(page), bundle(`${TEMPLATES}/${TEMPLATES}.js`)])).flat();
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `${asC(assets)}\n${templatesAsC(templates())}`);
