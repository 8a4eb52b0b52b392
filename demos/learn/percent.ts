/** A share in whole percent: `83 %`. */
export const wholePercent = (share: number): string => `${Math.round(100 * share)} %`;
