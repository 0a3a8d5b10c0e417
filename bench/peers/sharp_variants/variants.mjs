// node variants.mjs documented|once PICTURE [FOLDER]: four WebP variants of a picture, again and again, or once into FOLDER.
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

const SIDES = [2048, 960, 480, 240];
const WEBP = { quality: 80, effort: 4 };
const [way, picture, folder] = process.argv.slice(2);
sharp.cache(false); // the same file again and again would be found there

const inside = (image, side) => image.resize(side, side, { fit: "inside", withoutEnlargement: true });

// As the documentation has it: one instance, a clone a size, all at once.
async function documented(bytes) {
  const image = sharp(bytes).autoOrient();
  return Promise.all(SIDES.map((side) => inside(image.clone(), side).webp(WEBP).toBuffer()));
}

// Decoded once; each size is made of the one before.
async function once(bytes) {
  let image = sharp(bytes).autoOrient();
  const made = [];
  for (const side of SIDES) {
    const { data, info } = await inside(image, side).raw().toBuffer({ resolveWithObject: true });
    image = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    made.push(await image.clone().webp(WEBP).toBuffer());
  }
  return made;
}

const render = { documented, once }[way];
if (way === "once") {
  sharp.concurrency(1); // one process a core
}
const bytes = await readFile(picture);
const first = await render(bytes);
if (folder !== undefined) {
  await Promise.all(SIDES.map((side, index) => writeFile(`${folder}/${side}.webp`, first[index])));
  process.exit(0);
}
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const seconds = Number(line);
  const started = performance.now();
  let images = 0;
  while (performance.now() - started < seconds * 1000) {
    await render(await readFile(picture));
    images += 1;
  }
  console.log(JSON.stringify({ images, seconds: (performance.now() - started) / 1000 }));
}
