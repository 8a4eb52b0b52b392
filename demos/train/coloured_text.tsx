import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';

import './coloured_text.css';

interface Props {
  label: string;
  characters: readonly string[];
  /** The background of a character; '' for none. The same function as before where nothing changed. */
  colour: (t: number) => string;
  /** The character that is marked. */
  position: number;
  /** Called with the character under the pointer. */
  onPoint: (t: number) => void;
  /** Called with a character that is clicked. */
  onChoose?: (t: number) => void;
}

/** A text in which each character has a colour of its own. */
export function ColouredText({ label, characters, colour, position, onPoint, onChoose }: Props) {
  const host = useRef<HTMLPreElement>(null);
  const spans = useMemo(
    () =>
      characters.map((character, t) => (
        <span key={t} data-t={t} class={character === '\n' ? 'line-end' : undefined}>
          {character}
        </span>
      )),
    [characters],
  );
  // By hand: thousands of characters change their colour at once, and nothing else does. With what is said of
  // them, not a frame later.
  useLayoutEffect(() => {
    const children = host.current!.children;
    for (let t = 0; t < children.length; t++) {
      (children[t] as HTMLElement).style.backgroundColor = colour(t);
    }
  }, [spans, colour]);
  useLayoutEffect(() => {
    const here = host.current!.children[position];
    here?.classList.add('here');
    return () => here?.classList.remove('here');
  }, [spans, position]);
  return (
    <pre
      ref={host}
      class={onChoose ? 'coloured chooses' : 'coloured'}
      role="region"
      tabIndex={0}
      aria-label={label}
      onPointerOver={({ target }) => withPlace(target, onPoint)}
      onClick={({ target }) => onChoose && withPlace(target, onChoose)}
    >
      {spans}
    </pre>
  );
}

function withPlace(target: EventTarget | null, take: (t: number) => void): void {
  const { t } = (target as HTMLElement).dataset;
  if (t !== undefined) take(Number(t));
}

/** Scrolls the text, and not the page, to a character. */
export function scrollToCharacter(text: HTMLElement, t: number): void {
  const here = text.children[t] as HTMLElement;
  text.scrollTop = here.offsetTop - text.clientHeight / 2;
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ '\n': 'line end', ' ': 'space', '\t': 'tab', '\r': 'carriage return' },
};

/** A character as it is called in a sentence. */
export function nameOf(character = ''): string {
  return NAMES[character] ?? `‘${character}’`;
}
