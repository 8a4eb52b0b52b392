import { useEffect, useMemo, useState } from 'preact/hooks';

import type { Topic } from './topic';

interface Answered {
  input: unknown;
  reply: unknown;
}

/**
 * What a task draws of its answer, a frame after the network: each by itself is drawn sooner than the page is to wait for,
 * both together are not.
 */
export function NextFrame({ Reply, input, reply }: Answered & { Reply: Topic['Reply'] & object }) {
  const now = useMemo((): Answered => ({ input, reply }), [input, reply]);
  const [shown, show] = useState(now);
  useEffect(() => {
    const frame = requestAnimationFrame(() => show(now));
    return () => cancelAnimationFrame(frame);
  }, [now]);
  return <Reply {...shown} />;
}
