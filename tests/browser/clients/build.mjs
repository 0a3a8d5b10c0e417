/* Bundles each client with its page: node build.mjs FOLDER. One script of ours meets several versions of Uppy. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const CLIENTS = {
  uppy5: { entry: "uppy.js", alias: { "@uppy/core": "uppy5-core", "@uppy/aws-s3": "uppy5-aws-s3" } },
  uppy60: { entry: "uppy.js", alias: { "@uppy/core": "uppy60-core", "@uppy/aws-s3": "uppy60-aws-s3" } },
  uppy61: { entry: "uppy.js", alias: { "@uppy/core": "uppy6-core", "@uppy/aws-s3": "uppy61-aws-s3" } },
  uppy6: { entry: "uppy.js", alias: { "@uppy/core": "uppy6-core", "@uppy/aws-s3": "uppy6-aws-s3" } },
  activestorage: { entry: "activestorage.js", alias: {} },
};
const source = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];

for (const [name, { entry, alias }] of Object.entries(CLIENTS)) {
  await build({
    entryPoints: [join(source, entry)],
    outfile: join(output, `${name}.js`),
    bundle: true,
    format: "esm",
    target: ["es2022"],
    logLevel: "warning",
    alias,
  });
  writeFileSync(join(output, `${name}.html`), `<!doctype html><title>${name}</title><script type="module" src="${name}.js"></script>`);
}
