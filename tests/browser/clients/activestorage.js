/* ActiveStorage's direct upload, driven by a test. */
import { DirectUpload } from "@rails/activestorage";
import { content } from "./content.js";

globalThis.directUpload = ({ endpoint, name, type, size, seed, headers = {} }) =>
  new Promise((resolve) => {
    const file = new File([content(size, seed, type)], name, { type });
    const url = `${endpoint}/rails/active_storage/direct_uploads`;
    const upload = new DirectUpload(file, url, {}, headers);
    upload.create((error, blob) => resolve({ error: error && String(error), blob }));
  });
