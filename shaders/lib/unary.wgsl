// The unary functions and their derivatives, by the codes of the table in src/kernels/unary.ts.

fn value(op: u32, x: f32) -> f32 {
  switch (op) {
    case 0u: { return -x; }
    case 1u: { return abs(x); }
    case 2u: { return exp(x); }
    case 3u: { return log(x); }
    case 4u: { return sqrt(x); }
    case 5u: { return x * x; }
    case 6u: { return 1.0 / x; }
    case 7u: { return stable_tanh(x); }
    case 8u: { return sigmoid(x); }
    case 9u: { return max(x, 0.0); }
    case 10u: { return sin(x); }
    case 11u: { return cos(x); }
    case 12u: { return softplus(x); }
    default: { return x; }
  }
}

fn derivative(op: u32, x: f32, y: f32) -> f32 {
  switch (op) {
    case 0u: { return -1.0; }
    case 1u: { return sign(x); }
    case 2u: { return y; }
    case 3u: { return 1.0 / x; }
    case 4u: { return 0.5 / y; }
    case 5u: { return 2.0 * x; }
    case 6u: { return -y * y; }
    case 7u: { return 1.0 - y * y; }
    case 8u: { return y * (1.0 - y); }
    case 9u: { return select(0.0, 1.0, x > 0.0); }
    case 10u: { return cos(x); }
    case 11u: { return -sin(x); }
    case 12u: { return sigmoid(x); }
    default: { return 1.0; }
  }
}

// log(1 + exp(x)) without overflow.
fn softplus(x: f32) -> f32 {
  let e = exp(-abs(x));
  // Below, 1 + e loses e to rounding; e - e^2 / 2 is log(1 + e) there.
  return max(x, 0.0) + select(log(1.0 + e), e - 0.5 * e * e, e < 1e-3);
}
