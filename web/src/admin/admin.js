/* What the admin pages do with JavaScript; without it they do the same, but for progress that shows by itself. */
import htmx from "htmx.org";
import { followNews } from "./news.js";
import { watchUpload } from "./upload.js";
import "./admin.css";

const ANNOUNCE_MS = 5000;
let announced = { text: "", at: 0 };

/* Screen readers are told of progress now and then, not of each photo; and of an end at once. */
function announce() {
  const said = document.querySelector("[data-announce]")?.textContent ?? "";
  const isEnd = !document.getElementById("batch");
  if (said !== announced.text && (isEnd || Date.now() - announced.at >= ANNOUNCE_MS)) {
    document.getElementById("announcer").textContent = said;
    announced = { text: said, at: Date.now() };
  }
}

document.body.addEventListener("htmx:afterSettle", () => {
  announce();
  watchUpload(document.getElementById("upload"));
});
watchUpload(document.getElementById("upload"));

const live = document.querySelector("[data-live]");
if (live) {
  followNews(live.dataset.live, () => htmx.trigger(live, "news"));
}
