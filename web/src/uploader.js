/* Uppy's dashboard, whose uploads are signed one by one by sluice-api. */
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import "@uppy/core/css/style.min.css";
import "@uppy/dashboard/css/style.min.css";

const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/heic", "image/heif", "image/avif"];

/* sign(file) → what POST /albums/{id}/media/upload answers; sent(mediaId, filename) once the store has the bytes. */
export function startUploader(target, { sign, sent }) {
  const uppy = new Uppy({ autoProceed: true, restrictions: { allowedFileTypes: TYPES, minFileSize: 1 } });
  const mediaIds = new Map(); /* Uppy's file id → media id */
  uppy.use(Dashboard, {
    target,
    inline: true,
    width: "100%",
    height: 360,
    theme: "auto",
    proudlyDisplayPoweredByUppy: false,
    showRemoveButtonAfterComplete: true,
    doneButtonHandler: null,
    note: "JPEG, PNG, WebP, GIF, TIFF, HEIC or AVIF",
  });
  uppy.use(AwsS3, {
    shouldUseMultipart: false,
    generateObjectKey: (file) => file.id, /* the server makes the key; this tells signRequest which file it is */
    async signRequest({ key }) {
      const file = uppy.getFile(key);
      const signed = await sign({ filename: file.name, contentType: file.type, size: file.size });
      mediaIds.set(file.id, signed.media_id);
      return { url: signed.upload_url, key: signed.object_key, headers: signed.headers };
    },
  });
  uppy.on("upload-success", (file) => sent(mediaIds.get(file.id), file.name));
  return uppy;
}
