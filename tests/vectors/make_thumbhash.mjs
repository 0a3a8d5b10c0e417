// Makes thumbhash.json with the reference implementation: npm install thumbhash@0.1.1 && node make_thumbhash.mjs
// A picture is a formula: each channel is (start + x * its step in x + y * its step in y) mod 256.
import { writeFileSync } from 'node:fs'
import { rgbaToThumbHash } from 'thumbhash'

const sizes = [[1, 1], [2, 1], [1, 100], [100, 1], [7, 5], [5, 7], [32, 32], [100, 75], [75, 100], [100, 100], [100, 33], [99, 100]]
const formulas = [
  { start: [0, 0, 0, 255], x: [0, 0, 0, 0], y: [0, 0, 0, 0] },
  { start: [255, 255, 255, 255], x: [0, 0, 0, 0], y: [0, 0, 0, 0] },
  { start: [200, 30, 90, 255], x: [0, 0, 0, 0], y: [0, 0, 0, 0] },
  { start: [0, 0, 0, 0], x: [0, 0, 0, 0], y: [0, 0, 0, 0] },
  { start: [120, 10, 240, 127], x: [0, 0, 0, 0], y: [0, 0, 0, 0] },
  { start: [0, 255, 40, 255], x: [2, -2, 1, 0], y: [0, 1, 2, 0] },
  { start: [10, 20, 30, 255], x: [7, 11, 13, 0], y: [17, 5, 3, 0] },
  { start: [90, 20, 30, 0], x: [1, 0, 2, 2], y: [0, 2, 1, 1] },
  { start: [3, 250, 128, 250], x: [0, -1, 37, -2], y: [2, 0, 41, -1] },
]

function pixels(width, height, { start, x, y }) {
  const rgba = new Uint8Array(width * height * 4)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let c = 0; c < 4; c++)
        rgba[(row * width + column) * 4 + c] = (start[c] + column * x[c] + row * y[c]) & 255
  return rgba
}

// Some coefficients of regular pictures are 0 but for the last bit of a cosine, and then a rounding falls either way: a hash that
// changes with that bit tests nothing.
function hashOf(width, height, formula, error) {
  const exact = Math.cos
  Math.cos = (angle) => exact(angle) + error()
  const hash = Buffer.from(rgbaToThumbHash(width, height, pixels(width, height, formula))).toString('hex')
  Math.cos = exact
  return hash
}

function isStable(width, height, formula) {
  const hash = hashOf(width, height, formula, () => 0)
  return Array.from({ length: 20 }, () => hashOf(width, height, formula, () => (Math.random() - 0.5) * 1e-12))
    .every((other) => other === hash)
}

const vectors = sizes.flatMap(([width, height]) => formulas
  .filter((formula) => isStable(width, height, formula))
  .map((formula) => ({ width, height, ...formula, hash: hashOf(width, height, formula, () => 0) })))
writeFileSync(new URL('thumbhash.json', import.meta.url), `[\n${vectors.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`)
