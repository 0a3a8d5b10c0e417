/* Uppy with its uploader for S3, driven by a test: start(options), then the methods of `uppy`. */
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { content } from "./content.js";

/* How each way asks: `endpoint` is Sluice's address, or the one with a token. */
const WAYS = {
  companion5: ({ endpoint }) => ({ endpoint }),
  companion6: ({ endpoint }) => ({ companionEndpoint: endpoint }),
  sign: ({ endpoint, externalId }) => ({
    async signRequest(request) {
      const asked = await fetch(`${endpoint}/s3/sign`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...request, external_id: externalId }),
      });
      const signed = await asked.json();
      if (!asked.ok) throw new Error(signed.message);
      return signed;
    },
  }),
  /* As Shrine's guide of direct uploads has it: presign, upload, and hand the form what the backend promotes. */
  shrine: ({ endpoint, externalId }) => ({
    async getUploadParameters(file) {
      const query = new URLSearchParams({ filename: file.name, type: file.type, "metadata[external_id]": externalId });
      const presigned = await fetch(`${endpoint}/s3/params?${query}`, { headers: { Accept: "application/json" } });
      const data = await presigned.json();
      if (!presigned.ok) throw new Error(data.message);
      return data;
    },
  }),
};

globalThis.start = (options) => {
  const { way, name, type, size, seed, multipart, limit = 6, externalId } = options;
  const uppy = new Uppy({ allowMultipleUploadBatches: true });
  const inParts = multipart === undefined ? {} : { shouldUseMultipart: multipart };
  uppy.use(AwsS3, { limit, ...inParts, ...WAYS[way](options) });
  uppy.addFile({ name, type, data: content(size, seed, type), meta: { external_id: externalId, caption: "Größe 1" } });
  globalThis.uppy = uppy;
  globalThis.partsDone = 0;
  uppy.on("s3-multipart:part-uploaded", () => {
    globalThis.partsDone += 1;
  });
};

const outcome = ({ successful, failed }) => ({
  successful: successful.map((file) => ({ url: file.response.uploadURL, body: file.response.body })),
  failed: failed.map((file) => file.error),
});

globalThis.upload = async () => outcome(await globalThis.uppy.upload());
globalThis.retry = async () => outcome(await globalThis.uppy.retryAll());

/* Starts and does not wait; `done` is the outcome in the end. */
globalThis.uploadInBackground = () => {
  globalThis.done = null;
  globalThis.upload().then((result) => {
    globalThis.done = result;
  });
};
