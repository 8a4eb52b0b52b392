/** Milliseconds after which the browser has begun to read what it is to save. */
const READ_MS = 60_000;

/** Offers a file to the visitor. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_MS);
}
