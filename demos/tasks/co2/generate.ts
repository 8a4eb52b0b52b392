import { Random } from 'lethe';

import type { Series } from '../forecasting/series';

const FIRST_YEAR = 1958;
const MONTHS = 744;

/**
 * A curve like that of carbon dioxide over Mauna Loa, made of what its textbook description says: a rise
 * that grows faster from year to year, a season of two harmonics, and noise that lasts some months. What it
 * cannot show: years in which the rise itself changes (El Nino, volcanoes), seasons that deepen, errors of
 * instruments.
 */
export function generateCurve(seed = 0): Series {
  const random = new Random(seed, 5);
  let noise = 0;
  const values = Array.from({ length: MONTHS }, (_, month) => {
    const year = month / 12;
    const rise = 315 + 0.8 * year + 0.0125 * year * year;
    const angle = 2 * Math.PI * year;
    const season = 2.8 * Math.sin(angle - 0.4) + 0.8 * Math.sin(2 * angle + 2.2);
    noise = 0.7 * noise + 0.25 * random.normal();
    return Math.round(100 * (rise + season + noise)) / 100;
  });
  const labels = values.map((_, month) => {
    const year = FIRST_YEAR + Math.floor(month / 12);
    return `${year}-${String((month % 12) + 1).padStart(2, '0')}-01`;
  });
  return { unit: 'ppm', labels, values };
}
