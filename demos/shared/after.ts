/** Resolves after so many milliseconds; a hidden tab makes them a second or more. */
export function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
