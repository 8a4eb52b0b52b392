/** A page of the studio, as the header links to it. */
interface Page {
  title: string;
  /** Relative to demos/. */
  href: string;
}

/** Every page there is; the header shows links once there are several. */
const PAGES: readonly Page[] = [{ title: 'Studio', href: './' }];

/** The name of the studio, what this page does, and the way to the other pages. */
export function Header({ current, tagline }: { current: string; tagline: string }) {
  return (
    <header class="site-header">
      <h1>Lethe</h1>
      <p>{tagline}</p>
      {PAGES.length > 1 && (
        <nav aria-label="Demos">
          {PAGES.map(({ title, href }) => (
            <a key={href} href={href} aria-current={title === current ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      )}
    </header>
  );
}
