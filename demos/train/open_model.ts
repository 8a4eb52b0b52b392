import { beginWith } from './importing';
import type { StudioModel } from './models';
import { TEXTS } from './texts';

/**
 * Puts a trained model on the page, at rest, on its text; it writes, and training can go on from it.
 * What is wrong, or null; the run before stays then.
 */
export async function openModel({ id, name, url }: StudioModel): Promise<string | null> {
  const source = TEXTS.find((text) => text.id === id)!;
  const [file, text] = await Promise.all([fetch(url), source.load()]);
  if (!file.ok) return `The model could not be fetched: ${file.status} ${file.statusText}`;
  return beginWith(new File([await file.blob()], name), { name: source.name, text });
}
