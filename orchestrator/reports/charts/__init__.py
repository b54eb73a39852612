"""Charts drawn from numbers: pure functions to the marks of a picture, which know nothing of calls or of HTML."""
