/** The faults of docs/reliability.md, by group. */
import type { Fault, Shown } from './fault';
import { FILES } from './files';
import { GPU } from './gpu';
import { INPUTS } from './inputs';
import { NUMBERS } from './numbers';
import { PAGE } from './page';

export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'The GPU': GPU,
  'The page': PAGE,
  Files: FILES,
  Numbers: NUMBERS,
  Inputs: INPUTS,
};

function shown([file, title]: Shown): string {
  return `\`${title.replaceAll('`', '')}\` (${file})`;
}

/** The tables, as Markdown. In titles `%s` and the like stand for the rows of a test. */
export function faultTables(): string {
  return Object.entries(FAULTS)
    .map(([group, faults]) => {
      const rows = faults.map(
        ({ fault, happens, tests }) => `| ${fault} | ${happens} | ${tests.map(shown).join('; ')} |`,
      );
      return [
        `### ${group}`,
        '',
        '| fault | what happens | tests |',
        '| --- | --- | --- |',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}
