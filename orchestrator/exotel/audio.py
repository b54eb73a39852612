"""What the carrier can play: wav files in the form that its documents name."""

import io
import wave
from collections.abc import Iterator

AUDIO = ("WaitUrl", "StartPlaybackValue")
"""The parameters whose value is the address of an audio file."""

LARGEST = 2 * 1024 * 1024
"""Bytes; a larger file is advised against (docs/carrier.md, parameters)."""
RATE, BITS, CHANNELS = 8_000, 16, 1
"""Of StartPlaybackValue, by its document, which makes 128 kbps; that of WaitUrl names none, and no other is known."""


class NotWav(ValueError):  # noqa: N818 - named for what was found
    """The bytes are no wav file that holds plain samples; the text says why."""


def unlike_documents(data: bytes) -> Iterator[str]:
    """Yield how a whole wav file differs from what the documents say. Raises NotWav."""
    if not data:
        raise NotWav("it is empty")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotWav("it does not begin as a wav file does")
    try:
        with wave.open(io.BytesIO(data)) as audio:
            rate, bits, channels = audio.getframerate(), 8 * audio.getsampwidth(), audio.getnchannels()
            frames = audio.getnframes()
            held = len(audio.readframes(frames)) // max(1, audio.getsampwidth() * channels)
    except (wave.Error, EOFError, ArithmeticError, RuntimeError, ValueError) as problem:
        raise NotWav(f"it cannot be read: {str(problem) or 'its parts do not fit together'}") from None
    if not frames:
        raise NotWav("it holds no sound")
    if held < frames:
        yield f"it ends after {held:,} of its {frames:,} samples"
    if rate != RATE:
        yield f"its rate is {rate:,} Hz, not {RATE:,}"
    if bits != BITS:
        yield f"its samples have {bits} bits, not {BITS}"
    if channels != CHANNELS:
        yield f"it has {channels} channels, not one"
    if len(data) > LARGEST:
        yield f"it has {len(data):,} bytes, more than {LARGEST:,}"
