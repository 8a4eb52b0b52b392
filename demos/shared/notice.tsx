import type { ComponentChildren } from 'preact';

/** A message that stands out: `alert` is read out at once, `info` waits its turn. */
export function Notice({
  tone,
  children,
}: {
  tone: 'alert' | 'info';
  children: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === 'alert' ? 'alert' : 'note'}>
      {children}
    </div>
  );
}
