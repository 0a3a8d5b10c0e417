/* The page at /demo: one album, whose id is in the address so that a reload comes back to it. */
import { Api, ApiError } from "./api.js";
import { Gallery } from "./gallery.js";
import { followStatus } from "./live.js";
import { startUploader } from "./uploader.js";
import "./demo.css";

const byId = (id) => document.getElementById(id);
const api = new Api();
const gallery = new Gallery(byId("photos"), byId("progress"), retry);
let albumReady; /* promise of the album's id */

function tell(problem) {
  byId("problem").textContent = problem ? problem.message : "";
  byId("problem").hidden = !problem;
  if (problem instanceof ApiError && problem.status === 401) {
    byId("key-form").hidden = false;
    byId("key").focus();
  }
}

async function retry(mediaId, button) {
  button.disabled = true;
  try {
    await api.retry(mediaId);
    tell(null);
  } catch (problem) {
    tell(problem);
    button.disabled = false;
  }
}

function show(album) {
  byId("album-title").textContent = album.title;
  location.hash = album.album_id;
  byId("album-link").href = `/demo#${album.album_id}`;
  byId("album").hidden = false;
  document.querySelector("footer").hidden = false;
  followStatus(api, `/albums/${album.album_id}/events`, (media) => gallery.show(media), new AbortController().signal).catch(tell);
  return album.album_id;
}

async function openAlbum(albumId) {
  const album = await api.album(albumId);
  for (const media of (await api.photos(albumId)).reverse()) {
    gallery.show(media);
  }
  return show(album);
}

/* The album of the address, else a new one, made when the first photo needs it. */
async function album() {
  const named = location.hash.slice(1);
  albumReady ??= named ? openAlbum(named) : api.createAlbum(`Photos of ${new Date().toLocaleDateString()}`).then(show);
  try {
    return await albumReady;
  } catch (problem) {
    albumReady = undefined;
    tell(problem);
    throw problem;
  }
}

async function sign(file) {
  try {
    const signed = await api.signUpload(await album(), file);
    tell(null);
    return signed;
  } catch (problem) {
    tell(problem);
    throw problem;
  }
}

const uppy = startUploader(byId("uploader"), { sign, sent: (mediaId, filename) => gallery.sent(mediaId, filename) });
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  api.useKey(byId("key").value);
  byId("key-form").hidden = true;
  tell(null);
  if (location.hash) {
    album().catch(() => {});
  }
  uppy.retryAll();
});
if (location.hash) {
  album().catch(() => {});
}
