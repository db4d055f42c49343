"""Trains the sample model and writes public/samples/tone-tcn.onnx.

    npx tsx scripts/samples/training-data.ts FOLDER
    python scripts/samples/train-tone-tcn.py FOLDER public/samples/tone-tcn.onnx

Needs torch 2.13, onnx and numpy; nothing of this is needed to build or run Rill. The model is a small causal
temporal convolution network: per 10 ms frame of 24 log-mel bands it scores silence, tone, sweep, vowel and noise.
"""

import sys

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 5
CHANNELS = 40
KERNEL = 3
DILATIONS = (1, 2, 4, 1, 2, 4)
HELD_OUT = 80
EPOCHS = 60


class Block(nn.Module):
    """Causal depthwise convolution, pointwise convolution, residual."""

    def __init__(self, dilation: int):
        super().__init__()
        self.past = dilation * (KERNEL - 1)
        self.depthwise = nn.Conv1d(CHANNELS, CHANNELS, KERNEL, dilation=dilation, groups=CHANNELS, bias=False)
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.act = nn.ReLU()
        self.pointwise = nn.Conv1d(CHANNELS, CHANNELS, 1)
        self.out = nn.ReLU()

    def forward(self, x):
        y = self.depthwise(F.pad(x, (self.past, 0)))
        y = self.pointwise(self.act(self.norm(y)))
        return self.out(x + y)


class ToneTcn(nn.Module):
    def __init__(self, bands: int):
        super().__init__()
        self.embed = nn.Conv1d(bands, CHANNELS, 1)
        self.act = nn.ReLU()
        self.blocks = nn.ModuleList(Block(d) for d in DILATIONS)
        self.head = nn.Conv1d(CHANNELS, CLASSES, 1)

    def forward(self, features):
        x = self.act(self.embed(features))
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def train(features, labels):
    model = ToneTcn(features.shape[1])
    mean = features.mean((0, 2))
    std = features.std((0, 2))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=EPOCHS * (len(features) // 16))
    normal = (features - mean[:, None]) / std[:, None]
    for epoch in range(EPOCHS):
        for batch in torch.randperm(len(features))[: len(features) // 16 * 16].split(16):
            loss = F.cross_entropy(model(normal[batch]), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}")
    # The normalisation of the input is linear: fold it into the first convolution, which has no padding.
    with torch.no_grad():
        weight = model.embed.weight / std[None, :, None]
        model.embed.bias -= (weight[:, :, 0] * mean).sum(1)
        model.embed.weight.copy_(weight)
    return model.eval()


def main(folder: str, path: str) -> None:
    torch.manual_seed(5)
    torch.set_num_threads(1)
    features = torch.from_numpy(np.load(f"{folder}/features.npy"))
    labels = torch.from_numpy(np.load(f"{folder}/labels.npy").astype(np.int64))
    model = train(features[HELD_OUT:], labels[HELD_OUT:])
    with torch.no_grad():
        guess = model(features[:HELD_OUT]).argmax(1)
    truth = labels[:HELD_OUT]
    print(f"held out: {(guess == truth).float().mean():.4f} of frames right")
    for c in range(CLASSES):
        print(f"  class {c}: {(guess[truth == c] == c).float().mean():.4f} of {(truth == c).sum()}")
    torch.onnx.export(
        model,
        (features[:1],),
        path,
        input_names=["features"],
        output_names=["scores"],
        dynamic_axes={"features": {2: "frames"}, "scores": {2: "frames"}},
        opset_version=18,
        dynamo=False,
    )
    onnx.checker.check_model(path, full_check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
