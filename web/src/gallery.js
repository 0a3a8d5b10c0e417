/* The photos of the album: a list item each, kept up to date by their metadata. */

const WORDS = {
  sent: "Uploaded, being processed …",
  pending: "Waiting …",
  uploaded: "Ready",
  failed: "Failed",
};

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export class Gallery {
  #list;
  #progress;
  #onRetry;
  #photos = new Map(); /* media id → { item, status } */

  constructor(list, progress, onRetry) {
    this.#list = list;
    this.#progress = progress;
    this.#onRetry = onRetry;
  }

  /* What the store has, and what is not yet known to be more. */
  sent(mediaId, filename) {
    if (!this.#photos.has(mediaId)) {
      this.show({ media_id: mediaId, filename, status: "sent" });
    }
  }

  show(media) {
    const known = this.#photos.get(media.media_id);
    const item = known?.item ?? element("li");
    item.dataset.mediaId = media.media_id;
    item.dataset.status = media.status;
    item.replaceChildren(this.#picture(media), element("p", { className: "name", textContent: media.filename }), this.#state(media));
    if (!known) {
      this.#list.prepend(item);
    }
    this.#photos.set(media.media_id, { item, status: media.status });
    this.#sumUp();
  }

  #picture(media) {
    const variant = media.variants?.find(({ name }) => name === "medium") ?? media.variants?.[0];
    if (!variant) {
      return element("div", { className: "placeholder" });
    }
    const { url, width, height } = variant;
    return element("img", { src: url, width, height, alt: media.filename, loading: "lazy" });
  }

  #state(media) {
    const text = media.status === "failed" ? `${WORDS.failed}: ${media.error?.message ?? "no reason given"}` : WORDS[media.status];
    const state = element("p", { className: "state", textContent: text ?? media.status });
    if (media.status === "failed") {
      const button = element("button", { type: "button", textContent: "Try again" });
      button.setAttribute("aria-label", `Try ${media.filename} again`);
      button.addEventListener("click", () => this.#onRetry(media.media_id, button));
      state.append(" ", button);
    }
    return state;
  }

  #sumUp() {
    const counts = { uploaded: 0, failed: 0 };
    for (const { status } of this.#photos.values()) {
      counts[status] = (counts[status] ?? 0) + 1;
    }
    const failures = counts.failed ? `, ${counts.failed} failed` : "";
    this.#progress.textContent = `${counts.uploaded} of ${this.#photos.size} ready${failures}`;
  }
}
