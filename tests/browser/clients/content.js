/* Bytes that the tests can make again: each MiB is full of one value, from `seed` on. */
const BLOCK = 1024 * 1024;

export function content(size, seed, type) {
  const blocks = [];
  for (let at = 0; at < size; at += BLOCK) {
    blocks.push(new Uint8Array(Math.min(BLOCK, size - at)).fill((seed + at / BLOCK) % 251));
  }
  return new Blob(blocks, { type });
}

/* The next so many PUTs leave so many milliseconds late, as if the line had been down. */
let late = { count: 0, milliseconds: 0 };
const { open, send } = XMLHttpRequest.prototype;

XMLHttpRequest.prototype.open = function (method, ...rest) {
  this.isPut = method === "PUT";
  return open.call(this, method, ...rest);
};
XMLHttpRequest.prototype.send = function (body) {
  if (!this.isPut || late.count === 0) return send.call(this, body);
  late.count -= 1;
  setTimeout(() => send.call(this, body), late.milliseconds);
};

globalThis.delayPuts = (count, milliseconds) => {
  late = { count, milliseconds };
};
