#!/usr/bin/env python3
"""Write the PyTorch reference values that the tests compare with, to test/fixtures/.

Usage: python3 scripts/make_fixtures.py

Every file is {"program", "torch", "cases": [...]}, and every case has

  name         unique within its file; it also seeds the case's random numbers
  op           what is under test: a module, a function, an optimizer or a schedule
  options      its options, in camelCase
  inputs       tensors by name
  parameters   tensors by PyTorch's state_dict name
  outputs      the expected tensors by name
  cotangents   one tensor per output: the loss is the sum of cotangent * output
  gradients    the loss's gradient for each floating-point input and each parameter

A tensor is {"shape", "data"}, with "dtype": "i32" or "bool" where it is not floating point.
All inputs are float32 values; the results are computed in double and rounded to float32.

In optim.json nothing is differentiated, and there are no cotangents:

  optimizers   parameters are the initial values, gradients are given, and outputs are the
               values after each step; both have a leading axis of steps
  clipping     gradients are given; outputs are the clipped ones (clipGradNorm also: "norm")
  schedules    outputs.lr[k] is the rate in force after k calls of the scheduler's step()
"""

import itertools
import json
import re
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F

FIXTURES = Path(__file__).resolve().parents[1] / "test" / "fixtures"

INPUT, HIDDEN, BATCH = 3, 4, 2
SMALLEST_NORMAL = torch.finfo(torch.float32).tiny


# Encoding


def number(value):
    """A float32 with nine significant digits, which identify it; no subnormal or negative zero."""
    return 0.0 if abs(value) < SMALLEST_NORMAL else float("%.9g" % value)


def encode(tensor):
    flat = tensor.detach().flatten()
    encoded = {"shape": list(tensor.shape)}
    if tensor.dtype.is_floating_point:
        encoded["data"] = [number(value) for value in flat.float().tolist()]
        if not torch.isfinite(flat).all():
            raise ValueError("a fixture holds a value that JSON cannot carry")
    else:
        encoded["dtype"] = "bool" if tensor.dtype == torch.bool else "i32"
        encoded["data"] = [int(value) for value in flat.tolist()]
    return encoded


def encode_all(tensors):
    return {name: encode(tensor) for name, tensor in tensors.items()}


def write(file_name, cases):
    names = [case["name"] for case in cases]
    if len(set(names)) != len(names):
        raise ValueError(f"{file_name}: two cases share a name")
    head = {"program": "scripts/make_fixtures.py", "torch": str(torch.__version__)}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    path = FIXTURES / file_name
    path.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    print(f"{file_name}: {len(cases)} cases, {path.stat().st_size} bytes")


# Building cases


def seed(name):
    torch.manual_seed(zlib.crc32(name.encode()))


def normal(*shape):
    """Normal float32 values, held in double."""
    return torch.randn(shape, dtype=torch.float32).double()


def positive(*shape):
    return normal(*shape).abs().add(0.5).float().double()


def snake_case(options):
    return {re.sub("([A-Z])", lambda m: "_" + m[1].lower(), k): v for k, v in options.items()}


def differentiated(name, op, options, inputs, forward, parameters=None):
    """The case of `forward(**inputs)`, which returns a tensor (named y) or a dict of tensors."""
    parameters = parameters or {}
    leaves = {k: v for k, v in {**inputs, **parameters}.items() if v.dtype.is_floating_point}
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    outputs = forward(**inputs)
    if isinstance(outputs, torch.Tensor):
        outputs = {"y": outputs}
    cotangents = {k: normal(*output.shape) for k, output in outputs.items()}
    gradients = torch.autograd.grad(
        list(outputs.values()), list(leaves.values()), list(cotangents.values())
    )
    return {
        "name": name,
        "op": op,
        "options": options,
        "inputs": encode_all(inputs),
        "parameters": encode_all(parameters),
        "outputs": encode_all(outputs),
        "cotangents": encode_all(cotangents),
        "gradients": encode_all(dict(zip(leaves, gradients))),
    }


def label(op, options):
    skipped = ("inputSize", "hiddenSize")
    return " ".join([op] + [f"{k}={json.dumps(v)}" for k, v in options.items() if k not in skipped])


# Recurrent cells; make_recurrent_fixtures.py has the layers


def cell_case(op, extra, scale):
    options = {"inputSize": INPUT, "hiddenSize": HIDDEN, **extra}
    name = label(op, options) + (" saturated" if scale != 1 else "")
    seed(name)
    module = getattr(torch.nn, op)(**snake_case(options)).double()
    x = (normal(BATCH, INPUT) * scale).float().double()
    inputs = {"x": x, "h0": normal(BATCH, HIDDEN)}
    if op == "LSTMCell":
        inputs["c0"] = normal(BATCH, HIDDEN)

    def forward(x, h0, c0=None):
        if c0 is None:
            return {"hn": module(x, h0)}
        hn, cn = module(x, (h0, c0))
        return {"hn": hn, "cn": cn}

    return differentiated(name, op, options, inputs, forward, dict(module.named_parameters()))


def cell_cases():
    kinds = [
        ("RNNCell", {"nonlinearity": "tanh"}),
        ("RNNCell", {"nonlinearity": "relu"}),
        ("LSTMCell", {}),
        ("GRUCell", {}),
    ]
    return [
        cell_case(op, {"bias": bias, **extra}, scale)
        for (op, extra), bias, scale in itertools.product(kinds, (True, False), (1, 1e3))
    ]


# Operations


class Cases(list):
    """A list of cases; `add` seeds the generator from the name before it makes the inputs."""

    def add(self, name, op, options, make_inputs, forward):
        name = f"{op} {name}"
        seed(name)
        self.append(differentiated(name, op, options, make_inputs(), forward))


def matmul_cases(cases):
    shapes = {
        "2d": ((2, 3), (3, 4)),
        "batched": ((2, 3, 4), (2, 4, 5)),
        "broadcast": ((2, 1, 3, 4), (5, 4, 2)),
        "batched by matrix": ((2, 3, 4), (4, 5)),
        "matrix by batched": ((3, 4), (2, 4, 5)),
        "matrix by vector": ((3, 4), (4,)),
        "vector by matrix": ((3,), (3, 4)),
        "dot": ((4,), (4,)),
    }
    for name, (a, b) in shapes.items():
        cases.add(
            name,
            "matmul",
            {"transposeA": False, "transposeB": False},
            lambda: {"a": normal(*a), "b": normal(*b)},
            lambda a, b: a @ b,
        )

    transposed = {"2d": ((3, 4), (4, 5)), "broadcast": ((2, 1, 3, 4), (5, 4, 2))}
    for name, (a, b) in transposed.items():
        for transpose_a, transpose_b in ((True, False), (False, True), (True, True)):
            a_stored = (*a[:-2], a[-1], a[-2]) if transpose_a else a
            b_stored = (*b[:-2], b[-1], b[-2]) if transpose_b else b
            cases.add(
                f"{name} transposed {'a' * transpose_a}{'b' * transpose_b}",
                "matmul",
                {"transposeA": transpose_a, "transposeB": transpose_b},
                lambda: {"a": normal(*a_stored), "b": normal(*b_stored)},
                lambda a, b: (a.mT if transpose_a else a) @ (b.mT if transpose_b else b),
            )


def linear_cases(cases):
    for name, shape in {"2d": (5, 3), "3d": (2, 5, 3)}.items():
        cases.add(
            f"{name} with bias",
            "linear",
            {},
            lambda: {"x": normal(*shape), "weight": normal(4, 3), "bias": normal(4)},
            lambda x, weight, bias: F.linear(x, weight, bias),
        )
        cases.add(
            f"{name} without bias",
            "linear",
            {},
            lambda: {"x": normal(*shape), "weight": normal(4, 3)},
            lambda x, weight: F.linear(x, weight),
        )


def softmax_cases(cases):
    for op, function in {"softmax": F.softmax, "logSoftmax": F.log_softmax}.items():
        for dim in (0, 1, -1):
            cases.add(
                f"dim {dim}",
                op,
                {"dim": dim},
                lambda: {"x": normal(2, 3, 4)},
                lambda x: function(x, dim),
            )
        cases.add(
            "large inputs",
            op,
            {"dim": 1},
            lambda: {"x": (normal(2, 3, 4) * 50 + 1000).float().double()},
            lambda x: function(x, 1),
        )


def cross_entropy_cases(cases):
    def add(name, shape, target, reduction):
        options = {"reduction": reduction, "ignoreIndex": -100}
        cases.add(
            f"{name} {reduction}",
            "crossEntropy",
            options,
            lambda: {"logits": normal(*shape), "target": torch.tensor(target)},
            lambda logits, target: F.cross_entropy(logits, target, **snake_case(options)),
        )

    for reduction in ("mean", "sum", "none"):
        add("plain", (6, 5), [0, 4, 2, 2, 1, 3], reduction)
        add("some ignored", (6, 5), [0, -100, 2, -100, 1, 3], reduction)
        add("classes in the middle", (2, 5, 3), [[0, 4, -100], [2, 2, 1]], reduction)
    for reduction in ("sum", "none"):  # the mean of no target is NaN
        add("all ignored", (3, 5), [-100, -100, -100], reduction)

    def add_weighted(name, shape, target, reduction, weight, smoothing, ignore=-100):
        options = {"reduction": reduction, "ignoreIndex": ignore, "labelSmoothing": smoothing}
        weights = torch.tensor(weight).double() if weight else None
        cases.add(
            f"{name} {reduction}",
            "crossEntropy",
            {**options, **({"weight": weight} if weight else {})},
            lambda: {"logits": normal(*shape), "target": torch.tensor(target)},
            lambda logits, target: F.cross_entropy(
                logits, target, weight=weights, **snake_case(options)
            ),
        )

    weight = [1.0, 0.25, 3.0, 0.0, 2.0]
    middle = [[0, 4, 1], [2, 3, 1]]
    for reduction in ("mean", "sum", "none"):
        add_weighted("weighted", (6, 5), [0, 4, -100, 2, 1, 3], reduction, weight, 0.0)
        add_weighted("smoothed", (6, 5), [0, 4, -100, 2, 1, 3], reduction, None, 0.1)
        add_weighted("weighted, smoothed", (6, 5), [0, 4, -100, 2, 1, 3], reduction, weight, 0.3)
        add_weighted("weighted, smoothed, in the middle", (2, 5, 3), middle, reduction, weight, 0.3, 1)
        add_weighted("smoothed alone", (3, 5), [0, 4, 2], reduction, weight, 1.0)


def ctc_cases(cases):
    """Through log_softmax, for there alone PyTorch's gradient is that of the loss."""

    def add(name, shape, target, lengths, **options):
        cases.add(
            name,
            "ctcLoss",
            {"inputLengths": lengths[0], "targetLengths": lengths[1], **options},
            lambda: {"logits": normal(*shape), "targets": torch.tensor(target)},
            lambda logits, targets: F.ctc_loss(
                logits.log_softmax(2), targets, *lengths, **snake_case(options)
            ),
        )

    padded = [[1, 1, 2, 1], [4, 3, 0, 0], [2, 2, 2, 0]]
    lengths = [[12, 7, 10], [4, 2, 3]]
    for reduction in ("mean", "sum", "none"):
        add(f"padded {reduction}", (12, 3, 5), padded, lengths, reduction=reduction)
    add("concatenated", (12, 3, 5), [1, 1, 2, 1, 4, 3, 2, 2, 2], lengths)
    add("blank in the middle", (8, 2, 4), [[0, 0, 3], [1, 3, 1]], [[8, 5], [3, 3]], blank=2)
    add("no labels", (6, 2, 4), [[1, 2], [0, 0]], [[6, 4], [2, 0]])
    add(
        "no path",
        (6, 2, 4),
        [[1, 1, 2], [3, 3, 3]],
        [[6, 4], [3, 3]],
        zeroInfinity=True,
        reduction="none",
    )


def pointwise_loss_cases(cases):
    functions = {
        "mseLoss": F.mse_loss,
        "l1Loss": F.l1_loss,
        "binaryCrossEntropyWithLogits": F.binary_cross_entropy_with_logits,
    }
    for op, function in functions.items():
        for reduction in ("mean", "sum", "none"):
            cases.add(
                reduction,
                op,
                {"reduction": reduction},
                lambda: {"input": normal(2, 3, 4), "target": torch.rand(2, 3, 4).double()},
                lambda input, target: function(input, target, reduction=reduction),
            )
    cases.add(
        "large logits",
        "binaryCrossEntropyWithLogits",
        {"reduction": "none"},
        lambda: {
            "input": torch.tensor([0.0, 0.0, 30.0, 30.0, -30.0, -30.0, 1000.0, -1000.0]).double(),
            "target": torch.tensor([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]).double(),
        },
        lambda input, target: F.binary_cross_entropy_with_logits(input, target, reduction="none"),
    )


def reduction_cases(cases):
    functions = {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax}
    for op, function in functions.items():
        for dim, keepdim in itertools.product(([0], [1], [-1], [0, 2], [0, 1, 2]), (False, True)):
            cases.add(
                f"dim {dim}{' keepdim' if keepdim else ''}",
                op,
                {"dim": dim, "keepdim": keepdim},
                lambda: {"x": normal(2, 3, 4)},
                lambda x: function(x, dim=dim, keepdim=keepdim),
            )
    ties = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]
    cases.add(
        "ties share the gradient",
        "amax",
        {"dim": [1], "keepdim": False},
        lambda: {"x": torch.tensor(ties, dtype=torch.double)},
        lambda x: torch.amax(x, dim=1),
    )


def pointwise_cases(cases):
    functions = {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": torch.div,
        "pow": torch.pow,
    }
    shapes = {
        "same shape": ((2, 3), (2, 3)),
        "row": ((2, 3), (3,)),
        "column": ((2, 3), (2, 1)),
        "both stretched": ((2, 1, 3), (4, 1)),
        "scalar": ((2, 3), ()),
    }
    for op, function in functions.items():
        for name, (a, b) in shapes.items():
            cases.add(
                name,
                op,
                {},
                lambda: {
                    "a": positive(*a) if op == "pow" else normal(*a),
                    "b": positive(*b) if op == "div" else normal(*b),
                },
                lambda a, b: function(a, b),
            )

    for exponent, make in ((2, normal), (3, normal), (-1, positive), (0.5, positive)):
        cases.add(
            f"exponent {exponent}",
            "pow",
            {"exponent": exponent},
            lambda: {"a": make(2, 3)},
            lambda a: torch.pow(a, exponent),
        )

    for options in ({"min": -0.5, "max": 0.5}, {"min": -0.5}, {"max": 0.5}):
        points = [[-2.0, -0.5, 0.0, 0.25], [0.5, 2.0, -0.75, 0.75]]  # with both bounds
        cases.add(
            " ".join(f"{k} {v}" for k, v in options.items()),
            "clamp",
            options,
            lambda: {"x": torch.tensor(points, dtype=torch.double)},
            lambda x: torch.clamp(x, **options),
        )

    for name, (condition, a, b) in {
        "same shape": ((2, 3), (2, 3), (2, 3)),
        "broadcast": ((2, 1), (3,), (4, 1, 1)),
    }.items():
        cases.add(
            name,
            "where",
            {},
            lambda: {
                "condition": torch.arange(2 * condition[-1]).reshape(condition) % 2 == 0,
                "a": normal(*a),
                "b": normal(*b),
            },
            lambda condition, a, b: torch.where(condition, a, b),
        )


def movement_cases(cases):
    for dims in ([1, 0, 2], [2, 0, 1], [0, -1, 1]):
        cases.add(
            f"dims {dims}",
            "permute",
            {"dims": dims},
            lambda: {"x": normal(2, 3, 4)},
            lambda x: x.permute(dims),
        )

    for dim, start, end, step in ((0, 1, 2, 1), (1, 1, 5, 2), (2, 0, 3, 1), (-1, -3, -1, 1)):
        selected = (slice(None),) * (dim % 3) + (slice(start, end, step),)
        cases.add(
            f"dim {dim} {start}:{end}:{step}",
            "slice",
            {"dim": dim, "start": start, "end": end, "step": step},
            lambda: {"x": normal(2, 5, 4)},
            lambda x: x[selected],
        )

    for dim, c_shape in ((0, (3, 3, 2)), (1, (2, 1, 2)), (-1, (2, 3, 4))):
        cases.add(
            f"dim {dim}",
            "cat",
            {"dim": dim},
            lambda: {"a": normal(2, 3, 2), "b": normal(2, 3, 2), "c": normal(*c_shape)},
            lambda a, b, c: torch.cat((a, b, c), dim),
        )
    for dim in (0, 1, -1):
        cases.add(
            f"dim {dim}",
            "stack",
            {"dim": dim},
            lambda: {"a": normal(2, 3), "b": normal(2, 3), "c": normal(2, 3)},
            lambda a, b, c: torch.stack((a, b, c), dim),
        )


def indexing_cases(cases):
    for name, indices in {
        "repeated ids": [[1, 4, 1, 0], [4, 1, 2, 4]],
        "one dimension": [3, 3, 0],
    }.items():
        cases.add(
            name,
            "embedding",
            {},
            lambda: {"weight": normal(5, 3), "indices": torch.tensor(indices)},
            lambda weight, indices: F.embedding(indices, weight),
        )

    for dim, index in (
        (0, [[1, 0, 0], [0, 0, 1], [1, 1, 1]]),
        (1, [[2, 0, 2, 2], [1, 1, 0, 2]]),
        (-1, [[0, 0], [2, 1]]),
    ):
        cases.add(
            f"dim {dim}",
            "gather",
            {"dim": dim},
            lambda: {"x": normal(2, 3), "index": torch.tensor(index)},
            lambda x, index: torch.gather(x, dim, index),
        )
        index_shape = torch.tensor(index).shape
        cases.add(
            f"dim {dim}",
            "scatterAdd",
            {"dim": dim},
            lambda: {"x": normal(2, 3), "index": torch.tensor(index), "src": normal(*index_shape)},
            lambda x, index, src: torch.scatter_add(x, dim, index, src),
        )


def op_cases():
    cases = Cases()
    matmul_cases(cases)
    linear_cases(cases)
    softmax_cases(cases)
    cross_entropy_cases(cases)
    ctc_cases(cases)
    pointwise_loss_cases(cases)
    reduction_cases(cases)
    pointwise_cases(cases)
    movement_cases(cases)
    indexing_cases(cases)
    return cases


# Optimizers, clipping and schedules

OPTIM_SHAPES = {"w": (3, 2), "b": (4,)}
OPTIM_STEPS = 5
SCHEDULE_STEPS = 20


def optim_case(name, op, options, parameters, gradients, outputs):
    return {
        "name": name,
        "op": op,
        "options": options,
        "inputs": {},
        "parameters": encode_all(parameters),
        "outputs": encode_all(outputs),
        "gradients": encode_all(gradients),
    }


def trajectory_case(variant, op, options):
    name = f"{op} {variant}"
    seed(name)
    initial = {k: normal(*shape) for k, shape in OPTIM_SHAPES.items()}
    gradients = {k: normal(OPTIM_STEPS, *shape) for k, shape in OPTIM_SHAPES.items()}
    gradients["b"][:, 0] = 0  # an element that never has a gradient
    parameters = {k: torch.nn.Parameter(v.clone()) for k, v in initial.items()}
    optimizer = getattr(torch.optim, op)(parameters.values(), **snake_case(options))
    history = {k: [] for k in parameters}
    for step in range(OPTIM_STEPS):
        for k, parameter in parameters.items():
            parameter.grad = gradients[k][step].clone()
        optimizer.step()
        for k, parameter in parameters.items():
            history[k].append(parameter.detach().clone())
    outputs = {k: torch.stack(values) for k, values in history.items()}
    return optim_case(name, op, options, initial, gradients, outputs)


def clip_case(variant, op, options, scale):
    name = f"{op} {variant}"
    seed(name)
    gradients = {k: (normal(*s) * scale).float().double() for k, s in OPTIM_SHAPES.items()}
    parameters = {k: torch.nn.Parameter(torch.zeros_like(v)) for k, v in gradients.items()}
    for k, parameter in parameters.items():
        parameter.grad = gradients[k].clone()
    outputs = {}
    if op == "clipGradNorm":
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), **snake_case(options))
        outputs["norm"] = norm
    else:
        torch.nn.utils.clip_grad_value_(parameters.values(), **snake_case(options))
    outputs.update({k: parameter.grad for k, parameter in parameters.items()})
    return optim_case(name, op, options, {}, gradients, outputs)


def schedule_case(variant, op, options):
    arguments = snake_case(options)
    if op == "CosineAnnealingLR":
        arguments["T_max"] = arguments.pop("t_max")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=arguments.pop("lr"))
    schedule = getattr(torch.optim.lr_scheduler, op)(optimizer, **arguments)
    rates = []
    for _ in range(SCHEDULE_STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    outputs = {"lr": torch.tensor(rates, dtype=torch.double)}
    return optim_case(f"{op} {variant}", op, options, {}, {}, outputs)


def optim_cases():
    sgd = {"lr": 0.1, "momentum": 0, "dampening": 0, "weightDecay": 0, "nesterov": False}
    adagrad = {"lr": 0.1, "lrDecay": 0, "weightDecay": 0, "eps": 1e-10}
    rmsprop = {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "weightDecay": 0}
    rmsprop |= {"momentum": 0, "centered": False}
    adam = {"lr": 0.002, "betas": [0.9, 0.999], "eps": 1e-8, "weightDecay": 0}

    trajectories = [
        ("plain", "SGD", sgd),
        ("momentum", "SGD", {**sgd, "momentum": 0.9}),
        ("dampening", "SGD", {**sgd, "momentum": 0.9, "dampening": 0.5}),
        ("nesterov", "SGD", {**sgd, "momentum": 0.9, "nesterov": True}),
        ("weight decay", "SGD", {**sgd, "weightDecay": 0.1}),
        ("momentum and weight decay", "SGD", {**sgd, "momentum": 0.9, "weightDecay": 0.1}),
        ("plain", "Adagrad", adagrad),
        ("lr decay", "Adagrad", {**adagrad, "lrDecay": 0.1}),
        ("weight decay", "Adagrad", {**adagrad, "weightDecay": 0.1}),
        ("plain", "RMSprop", rmsprop),
        ("momentum", "RMSprop", {**rmsprop, "momentum": 0.9}),
        ("centered", "RMSprop", {**rmsprop, "centered": True}),
        ("centered momentum", "RMSprop", {**rmsprop, "centered": True, "momentum": 0.9}),
        ("weight decay", "RMSprop", {**rmsprop, "weightDecay": 0.1}),
        ("plain", "Adam", adam),
        ("weight decay", "Adam", {**adam, "weightDecay": 0.1}),
        ("plain", "AdamW", {**adam, "weightDecay": 0.01}),
        ("strong decay", "AdamW", {**adam, "lr": 0.1, "weightDecay": 0.5}),
    ]
    clips = [
        ("clipping", "clipGradNorm", {"maxNorm": 1.0}, 2),
        ("not clipping", "clipGradNorm", {"maxNorm": 1.0}, 0.05),
        ("clipping", "clipGradValue", {"clipValue": 0.5}, 1),
    ]
    schedules = [
        ("halving", "StepLR", {"lr": 0.1, "stepSize": 6, "gamma": 0.5}),
        ("plain", "ExponentialLR", {"lr": 0.1, "gamma": 0.9}),
        ("whole period", "CosineAnnealingLR", {"lr": 0.1, "tMax": 20, "etaMin": 0.001}),
        ("past its end", "CosineAnnealingLR", {"lr": 0.1, "tMax": 8, "etaMin": 0}),
        ("warm-up", "LinearLR", {"lr": 0.1, "startFactor": 0.1, "endFactor": 1.0, "totalIters": 8}),
    ]
    return (
        [trajectory_case(*arguments) for arguments in trajectories]
        + [clip_case(*arguments) for arguments in clips]
        + [schedule_case(*arguments) for arguments in schedules]
    )


def main():
    torch.set_num_threads(1)
    write("cells.json", cell_cases())
    write("ops.json", op_cases())
    write("optim.json", optim_cases())


if __name__ == "__main__":
    main()
