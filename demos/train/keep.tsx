import { lazily } from './lazy';
import { menuOpen } from './menu_open';

const KeepMenu = lazily(async () => (await import('./keep_menu')).KeepMenu);

/** The menu that keeps a run, opens one, and shares it. */
export function Keep() {
  return (
    <details
      class="keep"
      open={menuOpen.value}
      onToggle={(event) => (menuOpen.value = event.currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') menuOpen.value = false;
      }}
    >
      <summary>
        Save<span class="wide"> and open</span>
      </summary>
      <KeepMenu />
    </details>
  );
}
