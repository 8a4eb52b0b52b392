#!/usr/bin/env python3
"""Train the reference character model in PyTorch, to compare losses and speed with.

Usage: python3 scripts/pytorch_char_lm.py [--cell lstm|gru|rnn] [--steps N] [--seed N] FILE

The model is an embedding, one recurrent layer and a linear layer onto the vocabulary (the
text's code points, sorted). The first 90% of the text trains it, as contiguous streams whose
state is carried from window to window, without its gradient, and reset at the streams' end;
a window that would cross the end is dropped. The rest validates it, as one stream, so that each
character but its first is predicted from all that stands before it.

Every --eval-every steps it prints one JSON object a line: the step, that step's training loss
and the validation loss, both in nats per character, and the milliseconds a training step took
on average since the line before.
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn

# Characters of the validation text that are computed at once: it decides memory, not the loss.
VALIDATION_WINDOW = 1000

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class CharModel(nn.Module):
    def __init__(self, cell, vocabulary_size, embedding_size, hidden_size, layers=1):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = LAYERS[cell](embedding_size, hidden_size, layers, batch_first=True)
        self.output = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, ids, state):
        hidden, state = self.recurrent(self.embedding(ids), state)
        return self.output(hidden), state


def read_tokens(path):
    """The text as token ids, and the size of its vocabulary."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    ids = {character: i for i, character in enumerate(sorted(set(text)))}
    return torch.tensor([ids[character] for character in text]), len(ids)


def to_streams(tokens, count):
    """Inputs and targets, [count, length] each: consecutive pieces, the targets one ahead."""
    length = (len(tokens) - 1) // count
    inputs = tokens[: count * length].view(count, length)
    targets = tokens[1 : count * length + 1].view(count, length)
    return inputs, targets


def detach(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def mean_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def windows(streams, size):
    """Endless (inputs, targets, first), where first says that the streams start again."""
    inputs, targets = streams
    while True:
        for start in range(0, inputs.shape[1] - size + 1, size):
            part = slice(start, start + size)
            yield inputs[:, part], targets[:, part], start == 0


@torch.no_grad()
def evaluate(model, streams, size):
    """The mean loss over streams from a zero state to their end, the last short window included."""
    total, state = 0.0, None
    for inputs, targets in zip(*(part.split(size, dim=1) for part in streams)):
        logits, state = model(inputs, state)
        total += mean_loss(logits, targets).item() * targets.numel()
    return total / streams[1].numel()


def train(options):
    tokens, vocabulary_size = read_tokens(options.file)
    boundary = len(tokens) * 9 // 10
    training = to_streams(tokens[:boundary], options.batch)
    validation = to_streams(tokens[boundary:], 1)
    if training[0].shape[1] < options.seq or validation[0].shape[1] == 0:
        raise SystemExit(f"{options.file}: too short for this batch and window")

    torch.manual_seed(options.seed)
    model = CharModel(options.cell, vocabulary_size, options.embedding, options.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)

    state, seconds, timed_steps = None, 0.0, 0
    batches = windows(training, options.seq)
    for step in range(1, options.steps + 1):
        began = time.perf_counter()
        inputs, targets, first = next(batches)
        logits, state = model(inputs, None if first else state)
        state = detach(state)
        loss = mean_loss(logits, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), options.clip)
        optimizer.step()
        seconds += time.perf_counter() - began
        timed_steps += 1

        if step % options.eval_every == 0:
            record = {
                "step": step,
                "loss": round(loss.item(), 6),
                "valLoss": round(evaluate(model, validation, VALIDATION_WINDOW), 6),
                "msPerStep": round(1000 * seconds / timed_steps, 3),
            }
            print(json.dumps(record), flush=True)
            seconds, timed_steps = 0.0, 0


def parse_options():
    parser = argparse.ArgumentParser(
        description="Train the reference character model in PyTorch.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="a UTF-8 text")
    parser.add_argument("--cell", choices=sorted(LAYERS), default="lstm")
    parser.add_argument("--embedding", type=int, default=128)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32, help="number of streams")
    parser.add_argument("--seq", type=int, default=50, help="characters in a window")
    parser.add_argument("--lr", type=float, default=2e-3, help="Adam's learning rate")
    parser.add_argument("--clip", type=float, default=5.0, help="largest norm of the gradients")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--eval-every", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    train(options)


if __name__ == "__main__":
    main()
