"""Train the cross-encoder.

    python -m evaluation.training.cross_encoder PAIRS=WEIGHT PAIRS=WEIGHT...

PAIRS are files of question and passage pairs (see `evaluation.datasets.pairs`), sampled in
proportion to their weights. The upper four of the six layers of all-MiniLM-L6-v2 are trained on
three tasks at once: to score the excerpt that answers above its rivals (softmax over a question's
excerpts), to classify whether an excerpt answers (logistic loss, misleading questions included),
and to locate the answer (the span head of Devlin et al., "BERT", 2019, which points at the first
token when there is no answer). The span head only serves training; it is not saved.

Takes about 40 minutes on two cores with bf16 multiplication. Samples and their order are fixed by
a seed; floating-point sums across threads are not, so two runs write different files.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from evaluation.cli import FILE, run
from evaluation.datasets.pairs import read_pairs
from evaluation.training.cross_encoder_examples import Examples, Group, Pair, source
from rag.factories import embedder_for
from rag.models.cross_encoder import token_pairs
from rag.models.cross_encoder_weights import Head, write
from rag.models.registry import SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from vector_store.indexes.threads import cores

if TYPE_CHECKING:
    import torch

_FROZEN = 2
"""Lower layers that are not trained; nor is the embedding table."""
_BATCH_QUESTIONS = 8
_LEARNING_RATE, _HEAD_LEARNING_RATE = 1e-4, 5e-4
_WARM_UP = 0.05
"""Share of the steps."""
_RIGHT_WEIGHT = 2.0
"""Of an excerpt that answers, relative to one that does not."""
_SPAN_WEIGHT, _NO_SPAN_WEIGHT = 0.5, 0.3
"""Of the span loss in the whole, and of excerpts without an answer in the span loss."""
_PADDING = 32
"""Lengths are padded to a multiple of this many tokens."""


def train(examples: Examples, steps: int, base: SentenceTransformerEmbedder) -> "Network":
    """Return the network after a number of steps of eight questions each."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(cores())
    network = Network(base)
    body, head = network.parameters()
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": _LEARNING_RATE}, {"params": head, "lr": _HEAD_LEARNING_RATE}],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / (_WARM_UP * steps), max(0.02, (steps - step) / steps)),
    )
    start, losses = time.monotonic(), []
    for step in range(1, steps + 1):
        loss = network.loss([examples.draw() for _ in range(_BATCH_QUESTIONS)])
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
        """Start from the embedding model."""
        import copy

        import torch

        self.pretrained = base.transformer().state_dict()
        self.tokenizer = base.tokenizer
        body: Any = copy.deepcopy(base.transformer())
        self.body: Any = body.train()
        # On a CPU sampling the dropout masks takes longer than everything else.
        for module in body.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        body.set_attn_implementation("eager")  # the others have a slower backward pass
        width: int = body.config.hidden_size
        self.dense = torch.nn.Linear(2 * width, width)
        self.out = torch.nn.Linear(width, 1)
        self.span = torch.nn.Linear(width, 2)

    def parameters(self) -> tuple[list["torch.nn.Parameter"], list["torch.nn.Parameter"]]:
        """Return the trained parameters of the transformer and of the heads; freeze the others."""
        body = [p for layer in self.body.encoder.layer[_FROZEN:] for p in layer.parameters()]
        for parameter in self.body.parameters():
            parameter.requires_grad = False
        for parameter in body:
            parameter.requires_grad = True
        heads = (self.dense, self.out, self.span)
        return body, [parameter for head in heads for parameter in head.parameters()]

    def loss(self, groups: Sequence[Group]) -> "torch.Tensor":
        """Return the sum of the three losses over a batch of questions."""
        import torch
        from torch.nn import functional

        pairs = [pair for group in groups for pair in group.pairs]
        pairs += [group.misleading for group in groups if group.misleading]
        ids, types, mask, spans = self._batch(pairs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self._states(ids, types, mask)
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            hidden = torch.tanh(self.dense(torch.cat([states[:, 0], mean], 1)))
            logits, span_logits = self.out(hidden)[:, 0].float(), self.span(states).float()
        right = torch.tensor([float(pair.answers) for pair in pairs])
        ranking_losses, first = [], 0
        for group in groups:
            group_logits = logits[first : first + len(group.pairs)]
            if len(group_logits) > 1:
                ranking_losses.append(-torch.log_softmax(group_logits, 0)[0])
            first += len(group.pairs)
        ranking_loss = torch.stack(ranking_losses).mean() if ranking_losses else torch.zeros(())
        answer_loss = functional.binary_cross_entropy_with_logits(
            logits, right, pos_weight=torch.tensor(_RIGHT_WEIGHT)
        )
        outside = (types == 0) | (mask == 0)
        outside[:, 0] = False
        places = span_logits.masked_fill(outside[..., None], -1e4).transpose(1, 2).flatten(0, 1)
        span_losses = functional.cross_entropy(places, spans.flatten(), reduction="none")
        # An answer that is not in the excerpt word for word has no span to learn.
        pair_weights = torch.where(right == 1, (spans[:, 0] > 0).float(), _NO_SPAN_WEIGHT)
        weights = pair_weights.repeat_interleave(2)
        span_loss = (span_losses * weights).sum() / weights.sum()
        return ranking_loss + answer_loss + _SPAN_WEIGHT * span_loss

    def _states(
        self, ids: "torch.Tensor", types: "torch.Tensor", mask: "torch.Tensor"
    ) -> "torch.Tensor":
        """Return the last layer's output, shape (pairs, tokens, width)."""
        import torch

        sizes = mask.sum(1)
        states = torch.zeros((*ids.shape, self.body.config.hidden_size))
        inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
        # In two halves by length, so that short pairs are not padded to the longest.
        for rows in sizes.argsort().chunk(2):
            length = _padded(int(sizes[rows].max()))
            output = self.body(**{name: values[rows, :length] for name, values in inputs.items()})
            states[rows, :length] = output.last_hidden_state.float()
        return states

    def _batch(self, pairs: Sequence[Pair]) -> tuple["torch.Tensor", ...]:
        """Return token ids, types and mask, shape (pairs, tokens), and spans, shape (pairs, 2).

        A span is the answer's first and last token; 0 and 0 when there is none.
        """
        import torch

        tokenised = [
            tokens
            for pair in pairs
            for tokens in token_pairs(self.tokenizer, pair.question, [pair.excerpt])
        ]
        length = _padded(max(len(tokens.ids) for tokens in tokenised))
        ids, types, mask = (torch.zeros((len(pairs), length), dtype=torch.long) for _ in range(3))
        spans = torch.zeros((len(pairs), 2), dtype=torch.long)
        for i, (pair, tokens) in enumerate(zip(pairs, tokenised, strict=True)):
            size = len(tokens.ids)
            ids[i, :size], mask[i, :size] = torch.tensor(tokens.ids), 1
            types[i, tokens.second : size] = 1
            if pair.answer:
                start, end = pair.answer
                answer_tokens = [
                    k for k, (a, b) in enumerate(tokens.spans) if b > start and a < end
                ]
                if answer_tokens:
                    ends = torch.tensor([answer_tokens[0], answer_tokens[-1]])
                    spans[i] = tokens.second + ends
        return ids, types, mask, spans

    def save(self, path: Path) -> None:
        """Write the weights in the format of `rag.models.cross_encoder_weights`."""
        types = self.pretrained["embeddings.token_type_embeddings.weight"]
        head = Head(
            self.dense.weight.detach().numpy(),
            self.dense.bias.detach().numpy(),
            self.out.weight.detach().numpy()[0],
            self.out.bias.detach().numpy(),
            (types[1] - types[0]).numpy(),
        )
        write(path, self.pretrained, self.body.state_dict(), head)


def _padded(size: int) -> int:
    return -(-size // _PADDING) * _PADDING


@click.command()
@click.argument("pairs", nargs=-1, required=True, metavar="PAIRS=WEIGHT...")
@click.option("--steps", default=3_000, show_default=True, help="Steps of training.")
@click.option("--write", "weights_file", type=FILE, default="cross_encoder.safetensors",
              show_default=True, metavar="FILE", help="Write the weights here.")  # fmt: skip
def main(pairs: Sequence[str], steps: int, weights_file: Path) -> None:
    """Train the cross-encoder on files of PAIRS and write its weights."""
    paths, weights = [], []
    for argument in pairs:
        path, _, weight = argument.rpartition("=")
        try:
            weights.append(float(weight))
        except ValueError:
            raise click.UsageError(
                "Give a weight with every file, for example nq.jsonl.gz=0.4."
            ) from None
        paths.append(Path(path))
    embedder = embedder_for(SMALL)
    sources = [source(path, embedder, read_pairs(path)) for path in paths]
    network = train(Examples(sources, weights, seed=1), steps, SentenceTransformerEmbedder(SMALL))
    network.save(weights_file)


if __name__ == "__main__":
    run(main)
