import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * A picture that is scrolled where it is wider than its place, by keys as well.
 *
 * @param end when it changes, the end comes into sight; null leaves it where it is. It opens at its beginning.
 */
export function Strip({ end, children }: { end: string | null; children: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef(false);
  useEffect(() => {
    const strip = place.current!;
    if (end !== null && opened.current) strip.scrollLeft = strip.scrollWidth;
    opened.current ||= end !== null;
    fade(strip);
  }, [end]);
  return (
    <div
      class="strip"
      ref={place}
      onScroll={({ currentTarget }) => fade(currentTarget)}
      tabIndex={0}
      role="group"
      aria-label="The network, step by step"
    >
      {children}
    </div>
  );
}

/** An edge beyond which there is more fades. */
function fade(strip: HTMLElement): void {
  const hidden = strip.scrollWidth - strip.clientWidth;
  strip.classList.toggle('more-left', strip.scrollLeft > 1);
  strip.classList.toggle('more-right', strip.scrollLeft < hidden - 1);
}
