/** Many files and programs of a seed; `npm run fuzz` and the tests count what comes out. */
import { Random } from '../../src/index';
import type { Device } from '../../src/index';
import { checkProgram } from './check';
import { checkFile } from './check_file';
import type { Target } from './execute';
import { originals } from './files';
import { generateProgram } from './generate';
import { Mutator } from './mutate';
import { showProgram } from './program';

/** Which ones: `count` of a seed, from the one of number `from` on. */
export interface Range {
  readonly seed: number;
  readonly from?: number;
  readonly count: number;
}

export interface Findings {
  /** Files that were refused, or calls. */
  refused: number;
  /** Calls of all programs. */
  calls: number;
  /** What is wrong, each with how to see it again. */
  problems: string[];
}

function* numbersOf({ from = 0, count }: Range): Iterable<number> {
  for (let i = 0; i < count; i++) yield from + i;
}

/** Apart from the numbers that programs draw. */
const FILES = 2 ** 31;

/** Changes files, and reads them on a device of the CPU. */
export async function fuzzFiles(
  range: Range,
  device: Device,
  progress?: (done: number) => void,
): Promise<Findings> {
  const files = await originals();
  const findings: Findings = { refused: 0, calls: 0, problems: [] };
  for (const number of numbersOf(range)) {
    const random = new Random(range.seed, FILES + number);
    const pick = () => files[Math.floor(random.uniform() * files.length)];
    const [file, other] = [pick(), pick()];
    const bytes = new Mutator(random).mutate(file.bytes, other.bytes);
    const { refused, problem } = await checkFile(bytes, file, device);
    if (refused) findings.refused++;
    if (problem) {
      const again = `npm run fuzz -- --seed ${range.seed} --file ${number}`;
      findings.problems.push(`${file.name}: ${problem}\n${again}`);
    }
    progress?.(number);
  }
  return findings;
}

/**
 * Draws programs, and runs them on all targets.
 *
 * @param reference a CPU with plain loops, `openDevice('cpu', { reference: true })`.
 * @param show is given each program as code.
 */
export async function fuzzPrograms(
  range: Range,
  reference: Device,
  targets: readonly Target[],
  progress?: (done: number) => void,
  show?: (code: string) => void,
): Promise<Findings> {
  const findings: Findings = { refused: 0, calls: 0, problems: [] };
  for (const number of numbersOf(range)) {
    let problem: string;
    try {
      const program = await generateProgram(range.seed, number, reference);
      show?.(showProgram(program));
      findings.calls += program.calls.length;
      findings.refused += program.refused.length;
      problem = await checkProgram(program, reference, targets);
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const again = `npm run fuzz -- --seed ${range.seed} --program ${number}`;
    if (problem) findings.problems.push(`${problem}\n${again}`);
    progress?.(number);
  }
  return findings;
}
