/** The last lines of a program that reads a saved model: they ask it, and print its answer. */

/** Lines that make an input, the last an expression. */
type Call = (text: string) => readonly string[];

/** What a program needs around it, in lines that a narrow box holds. */
const NEEDS = `// TypeScript, and an ES module: save it as
// ask.mts, or among a page's sources.
// "lethe" is on no registry yet. In a clone:
//   npm ci && npm pack
// In your project, with the file it makes:
//   npm install PATH/lethe-VERSION.tgz
`;

const quoted = (text: string): string => JSON.stringify(text);
const letters: Call = (text) => [`[...${quoted(text)}]`];
const inWords =
  (options: string): Call =>
  (text) => [`wordTokens(${quoted(text)}${options})`];

/** By the task; what is asked that is no text stands here. */
const CALLS: Readonly<Record<string, Call>> = {
  names: letters,
  sentiment: inWords(', { lowerCase: true }'),
  dates: (text) => [`[...${quoted(text)}.toLowerCase()]`],
  phones: letters,
  sums: letters,
  tags: inWords(''),
  truecasing: (text) => [quoted(text)],
  sunspots: () => ['Array.from({ length: 40 }, (_, i) => 60 + Math.round(50 * Math.sin(i / 2)))'],
  digit: () => [
    '// An upright stroke in the middle of 8 by 8 pixels.',
    'Array.from({ length: 64 }, (_, i) => (i % 8 === 3 || i % 8 === 4 ? 1 : 0))',
  ],
  frames: () => [
    '// A point that goes through the middle of 16 by 16 pixels, from left to right.',
    'const middle = 8 * 16;',
    'const frame = (t: number) => Array.from({ length: 256 }, (_, i) => (i === middle + t ? 1 : 0));',
    'Array.from({ length: 16 }, (_, t) => frame(t))',
  ],
  captions: () => [
    '// A red square in the middle of 24 by 24 dark pixels.',
    'const [side, ground, red] = [24, [0.12, 0.12, 0.12], [0.9, 0.15, 0.15]];',
    'const inside = (at: number) => Math.abs(at - 12) < 5;',
    'Array.from({ length: side * side }, (_, i) =>\n  inside(i % side) && inside(Math.floor(i / side)) ? red : ground,\n).flat()',
  ],
};

/**
 * A program with lines that ask the model of a file.
 *
 * @param program exports one function, which makes of a file's bytes one that answers.
 * @param task whose model is in the file.
 * @param text that is asked; nothing looks at it where the task reads no text.
 */
export function withCall(program: string, task: string, file: string, text = ''): string {
  const [, reader] = /export async function (\w+)/.exec(program)!;
  const lines = CALLS[task](text);
  // All imports stand at the top.
  const whole = lines.some((line) => line.startsWith('wordTokens'))
    ? program.replace(
        /^import { (.*) } from 'lethe\/data';$/m,
        `import { $1, wordTokens } from 'lethe/data';`,
      )
    : program;
  return [
    NEEDS + whole.trimEnd(),
    '',
    '// The file beside the page. In Node: readFile of node:fs/promises.',
    `const file = await fetch(${quoted(file)});`,
    `const answer = await ${reader}(new Uint8Array(await file.arrayBuffer()));`,
    ...lines.slice(0, -1),
    `const input = ${lines.at(-1)!};`,
    'console.log(await answer(input));',
    '',
  ].join('\n');
}
