"""Wav files of silence, for tests."""

import io
import wave


def wav(rate: int = 8_000, bits: int = 16, channels: int = 1, frames: int = 800) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setframerate(rate)
        audio.setsampwidth(bits // 8)
        audio.setnchannels(channels)
        audio.writeframes(bytes(frames * bits // 8 * channels))
    return file.getvalue()
