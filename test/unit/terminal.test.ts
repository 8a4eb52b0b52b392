import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Bar } from '../../src/cli/bar';
import { escaped, wrap } from '../../src/cli/terminal';
import { quoted, typed } from '../../src/cli/typed';

describe('escaped', () => {
  test.for([
    ['an escape', '\x1b[31mred', '\\u001b[31mred'],
    [
      'C0 and delete',
      'bell\x07 null\0 back\x08 \x7f',
      'bell\\u0007 null\\u0000 back\\u0008 \\u007f',
    ],
    ['C1', '\x9b31m \x85', '\\u009b31m \\u0085'],
    ['overrides', '\u202egnirts\u2066\u2069', '\\u202egnirts\\u2066\\u2069'],
    ['a return', 'over\rwritten', 'over\\u000dwritten'],
    ['a return before a line end', '\r\r\n', '\\u000d\r\n'],
  ])('%s', ([, text, shown]) => {
    expect(escaped(text)).toBe(shown);
  });

  test.for([
    ['lines and tabs', 'line\nline\ttab\r\n'],
    ['marks of direction', '\u0645\u0631\u200f \u05d0\u200e'],
    ['joiners', '\u{1f469}\u200d\u{1f467}'],
    ['Latin-1', '\xa0\xad\xff'],
  ])('%s stay', ([, text]) => {
    expect(escaped(text)).toBe(text);
  });
});

describe('wrap', () => {
  test('cuts at the width, prefix included', () => {
    expect(wrap('abcdefgh', 5, '| ')).toEqual(['| abc', '| def', '| gh']);
    expect(wrap('abcdef', 5, '| ')).toEqual(['| abc', '| def']);
    expect(wrap('', 5, '| ')).toEqual(['| ']);
    expect(wrap('abc', Infinity)).toEqual(['abc']);
  });

  test.for([-5, 0, 1, NaN])('ends in a width of %d, a character a line', (width) => {
    const narrow = wrap('ab\u6f22', width);
    expect(narrow.join('')).toBe('ab\u6f22');
    if (!Number.isNaN(width)) expect(narrow).toEqual(['a', 'b', '\u6f22']);
  });

  test('counts columns, not characters, and cuts none in two', () => {
    expect(wrap('\u6f22\u5b57\u6f22', 4)).toEqual(['\u6f22\u5b57', '\u6f22']);
    expect(wrap('a\u6f22\u5b57', 4)).toEqual(['a\u6f22', '\u5b57']);
    expect(wrap('e\u0301e\u0301e\u0301', 2)).toEqual(['e\u0301e\u0301', 'e\u0301']);
    expect(wrap('\u{1f600}\u{1f600}', 3)).toEqual(['\u{1f600}', '\u{1f600}']);
    // A family may be one picture, or as wide as all of it.
    const family = '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}';
    expect(wrap(`a${family}b`, 6)).toEqual(['a', family, 'b']);
  });

  test('tabs reach to the next stop', () => {
    expect(wrap('a\tb', 20, '| ')).toEqual(['| a     b']);
    expect(wrap('abcdef\tb', 20, '| ')).toEqual([`| abcdef${' '.repeat(8)}b`]);
  });
});

describe('typed', () => {
  const { argv } = process;
  const start = (main: string, env: Record<string, string>): void => {
    process.argv = ['node', main, 'train'];
    for (const name of ['npm_lifecycle_event', 'npm_package_name']) vi.stubEnv(name, env[name]);
  };
  afterEach(() => {
    process.argv = argv;
    vi.unstubAllEnvs();
  });
  const ours = { npm_lifecycle_event: 'train', npm_package_name: 'lethe' };

  test.for([
    ['/usr/bin/lethe', {}, 'lethe sample r'],
    ['/repo/dist/cli/main.js', ours, 'npm run sample -- r'],
    ['/app/node_modules/.bin/lethe', { ...ours, npm_package_name: 'app' }, 'npx lethe sample r'],
    ['/app/node_modules/.bin/lethe', {}, 'npx lethe sample r'],
    ['/usr/bin/lethe', { ...ours, npm_lifecycle_event: 'npx' }, 'lethe sample r'],
    ['/usr/bin/lethe', { ...ours, npm_package_name: 'app' }, 'lethe sample r'],
  ] as const)('%s with %o: %s', ([main, env, command]) => {
    start(main, env);
    expect(typed('sample', 'r')).toBe(command);
    expect(typed('train')).toBe(command.replace(/sample.*/, 'train'));
  });

  test.runIf(process.platform !== 'win32')('paths come as a shell takes them', () => {
    expect(quoted('runs/fox-1')).toBe('runs/fox-1');
    expect(quoted('my run')).toBe("'my run'");
    expect(quoted("it's $HOME")).toBe("'it'\\''s $HOME'");
  });
});

describe('Bar', () => {
  let output: string;

  beforeEach(() => {
    output = '';
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    vi.stubEnv('TERM', 'xterm');
    const { stdout } = process;
    const { isTTY } = stdout;
    stdout.isTTY = true;
    vi.spyOn(stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
    return () => {
      vi.useRealTimers();
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
      stdout.isTTY = isTTY;
    };
  });

  const CLEAR = '\r\x1b[J';
  /** Cut off where the window ends, and the cursor before it. */
  const bare = (text: string): string => `\x1b[?7l${text}\x1b[?7h\r`;

  test('is drawn now and then, and in the end as it is then', () => {
    const bar = new Bar();
    for (let i = 0; i < 5; i++) bar.update(() => `at ${i}`);
    expect(output).toBe(CLEAR + bare('at 0'));
    vi.advanceTimersByTime(100);
    expect(output).toBe(CLEAR + bare('at 0') + CLEAR + bare('at 4'));
    bar.stop();
    bar.update(() => 'late');
    vi.advanceTimersByTime(1000);
    bar.stop();
    expect(output).toBe(CLEAR + bare('at 0') + CLEAR + bare('at 4') + CLEAR);
  });

  test('what is printed is never held back', () => {
    const bar = new Bar();
    bar.update(() => 'bar');
    bar.print('one');
    bar.print('\x1btwo');
    bar.stop();
    expect(output).toBe(
      [bare('bar'), `one\n${bare('bar')}`, `\\u001btwo\n${bare('bar')}`, '']
        .map((text) => CLEAR + text)
        .join(''),
    );
  });

  test('is cleared when the process ends', () => {
    const before = process.listeners('exit');
    const bar = new Bar();
    bar.update(() => 'bar');
    const [end] = process.listeners('exit').filter((listener) => !before.includes(listener));
    end.call(process, 130);
    expect(output).toBe(CLEAR + bare('bar') + CLEAR);
    expect(process.listeners('exit')).toEqual(before);
    bar.stop();
  });
});
