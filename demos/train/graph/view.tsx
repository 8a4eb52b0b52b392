/** Graph. */
export function GraphView() {
  return (
    <main>
      <section class="panel">
        <h2>Graph</h2>
      </section>
    </main>
  );
}
