#!/usr/bin/env python3
"""PyTorch's side of bench/ctc.mjs: answers one line of JSON with another, as torch_worker.py does.

Usage: torch_ctc.py [--threads N]
"""

import argparse
import json
import sys
import time

import torch
from torch.nn.functional import ctc_loss, log_softmax


class Worker:
    def begin(self, job):
        frames, batch, classes, labels = (job[name] for name in ("time", "batch", "classes", "labels"))
        values = 2 * torch.sin(torch.arange(frames * batch * classes, dtype=torch.float64))
        self.logits = values.float().reshape(frames, batch, classes).requires_grad_()
        self.targets = torch.tensor(job["targets"]).reshape(batch, labels)
        self.lengths = torch.full((batch,), frames), torch.full((batch,), labels)
        count = torch.get_num_threads()
        return {"on": f"PyTorch {torch.__version__}, {count} thread{'s' if count > 1 else ''}"}

    def turn(self, steps):
        began, used = time.perf_counter(), time.process_time()
        for _ in range(steps):
            self.logits.grad = None
            loss = ctc_loss(log_softmax(self.logits, 2), self.targets, *self.lengths)
            loss.backward()
        milliseconds = 1000 * (time.perf_counter() - began) / steps
        cpu = 1000 * (time.process_time() - used) / steps
        return {"milliseconds": milliseconds, "cpu": cpu, "loss": loss.item()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    worker = Worker()
    for line in sys.stdin:
        message = json.loads(line)
        if message["call"] == "begin":
            reply = worker.begin(message["job"])
        elif message["call"] == "turn":
            reply = worker.turn(message["steps"])
        else:
            reply = {}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
