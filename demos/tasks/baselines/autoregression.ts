import { ArgumentError } from 'lethe';

/**
 * A linear autoregression, x[t] = c + a[1] x[t-1] + ... + a[p] x[t-p], fitted by least squares: what a
 * network for a series has to beat. (Yule, "On a method of investigating periodicities in disturbed
 * series", 1927, fitted the first one, to sunspots.)
 */
export class Autoregression {
  private constructor(
    readonly intercept: number,
    /** Those of the last value first. */
    readonly coefficients: Float64Array,
  ) {}

  get order(): number {
    return this.coefficients.length;
  }

  /** @throws ArgumentError unless there are more equations than coefficients, and values that vary. */
  static fit(values: ArrayLike<number>, order: number): Autoregression {
    const rows = values.length - order;
    const columns = order + 1;
    if (!Number.isInteger(order) || order < 1 || rows <= columns) {
      throw new ArgumentError(
        `Autoregression: order = ${order} for ${values.length} values; an order from 1, and more than ` +
          `${2 * order + 1} values are needed`,
      );
    }
    // About the mean, so that the columns are not all nearly the constant one.
    const centre = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    const equations = Array.from({ length: rows }, (_, i) =>
      Float64Array.from({ length: columns + 1 }, (_unused, j) =>
        j === 0 ? 1 : values[i + order - (j === columns ? 0 : j)] - centre,
      ),
    );
    const [constant, ...coefficients] = leastSquares(equations, columns);
    const total = coefficients.reduce((sum, value) => sum + value, 0);
    return new Autoregression(constant + centre * (1 - total), Float64Array.from(coefficients));
  }

  /** The value after `history`, which has `order` values at least. */
  predict(history: ArrayLike<number>): number {
    if (history.length < this.order) {
      throw new ArgumentError(
        `Autoregression.predict: history has ${history.length} values; ${this.order} are needed`,
      );
    }
    return this.coefficients.reduce(
      (sum, a, j) => sum + a * history[history.length - 1 - j],
      this.intercept,
    );
  }

  /** The `steps` values after `history`, each forecast a value of the history of the next. */
  forecast(history: ArrayLike<number>, steps: number): number[] {
    const values = Array.from(history);
    for (let i = 0; i < steps; i++) values.push(this.predict(values));
    return values.slice(history.length);
  }
}

/**
 * The solution x of the equations [A b], by Householder reflections: forming A^T A would lose half of
 * the digits. Overwrites the rows. (Golub and Van Loan, "Matrix computations", 5.3.)
 */
function leastSquares(rows: Float64Array[], columns: number): number[] {
  for (let k = 0; k < columns; k++) {
    const norm = Math.hypot(...rows.slice(k).map((row) => row[k]));
    const alpha = rows[k][k] > 0 ? -norm : norm;
    const v = rows.slice(k).map((row, i) => row[k] - (i === 0 ? alpha : 0));
    const square = v.reduce((sum, value) => sum + value * value, 0);
    if (square < 1e-20) {
      throw new ArgumentError(
        'Autoregression: the values do not vary enough for this order; give a lower order',
      );
    }
    for (let j = k; j <= columns; j++) {
      const along = v.reduce((sum, value, i) => sum + value * rows[k + i][j], 0);
      v.forEach((value, i) => (rows[k + i][j] -= (2 * along * value) / square));
    }
  }
  const x = new Array<number>(columns).fill(0);
  for (let k = columns - 1; k >= 0; k--) {
    let sum = rows[k][columns];
    for (let j = k + 1; j < columns; j++) sum -= rows[k][j] * x[j];
    // Rounding leaves something of a column that depends on others; a multiple of it is no solution.
    if (Math.abs(rows[k][k]) < 1e-9) {
      throw new ArgumentError(
        'Autoregression: the values do not vary enough for this order; give a lower order',
      );
    }
    x[k] = sum / rows[k][k];
  }
  return x;
}
