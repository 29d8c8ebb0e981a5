"""Train the cross-encoder.

    python -m evaluation.training.cross_encoder PAIRS=WEIGHT PAIRS=WEIGHT...

PAIRS are files of question and passage pairs (see `pairs`), each drawn from as often as its weight
says. The upper four of the six layers of all-MiniLM-L6-v2 learn three things at once: to put the
excerpt that answers before its rivals (softmax over a question's excerpts), to tell whether an
excerpt answers (logistic loss, misleading questions among them), and where the answer stands (the
span head of Devlin et al., "BERT", 2019, which points at the first token where there is none). The
span head only teaches the layers; it is not kept.

Some 40 minutes on two cores that multiply in bf16. Draws and order are fixed by a seed, sums of
threads are not: two runs make two files.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.datasets.pairs import read_pairs
from evaluation.training.cross_encoder_examples import Examples, Group, Pair, source
from rag.errors import QuothError
from rag.factories import embedder_for
from rag.models.cross_encoder import token_pairs
from rag.models.cross_encoder_weights import Head, write
from rag.models.registry import SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from vector_store.indexes.threads import cores

if TYPE_CHECKING:
    import torch

_FROZEN = 2
"""Layers that stay as they are, and the table of tokens with them."""
_TOGETHER = 8
_RATE, _HEAD_RATE = 1e-4, 5e-4
_WARM_UP = 0.05
"""Share of the steps."""
_RIGHT_WEIGHT = 2.0
"""Of an excerpt that answers against one that does not."""
_SPAN, _NOWHERE = 0.5, 0.3
"""The weight of the span loss, and in it of excerpts without an answer."""
_PADDED = 32


def train(examples: Examples, steps: int, base: SentenceTransformerEmbedder) -> "Network":
    """Return the network after so many steps of eight questions each."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(cores())
    network = Network(base)
    body, head = network.parameters()
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": _RATE}, {"params": head, "lr": _HEAD_RATE}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / (_WARM_UP * steps), max(0.02, (steps - step) / steps)),
    )
    start, losses = time.monotonic(), []
    for step in range(1, steps + 1):
        loss = network.loss([examples.draw() for _ in range(_TOGETHER)])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 0:
            seconds = time.monotonic() - start
            print(f"step {step}, {seconds:.0f} s, loss {np.mean(losses[-50:]):.3f}", flush=True)
    return network


class Network:
    """The transformer with its two heads."""

    def __init__(self, base: SentenceTransformerEmbedder) -> None:
        """Begin with the embedding model."""
        import copy

        import torch

        self.before = base.transformer().state_dict()
        self.tokenizer = base.tokenizer
        body: Any = copy.deepcopy(base.transformer())
        self.body: Any = body.train()
        # Drawing a dropout's zeros takes longer here than all the rest.
        for module in body.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        body.set_attn_implementation("eager")  # the others are slower backwards
        width: int = body.config.hidden_size
        self.dense = torch.nn.Linear(2 * width, width)
        self.out = torch.nn.Linear(width, 1)
        self.span = torch.nn.Linear(width, 2)

    def parameters(self) -> tuple[list["torch.nn.Parameter"], list["torch.nn.Parameter"]]:
        """Return what is learnt, of the transformer and of the heads."""
        body = [p for layer in self.body.encoder.layer[_FROZEN:] for p in layer.parameters()]
        for parameter in self.body.parameters():
            parameter.requires_grad = False
        for parameter in body:
            parameter.requires_grad = True
        return body, [p for one in (self.dense, self.out, self.span) for p in one.parameters()]

    def loss(self, groups: Sequence[Group]) -> "torch.Tensor":
        """Return the sum of the three losses over some questions."""
        import torch
        from torch.nn import functional

        pairs = [pair for group in groups for pair in group.pairs]
        pairs += [group.misleading for group in groups if group.misleading]
        ids, types, mask, spans = self._batch(pairs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self._states(ids, types, mask)
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            hidden = torch.tanh(self.dense(torch.cat([states[:, 0], mean], 1)))
            logits, ends = self.out(hidden)[:, 0].float(), self.span(states).float()
        right = torch.tensor([float(pair.answers) for pair in pairs])
        ranked, first = [], 0
        for group in groups:
            own = logits[first : first + len(group.pairs)]
            if len(own) > 1:
                ranked.append(-torch.log_softmax(own, 0)[0])
            first += len(group.pairs)
        ranking = torch.stack(ranked).mean() if ranked else torch.zeros(())
        telling = functional.binary_cross_entropy_with_logits(
            logits, right, pos_weight=torch.tensor(_RIGHT_WEIGHT)
        )
        outside = (types == 0) | (mask == 0)
        outside[:, 0] = False
        places = ends.masked_fill(outside[..., None], -1e4).transpose(1, 2).flatten(0, 1)
        pointing = functional.cross_entropy(places, spans.flatten(), reduction="none")
        # An answer that the excerpt does not hold word for word teaches nothing of where it is.
        taught = torch.where(right == 1, (spans[:, 0] > 0).float(), _NOWHERE)
        weights = taught.repeat_interleave(2)
        return ranking + telling + _SPAN * (pointing * weights).sum() / weights.sum()

    def _states(
        self, ids: "torch.Tensor", types: "torch.Tensor", mask: "torch.Tensor"
    ) -> "torch.Tensor":
        """Return the last layer's output, shape (pairs, tokens, width)."""
        import torch

        sizes = mask.sum(1)
        states = torch.zeros((*ids.shape, self.body.config.hidden_size))
        # The short pairs apart, which else were read with as much padding as the longest takes.
        for some in sizes.argsort().chunk(2):
            longest = _padded(int(sizes[some].max()))
            read = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
            found = self.body(**{name: given[some, :longest] for name, given in read.items()})
            states[some, :longest] = found.last_hidden_state.float()
        return states

    def _batch(self, pairs: Sequence[Pair]) -> tuple["torch.Tensor", ...]:
        """Return tokens, types and mask, shape (pairs, tokens), and first and last of answers."""
        import torch

        read = [
            one
            for pair in pairs
            for one in token_pairs(self.tokenizer, pair.question, [pair.excerpt])
        ]
        longest = _padded(max(len(one.ids) for one in read))
        ids, types, mask = (torch.zeros((len(pairs), longest), dtype=torch.long) for _ in range(3))
        spans = torch.zeros((len(pairs), 2), dtype=torch.long)
        for i, (pair, one) in enumerate(zip(pairs, read, strict=True)):
            size = len(one.ids)
            ids[i, :size], mask[i, :size] = torch.tensor(one.ids), 1
            types[i, one.second : size] = 1
            if pair.answer:
                start, end = pair.answer
                held = [k for k, (a, b) in enumerate(one.spans) if b > start and a < end]
                if held:
                    spans[i] = one.second + torch.tensor([held[0], held[-1]])
        return ids, types, mask, spans

    def save(self, path: Path) -> None:
        """Write what `rag.models.cross_encoder_weights` reads."""
        types = self.before["embeddings.token_type_embeddings.weight"]
        head = Head(
            self.dense.weight.detach().numpy(),
            self.dense.bias.detach().numpy(),
            self.out.weight.detach().numpy()[0],
            self.out.bias.detach().numpy(),
            (types[1] - types[0]).numpy(),
        )
        write(path, self.before, self.body.state_dict(), head)


def _padded(size: int) -> int:
    return -(-size // _PADDED) * _PADDED


def main() -> None:
    """Train on the files named and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.training.cross_encoder")
    parser.add_argument("pairs", nargs="+", metavar="PAIRS=WEIGHT")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--write", type=Path, default=Path("cross_encoder.safetensors"))
    options = parser.parse_args()
    given = [argument.rsplit("=", 1) for argument in options.pairs]
    try:
        paths, weights = [Path(path) for path, _ in given], [float(weight) for _, weight in given]
    except ValueError:
        parser.error("give each file with its weight: nq.jsonl.gz=0.4")
    embedder = embedder_for(SMALL)
    drawn = Examples([source(path, embedder, read_pairs(path)) for path in paths], weights, seed=1)
    train(drawn, options.steps, SentenceTransformerEmbedder(SMALL)).save(options.write)


if __name__ == "__main__":
    try:
        main()
    except QuothError as error:
        sys.exit(f"quoth: {error}")
