"""Train a cross-encoder.

    python -m evaluation.training.cross_encoder [--model MODEL] PAIRS=WEIGHT PAIRS=WEIGHT...

PAIRS are files of question and passage pairs (see `evaluation.datasets.pairs`), sampled in
proportion to their weights. The layers of all-MiniLM-L6-v2, or the upper six of the twelve of
multilingual-e5-small, are trained on three tasks at once: to score the excerpt that answers above
its rivals (softmax over a question's excerpts), to classify whether an excerpt answers (logistic
loss, near misses included), and to locate the answer (the span head of Devlin et al., "BERT",
2019, which points at the first token when there is no answer).

On two cores that multiply bfloat16, 1,000 steps take about 15 minutes with all-MiniLM-L6-v2 and
35 with multilingual-e5-small; on others, in 32 bits, about twice as long. The weights are written
every 500 steps; --start goes on from a file of weights, with a new schedule. Samples and their
order are fixed by a seed; floating-point sums across threads are not, so two runs write different
files.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from evaluation.cli import FILE, run
from evaluation.datasets.pairs import read_pairs
from evaluation.training.cross_encoder_examples import Examples, Group, Pair, source
from rag.models.compiled.runtimes import batch_of
from rag.models.cross_encoder import token_pairs
from rag.models.cross_encoder_weights import Head, Tensors, head_of, tensors, trained, write
from rag.models.registry import MULTILINGUAL, SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from vector_store.indexes.threads import cores

if TYPE_CHECKING:
    import torch

_FROZEN = {SMALL: 0, MULTILINGUAL: 6}
"""Lower layers that are not trained; nor is the embedding table."""
_BATCH_QUESTIONS = 8
_LEARNING_RATE, _HEAD_LEARNING_RATE = 1e-4, 5e-4
_WARM_UP = 0.05
"""Share of the steps."""
_RIGHT_WEIGHT = 2.0
"""Of an excerpt that answers, relative to one that does not."""
_SPAN_WEIGHT, _NO_SPAN_WEIGHT = 0.5, 0.3
"""Of the span loss in the whole, and of excerpts without an answer in the span loss."""
_PADDING = 16
"""Lengths are padded to a multiple of this many tokens."""
_SAVED_EVERY = 500


def train(network: "Network", examples: Examples, steps: int, save: Callable[[], None]) -> None:
    """Train a network for a number of steps of eight questions each; `save` is called at times."""
    import torch

    torch.set_num_threads(cores())
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
        if step % _SAVED_EVERY == 0 or step == steps:
            save()


class Network:
    """A transformer with a head; see `rag.models.cross_encoder_weights.Head`."""

    def __init__(
        self, base: SentenceTransformerEmbedder, frozen: int, start: Tensors | None = None
    ) -> None:
        """Start from an embedding model, or from what was trained from it; freeze lower layers."""
        import torch

        torch.manual_seed(0)
        self.pretrained = base.transformer().state_dict()
        self.tokenizer = base.tokenizer
        self._table = base.input_embeddings()
        self._frozen = frozen
        self._in_16_bits = _is_fast_in_16_bits()
        body: Any = trained(base.transformer(), start or {})
        self.body: Any = body.train()
        # On a CPU sampling the dropout masks takes longer than everything else.
        for module in body.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        body.set_attn_implementation("eager")  # the others have a slower backward pass
        width: int = body.config.hidden_size
        self.dense = torch.nn.Linear(2 * width, width)
        self.out = torch.nn.Linear(width, 2)
        self.span = torch.nn.Linear(width, 2, bias=False)
        types = self.pretrained["embeddings.token_type_embeddings.weight"]
        self.second = torch.nn.Parameter((types[1] - types[0]).clone())
        if start:
            self._load(head_of(start))

    def _load(self, head: Head) -> None:
        import torch

        with torch.no_grad():
            for name in ("dense", "out", "span"):
                getattr(self, name).weight.copy_(torch.from_numpy(getattr(head, name)))
            for name in ("dense", "out"):
                getattr(self, name).bias.copy_(torch.from_numpy(getattr(head, f"{name}_bias")))
            self.second.copy_(torch.from_numpy(head.second))

    def parameters(self) -> tuple[list["torch.nn.Parameter"], list["torch.nn.Parameter"]]:
        """Return the trained parameters of the transformer and of the head; freeze the others."""
        layers = self.body.encoder.layer[self._frozen :]
        body = [p for layer in layers for p in layer.parameters()]
        for parameter in self.body.parameters():
            parameter.requires_grad = False
        for parameter in body:
            parameter.requires_grad = True
        heads = (self.dense, self.out, self.span)
        return body, [
            self.second,
            *(parameter for head in heads for parameter in head.parameters()),
        ]

    def loss(self, groups: Sequence[Group]) -> "torch.Tensor":
        """Return the sum of the three losses over a batch of questions."""
        import torch
        from torch.nn import functional

        pairs = [pair for group in groups for pair in group.pairs]
        pairs += [pair for group in groups for pair in group.others]
        batch = self._batch(pairs)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._in_16_bits):
            states = self._states(batch)
            mean = (states * batch.mask[..., None]).sum(1) / batch.mask.sum(1, keepdim=True)
            hidden = torch.tanh(self.dense(torch.cat([states[:, 0], mean], 1)))
            logits, span_logits = self.out(hidden).float(), self.span(states).float()
        relevance, answering = logits.unbind(1)
        right = torch.tensor([float(pair.answers) for pair in pairs])
        ranking_losses, first = [], 0
        for group in groups:
            of_group = relevance[first : first + len(group.pairs)]
            if len(of_group) > 1:
                ranking_losses.append(-torch.log_softmax(of_group, 0)[0])
            first += len(group.pairs)
        ranking_loss = torch.stack(ranking_losses).mean() if ranking_losses else torch.zeros(())
        answer_loss = functional.binary_cross_entropy_with_logits(
            answering, right, pos_weight=torch.tensor(_RIGHT_WEIGHT)
        )
        outside = (batch.second == 0) | (batch.mask == 0)
        outside[:, 0] = False
        places = span_logits.masked_fill(outside[..., None], -1e4).transpose(1, 2).flatten(0, 1)
        span_losses = functional.cross_entropy(places, batch.spans.flatten(), reduction="none")
        # An answer that is not in the excerpt word for word has no span to learn.
        located = (batch.spans[:, 0] > 0).float()
        weights = torch.where(right == 1, located, _NO_SPAN_WEIGHT).repeat_interleave(2)
        span_loss = (span_losses * weights).sum() / weights.sum().clamp(min=1)
        return ranking_loss + answer_loss + _SPAN_WEIGHT * span_loss

    def _states(self, batch: "_Batch") -> "torch.Tensor":
        """Return the last layer's output, shape (pairs, tokens, width)."""
        import torch

        sizes = batch.mask.sum(1)
        states = torch.zeros((*batch.mask.shape, self.body.config.hidden_size))
        embeddings = batch.embeddings + batch.second[..., None] * self.second
        # In parts by length, so that short pairs are not padded to the longest.
        for rows in sizes.argsort().chunk(3):
            length = _padded(int(sizes[rows].max()))
            output = self.body(
                inputs_embeds=embeddings[rows, :length], attention_mask=batch.mask[rows, :length]
            )
            states[rows, :length] = output.last_hidden_state.float()
        return states

    def _batch(self, pairs: Sequence[Pair]) -> "_Batch":
        import torch

        tokenised = [
            tokens
            for pair in pairs
            for tokens in token_pairs(self.tokenizer, pair.question, [pair.excerpt])
        ]
        rows = [tokens.ids for tokens in tokenised]
        embeddings, mask = map(torch.from_numpy, batch_of(self._table, rows, None))
        second = torch.zeros_like(mask)
        spans = torch.zeros((len(pairs), 2), dtype=torch.long)
        for i, (pair, tokens) in enumerate(zip(pairs, tokenised, strict=True)):
            second[i, tokens.second : len(tokens.ids)] = 1
            if pair.answer:
                start, end = pair.answer
                answer_tokens = [
                    k for k, (a, b) in enumerate(tokens.spans) if b > start and a < end
                ]
                if answer_tokens:
                    ends = torch.tensor([answer_tokens[0], answer_tokens[-1]])
                    spans[i] = tokens.second + ends
        return _Batch(embeddings, mask, second, spans)

    def save(self, path: Path) -> None:
        """Write the weights in the format of `rag.models.cross_encoder_weights`."""
        head = Head(
            *(
                weight.detach().numpy()
                for weight in (self.dense.weight, self.dense.bias, self.out.weight, self.out.bias,
                               self.span.weight, self.second)
            )
        )  # fmt: skip
        write(path, self.pretrained, self.body.state_dict(), head)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    embeddings: "torch.Tensor"
    """Tokens' input embeddings, shape (pairs, tokens, width)."""
    mask: "torch.Tensor"
    """Shape (pairs, tokens)."""
    second: "torch.Tensor"
    """1 for the excerpt's tokens, shape (pairs, tokens)."""
    spans: "torch.Tensor"
    """The answer's first and last token, 0 and 0 if there is none; shape (pairs, 2)."""


def _is_fast_in_16_bits() -> bool:
    """Tell whether this machine multiplies bfloat16 faster than 32 bits; some are 100 times slower.

    It is measured on a product of the size that training computes.
    """
    import torch

    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        left, right = torch.ones(512, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        left @ right  # the first prepares what the next ones use
        start = time.perf_counter()
        for _ in range(5):
            left @ right
        seconds[kind] = time.perf_counter() - start
    return seconds[torch.bfloat16] < seconds[torch.float32]


def _padded(size: int) -> int:
    return -(-size // _PADDING) * _PADDING


@click.command()
@click.argument("pairs", nargs=-1, required=True, metavar="PAIRS=WEIGHT...")
@click.option("--model", default=SMALL, show_default=True, metavar="NAME",
              type=click.Choice(list(_FROZEN)), help="The model to train from.")  # fmt: skip
@click.option("--steps", default=5_000, show_default=True, help="Steps of training.")
@click.option("--start", type=FILE, metavar="FILE", help="Go on from these weights.")
@click.option("--seed", default=1, show_default=True, help="Seed of the samples.")
@click.option("--write", "weights_file", type=FILE, default="cross_encoder.safetensors",
              show_default=True, metavar="FILE", help="Write the weights here.")  # fmt: skip
def main(
    pairs: Sequence[str], model: str, steps: int, start: Path | None, seed: int, weights_file: Path
) -> None:
    """Train a cross-encoder on files of PAIRS and write its weights."""
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
    sources = [source(path, read_pairs(path)) for path in paths]
    base = SentenceTransformerEmbedder(model)
    network = Network(base, _FROZEN[model], tensors(start) if start else None)
    train(network, Examples(sources, weights, seed), steps, lambda: network.save(weights_file))


if __name__ == "__main__":
    run(main)
