import { isInteractive, shown } from './terminal';

/** Milliseconds between two drawings. */
const DRAW_INTERVAL_MS = 100;

/** To the first column, and nothing from there to the end of the screen. */
const CLEAR = '\r\x1b[J';

/** What is wider than the window is cut off, not folded: a window narrowed since it was measured. */
const CUT = '\x1b[?7l';
const FOLD = '\x1b[?7h';

/**
 * A line that is drawn over and over below what is printed, on a terminal; elsewhere it is not drawn.
 *
 * The cursor stands in its first column, so that what is printed by others, the echo of Ctrl-C among it,
 * and a line that a narrower window folds, are cleared with it. The cursor is never hidden: no end of the
 * process has to bring it back.
 */
export class Bar {
  /** Whether it is seen. */
  readonly draws = isInteractive();
  #render: (() => string) | undefined;
  #drawn = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor() {
    process.once('exit', this.stop);
  }

  /** @param render Gives the line as it is when it is drawn. */
  update(render: () => string): void {
    this.#render = render;
    if (!this.draws || this.#timer || this.#stopped) return;
    const wait = this.#drawn + DRAW_INTERVAL_MS - performance.now();
    if (wait <= 0) this.#draw('');
    else this.#timer = setTimeout(() => this.#draw(''), wait).unref();
  }

  /** Prints lines above the bar. */
  print(text: string): void {
    if (this.draws && !this.#stopped) this.#draw(`${shown(text)}\n`);
    else process.stdout.write(`${shown(text)}\n`);
  }

  /** In one write, so that nothing comes between and nothing flickers. */
  #draw(above: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = performance.now();
    process.stdout.write(`${CLEAR}${above}${CUT}${this.#render?.() ?? ''}${FOLD}\r`);
  }

  /** Clears the bar for good; what was printed stays. */
  readonly stop = (): void => {
    process.off('exit', this.stop);
    clearTimeout(this.#timer);
    if (this.draws && !this.#stopped) process.stdout.write(CLEAR);
    this.#stopped = true;
  };
}
