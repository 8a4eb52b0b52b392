#!/usr/bin/env python3
"""PyTorch's side of the benchmark: answers one line of JSON with another.

Usage: torch_worker.py [--device cpu|cuda] [--threads N] [--tf32]

The model is that of scripts/pytorch_char_lm.py; bench/process.mjs is the other end.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import torch  # noqa: E402
from torch import nn  # noqa: E402

from pytorch_char_lm import CharModel, detach, mean_loss, to_streams, windows  # noqa: E402

FIRST_CODE_POINT = 32


def find_blas():
    """The library of matrix products: PyTorch's own builds have MKL, Debian's takes the system's."""
    if torch.backends.mkl.is_available():
        return "MKL"
    torch.ones(2, 2) @ torch.ones(2, 2)
    try:
        mapped = Path("/proc/self/maps").read_text()
    except OSError:
        return "unknown BLAS"
    for library in ("openblas", "blis", "atlas"):
        if library in mapped:
            return library
    return "reference BLAS, which is slow: install libopenblas0-pthread"


class Worker:
    def __init__(self, options):
        self.device = torch.device(options.device)
        torch.set_num_threads(options.threads)
        torch.backends.cuda.matmul.allow_tf32 = options.tf32
        torch.backends.cudnn.allow_tf32 = options.tf32
        self.options = options

    def begin(self, job):
        self.job = job
        torch.manual_seed(job["seed"])
        tokens = torch.tensor([ord(character) - FIRST_CODE_POINT for character in job["text"]])
        self.streams = to_streams(tokens.to(self.device), job["batch"])
        self.batches = windows(self.streams, job["seq"])
        self.model = CharModel(
            job["cell"], job["vocabulary"], job["hidden"], job["hidden"], job["layers"]
        ).to(self.device)
        # One kernel for all parameters: the fastest on a GPU, where this version has it.
        fused = {"fused": True} if self.device.type == "cuda" else {}
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=job["lr"], **fused)
        self.state = None
        self.wait()
        return {"on": self.describe()}

    def describe(self):
        name = f"PyTorch {torch.__version__}"
        if self.device.type == "cpu":
            count = torch.get_num_threads()
            return f"{name}, {count} thread{'s' if count > 1 else ''}, {find_blas()}"
        tf32 = "on" if self.options.tf32 else "off"
        cudnn = torch.backends.cudnn.version()
        return f"{name}, cuDNN {cudnn}, TF32 {tf32}, {torch.cuda.get_device_name()}"

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def turn(self, steps):
        if self.job["kind"] == "sample":
            return self.sample(steps)
        if self.job["kind"] == "eval":
            return self.evaluate(steps)
        losses = []
        began = time.perf_counter()
        for _ in range(steps):
            losses.append(self.step())
        self.wait()
        seconds = time.perf_counter() - began
        return {"milliseconds": 1000 * seconds / steps, "loss": torch.stack(losses).mean().item()}

    def step(self):
        inputs, targets, first = next(self.batches)
        logits, state = self.model(inputs, None if first else self.state)
        self.state = detach(state)
        loss = mean_loss(logits, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.job["clip"])
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def sample(self, count):
        self.model.eval()
        last, state = torch.zeros(1, 1, dtype=torch.long, device=self.device), None
        began = time.perf_counter()
        for _ in range(count):
            logits, state = self.model(last, state)
            last = torch.multinomial(logits[:, -1].softmax(-1), 1)
            # The character is wanted on the host, as it is drawn.
            last.item()
        seconds = time.perf_counter() - began
        return {"milliseconds": 1000 * seconds / count, "loss": None}

    @torch.inference_mode()
    def evaluate(self, windows):
        """Forward alone over the beginning of the text, and the mean loss."""
        self.model.eval()
        size = self.job["seq"]
        inputs, targets = (part[:, : windows * size] for part in self.streams)
        losses, state = [], None
        began = time.perf_counter()
        for x, y in zip(inputs.split(size, dim=1), targets.split(size, dim=1)):
            logits, state = self.model(x, state)
            losses.append(mean_loss(logits, y))
        loss = torch.stack(losses).mean().item()
        seconds = time.perf_counter() - began
        return {"milliseconds": 1000 * seconds / (windows * size), "loss": loss}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tf32", action="store_true")
    worker = Worker(parser.parse_args())
    for line in sys.stdin:
        try:
            message = json.loads(line)
            if message["call"] == "begin":
                reply = worker.begin(message["job"])
            elif message["call"] == "turn":
                reply = worker.turn(message["steps"])
            else:
                reply = {}
        except Exception as error:  # whatever PyTorch throws is told to the other end
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
