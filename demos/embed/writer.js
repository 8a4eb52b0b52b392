import { readWriter } from 'lethe/sample';

const file = await fetch(new URL('./model.safetensors', import.meta.url));
const writer = readWriter(new Uint8Array(await file.arrayBuffer()));
const { vocabulary } = writer;

/** @param {string} begin */
export function* write(begin) {
  const prime = [...begin].filter((character) => vocabulary.has(character)).join('') || '\n';
  const seed = Date.now() % 1e6;
  yield prime;
  yield* writer.sample({ prime, length: 300, temperature: 0.7, seed });
}
