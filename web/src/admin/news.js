/* Tells of news: the server's events say that there are some, a clock that there may be. Not more often than once a second, and
 * not while nobody looks, or while somebody is at a button of the part that would be replaced. */
const LEAST_MS = 1000;
const LONGEST_MS = 5000;

export function followNews(address, tell) {
  let last = Date.now();
  let hasNews = false;
  const isBusy = () => document.hidden || document.activeElement?.closest("[data-live] form") !== null;
  const source = new EventSource(address);
  source.addEventListener("status", () => (hasNews = true));
  source.addEventListener("deleted", () => (hasNews = true));
  source.addEventListener("reset", () => (hasNews = true));
  setInterval(() => {
    const waited = Date.now() - last;
    if (!isBusy() && waited >= (hasNews ? LEAST_MS : LONGEST_MS)) {
      last = Date.now();
      hasNews = false;
      tell();
    }
  }, LEAST_MS / 4);
}
