"""The parser that reads YAML: libyaml's where PyYAML was built with it, some 20 times faster than PyYAML's own."""

try:
    from yaml import CSafeLoader as Parser
except ImportError:
    from yaml import SafeLoader as Parser  # type: ignore[assignment]

__all__ = ["Parser"]
