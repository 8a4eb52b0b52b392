import { InvalidArgumentError } from 'commander';

/** Parses the name of a file or a folder. */
export function path(value: string): string {
  if (value === '') throw new InvalidArgumentError('a name is needed.');
  return value;
}

/** Where npm puts the commands of a folder's packages. */
const LOCAL_COMMAND = /[\\/]node_modules[\\/]\.bin[\\/][^\\/]+$/;

/**
 * A command of Lethe as it is typed here: by npm where this process was started so in the repository, by
 * npx where Lethe is a package of the folder, or by its name.
 */
export function typed(command: string, ...args: readonly string[]): string {
  const { npm_lifecycle_event: script, npm_package_name: name } = process.env;
  const [, main, own] = process.argv;
  // Both names, for any script of any package, and any shell opened by one, has them in its environment.
  const byScript = name === 'lethe' && script !== undefined && script === own;
  if (byScript) return ['npm run', command, ...(args.length > 0 ? ['--'] : []), ...args].join(' ');
  return [LOCAL_COMMAND.test(main) ? 'npx lethe' : 'lethe', command, ...args].join(' ');
}

/** An argument as a shell takes it. */
export function quoted(argument: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(argument)) return argument;
  if (process.platform === 'win32') return `"${argument}"`;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A message with its settings, `topP = 2` and `evalEvery is 0`, as flags: `--top-p 2`, `--eval-every is 0`. */
export function inFlags(message: string): string {
  const flag = (_: string, name: string): string =>
    `${FLAGS[name] ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`} `;
  return message.replace(/^(\w+) = /, flag).replace(/\b([a-z]+[A-Z]\w*) (?=is )/g, flag);
}

/** Settings whose flags are named otherwise. */
const FLAGS: Record<string, string> = { validFraction: '--valid', recurrentInit: '--init' };
