/* Requests to sluice-api. The key lives in memory only: a reload asks for it again. */

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the server answered ${status}`);
    this.status = status;
    this.code = problem.code || "";
  }
}

export class Api {
  #key = "";

  useKey(key) {
    this.#key = key;
  }

  /* The response, once its status is good; else an ApiError. */
  async fetch(path, { method = "GET", body, headers = {}, signal } = {}) {
    const response = await fetch(path, {
      method,
      signal,
      headers: {
        ...headers,
        ...(this.#key && { authorization: `Bearer ${this.#key}` }),
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new ApiError(response.status, await response.json().catch(() => ({})));
    }
    return response;
  }

  async json(path, options) {
    return (await this.fetch(path, options)).json();
  }

  createAlbum(title) {
    return this.json("/albums", { method: "POST", body: { title } });
  }

  album(albumId) {
    return this.json(`/albums/${encodeURIComponent(albumId)}`);
  }

  async photos(albumId) {
    const photos = [];
    let cursor = "";
    do {
      const page = await this.json(
        `/albums/${encodeURIComponent(albumId)}/media?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      photos.push(...page.media);
      cursor = page.next_cursor || "";
    } while (cursor);
    return photos;
  }

  signUpload(albumId, { filename, contentType, size }) {
    return this.json(`/albums/${encodeURIComponent(albumId)}/media/upload`, {
      method: "POST",
      body: { filename, content_type: contentType, size },
    });
  }

  retry(mediaId) {
    return this.json(`/media/${encodeURIComponent(mediaId)}/retry`, { method: "POST" });
  }
}
