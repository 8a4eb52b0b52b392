// The binary functions and their derivatives, by the codes of the table in src/kernels/binary.ts.

fn value(op: u32, a: f32, b: f32) -> f32 {
  switch (op) {
    case 0u: { return a + b; }
    case 1u: { return a - b; }
    case 2u: { return a * b; }
    case 3u: { return a / b; }
    case 4u: { return max(a, b); }
    case 5u: { return min(a, b); }
    case 6u: { return power(a, b); }
    case 7u: { return max(a, 0.0) - a * b + log(1.0 + exp(-abs(a))); }
    case 8u: { return select(0.0, 1.0, a > b); }
    case 9u: { return select(0.0, 1.0, a >= b); }
    case 10u: { return select(0.0, 1.0, a < b); }
    case 11u: { return select(0.0, 1.0, a <= b); }
    case 12u: { return select(0.0, 1.0, a == b); }
    case 13u: { return select(0.0, 1.0, a != b); }
    default: { return 0.0; }
  }
}

fn derivative_a(op: u32, a: f32, b: f32) -> f32 {
  switch (op) {
    case 0u, 1u: { return 1.0; }
    case 2u: { return b; }
    case 3u: { return 1.0 / b; }
    case 4u: { return share(a > b, a == b); }
    case 5u: { return share(a < b, a == b); }
    case 6u: { return select(b * power(a, b - 1.0), 0.0, b == 0.0); }
    case 7u: { return sigmoid(a) - b; }
    default: { return 0.0; }
  }
}

fn derivative_b(op: u32, a: f32, b: f32) -> f32 {
  switch (op) {
    case 0u: { return 1.0; }
    case 1u: { return -1.0; }
    case 2u: { return a; }
    case 3u: { return -a / (b * b); }
    case 4u: { return share(b > a, a == b); }
    case 5u: { return share(b < a, a == b); }
    case 6u: { return select(power(a, b) * log(a), 0.0, a == 0.0); }
    case 7u: { return -a; }
    default: { return 0.0; }
  }
}

// Equal operands of max and min share the gradient.
fn share(wins: bool, ties: bool) -> f32 {
  return select(select(0.0, 1.0, wins), 0.5, ties);
}

// WGSL's pow takes no negative base; with an integer exponent the sign is that of its parity.
fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (a == 0.0) { return select(0.0, 1.0 / abs(a), b < 0.0); }
  let magnitude = pow(abs(a), b);
  let odd = abs(b) % 2.0 == 1.0;
  return select(magnitude, -magnitude, a < 0.0 && odd);
}
