/* The form of a batch: says what was chosen, refuses too many before they are sent, and does not send twice. */
const UNITS = ["bytes", "KiB", "MiB", "GiB"];

function sizeOf(files) {
  let size = files.reduce((sum, file) => sum + file.size, 0);
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) {
    size /= 1024;
  }
  return `${unit ? size.toFixed(1) : size} ${UNITS[unit]}`;
}

export function watchUpload(form) {
  if (!form || form.dataset.watched) {
    return;
  }
  form.dataset.watched = "yes";
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("#chosen");
  const button = form.querySelector("button");
  const most = Number(form.dataset.max);
  const hint = chosen.textContent;

  input.addEventListener("change", () => {
    const files = Array.from(input.files);
    input.setCustomValidity(files.length > most ? `These are ${files.length} photos; a batch has at most ${most}.` : "");
    chosen.textContent = files.length ? `${files.length} chosen, ${sizeOf(files)}` : hint;
    input.reportValidity();
  });
  form.addEventListener("submit", () => {
    button.disabled = true;
    chosen.textContent = `Sending ${input.files.length} photos, ${sizeOf(Array.from(input.files))}…`;
    chosen.setAttribute("role", "status");
  });
  addEventListener("pageshow", () => (button.disabled = false));
}
