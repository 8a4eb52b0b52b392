import { readFile } from 'node:fs/promises';

/** The blocks of code of docs/tutorials/`name`.md in `language`, in order, as one text. */
export async function tutorialCode(name: string, language: string): Promise<string> {
  const page = await readFile(`docs/tutorials/${name}.md`, 'utf8');
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
  return Array.from(blocks, ([, code]) => code).join('\n');
}
