#!/usr/bin/env python3
"""Write what PyTorch's recurrent layers give for every combination of their arguments.

Usage: python3 scripts/make_recurrent_fixtures.py

The files, test/fixtures/recurrent.json and recurrent_large.json, hold results alone. Parameters,
inputs and cotangents come from one formula, `values` here and in test/setup/formula.ts: element i of
a tensor is a hash of the tensor's name and of i, a multiple of 2^-15 in [-1, 1), which float32 holds.

recurrent.json is {"program", "torch", "input", "hidden", "time", "cases": [...]}; a case has

  op           LSTM, GRU or RNN
  options      its options, in camelCase; batchFirst is left to the tests, which transpose
  batch        number of sequences
  lengths      of the sequences, or null: all are `time` long
  packed       with lengths: batchSizes, sortedIndices and unsortedIndices of the packed sequence
  values       float32, little endian, base64: the outputs y, hn and (LSTM) cn, then the gradients of
               x, h0 and (LSTM) c0 and of each parameter in the order of the state_dict

The initial state is not zero. The loss is the sum of output * values("d" + its name) over all outputs.
With lengths, x goes through pack_padded_sequence(enforce_sorted=False), and the output through
pad_packed_sequence(total_length=time). Results are computed in double and rounded to float32.

recurrent_large.json is one long, wide LSTM. For each tensor that a case above lists it has

  norm         square root of the sum of squares
  projections  the sum of tensor * values("projection k"), for k = 0, 1, ...
"""

import base64
import itertools
import json
import zlib
from pathlib import Path

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FIXTURES = Path(__file__).resolve().parents[1] / "test" / "fixtures"
HEAD = {"program": "scripts/make_recurrent_fixtures.py", "torch": str(torch.__version__)}

INPUT, HIDDEN, TIME, BATCH = 3, 4, 5, 2
# The last is not sorted, and shorter than the padded input.
LENGTHS = (None, [5, 3], [5, 3, 3, 2, 2], [2, 4, 3, 3, 1])
KINDS = (
    ("LSTM", {"projSize": 0}),
    ("LSTM", {"projSize": 2}),
    ("GRU", {}),
    ("RNN", {"nonlinearity": "tanh"}),
    ("RNN", {"nonlinearity": "relu"}),
)
TORCH_NAMES = {"numLayers": "num_layers", "projSize": "proj_size"}

LARGE = {"input": 64, "hidden": 512, "time": 200, "batch": 32}
# Parameters are the formula's times this, near the 1 / sqrt(hidden) that layers start with.
LARGE_SCALE = 1 / 16
PROJECTIONS = 2


def values(name, shape):
    """The tensor of that name and shape; murmur3's finalizer of the name's CRC-32 and the index."""
    u = torch.arange(torch.Size(shape).numel()) * 0x9E3779B1 + zlib.crc32(name.encode())
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        u = u & 0xFFFFFFFF
        u = (u ^ (u >> shift)) * factor
    return (((u & 0xFFFF) - 0x8000).double() / 0x8000).reshape(shape)


def results(op, options, input_size, hidden, time, batch, lengths=None, scale=1):
    """Outputs and gradients by name, the latter as "dx"; and the packed input, with lengths."""
    arguments = {TORCH_NAMES.get(name, name): value for name, value in options.items()}
    module = getattr(torch.nn, op)(input_size, hidden, **arguments).double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values(name, parameter.shape) * scale)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    x = values("x", (time, batch, input_size)).requires_grad_()
    h0 = values("h0", (rows, batch, module.proj_size or hidden)).requires_grad_()
    c0 = values("c0", (rows, batch, hidden)).requires_grad_()
    state = (h0, c0) if op == "LSTM" else h0
    packed = lengths and pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    y, last = module(packed or x, state)
    if packed:
        y, _ = pad_packed_sequence(y, total_length=time)
    outputs = dict(zip(("y", "hn", "cn"), (y, *last) if op == "LSTM" else (y, last)))
    leaves = {"x": x, "h0": h0, "c0": c0} if op == "LSTM" else {"x": x, "h0": h0}
    leaves |= dict(module.named_parameters())
    cotangents = [values("d" + name, output.shape) for name, output in outputs.items()]
    gradients = torch.autograd.grad(list(outputs.values()), list(leaves.values()), cotangents)
    named = dict(zip(("d" + name for name in leaves), gradients))
    return {k: v.detach() for k, v in {**outputs, **named}.items()}, packed


def case(op, options, lengths):
    batch = len(lengths) if lengths else BATCH
    tensors, packed = results(op, options, INPUT, HIDDEN, TIME, batch, lengths)
    flat = torch.cat([tensor.flatten() for tensor in tensors.values()]).float()
    # Adding zero turns -0 to 0.
    encoded = base64.b64encode((flat + 0).numpy().astype("<f4").tobytes()).decode()
    indices = packed and {
        "batchSizes": packed.batch_sizes.tolist(),
        "sortedIndices": packed.sorted_indices.tolist(),
        "unsortedIndices": packed.unsorted_indices.tolist(),
    }
    head = {"op": op, "options": options, "batch": batch, "lengths": lengths}
    return {**head, "packed": indices, "values": encoded}


def cases():
    return [
        case(op, {"numLayers": layers, "bias": bias, "bidirectional": both, **extra}, lengths)
        for (op, extra), layers, bias, both, lengths in itertools.product(
            KINDS, (1, 2, 3), (True, False), (False, True), LENGTHS
        )
    ]


def large():
    sizes = [LARGE[name] for name in ("input", "hidden", "time", "batch")]
    tensors, _ = results("LSTM", {}, *sizes, scale=LARGE_SCALE)
    return {
        name: {
            "norm": tensor.norm().item(),
            "projections": [
                (tensor * values(f"projection {k}", tensor.shape)).sum().item()
                for k in range(PROJECTIONS)
            ],
        }
        for name, tensor in tensors.items()
    }


def write(file_name, head, name, items):
    lines = ",\n".join(items)
    text = json.dumps({**HEAD, **head})[:-1] + f', "{name}": ' + lines + "}\n"
    (FIXTURES / file_name).write_text(text)
    print(f"{file_name}: {len(text)} bytes")


def main():
    torch.set_num_threads(1)
    encoded = [json.dumps(item, separators=(",", ":")) for item in cases()]
    sizes = {"input": INPUT, "hidden": HIDDEN, "time": TIME}
    write("recurrent.json", sizes, "cases", ["[\n" + ",\n".join(encoded) + "\n]"])
    write(
        "recurrent_large.json",
        {**LARGE, "scale": LARGE_SCALE},
        "tensors",
        [json.dumps(large(), indent=1)],
    )


if __name__ == "__main__":
    main()
