/** Inside the cells. */
export function CellsView() {
  return (
    <main>
      <section class="panel">
        <h2>Inside the cells</h2>
      </section>
    </main>
  );
}
