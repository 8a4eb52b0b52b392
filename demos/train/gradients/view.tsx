/** Gradients through time. */
export function GradientsView() {
  return (
    <main>
      <section class="panel">
        <h2>Gradients through time</h2>
      </section>
    </main>
  );
}
