/* Server-sent events read by fetch, because EventSource cannot send an Authorization header. */
import { EventSourceParserStream } from "eventsource-parser/stream";

const RECONNECT_MS = 2000;

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/* Calls onStatus with the metadata of each `status` event until the signal aborts; comes back after a lost connection, from
 * where it was. */
export async function followStatus(api, path, onStatus, signal) {
  let lastEventId = "";
  while (!signal.aborted) {
    try {
      const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
      const response = await api.fetch(path, { headers, signal });
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const event of readable(events)) {
        lastEventId = event.id || lastEventId;
        if (event.event === "status") {
          onStatus(JSON.parse(event.data));
        }
      }
    } catch (problem) {
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) {
        throw problem;
      }
    }
    await pause(RECONNECT_MS, signal);
  }
}

/* Streams are not iterable in every browser. */
async function* readable(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    yield next.value;
  }
}
