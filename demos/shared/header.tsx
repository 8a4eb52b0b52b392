import { DOCUMENTATION, PAGES, rootFrom } from './pages.mjs';

/** The development server has pages, and no documents. */
const LINKS = import.meta.env.MODE === 'site' ? [...PAGES, DOCUMENTATION] : PAGES;

/** The name of the studio, what this page does, and the way to the other pages. */
export function Header({ current, tagline }: { current: string; tagline: string }) {
  const root = rootFrom(PAGES.find(({ title }) => title === current)?.folder ?? '');
  return (
    <header class="site-header">
      <h1>Lethe</h1>
      <p>{tagline}</p>
      <nav aria-label="Pages">
        {LINKS.map(({ title, folder }) => (
          <a key={title} href={root + folder} aria-current={title === current ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
    </header>
  );
}
