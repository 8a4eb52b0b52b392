/** An addition as characters, without spaces and without what follows a sign of equality. */
export const sumTokens = (input: string): string[] => [...input.replace(/\s+|=.*$/gs, '')];
