/** Where a pointer was since the last event: browsers give none of these for a press without a move. */
export function coalesced(event: PointerEvent): readonly PointerEvent[] {
  const all = event.getCoalescedEvents?.() ?? [];
  return all.length > 0 ? all : [event];
}
