"""The typed replies, events and parameters, one module per dialect.

`wenwen.types.responses.Response` and `wenwen.types.Response` are the same class. Importing this package
loads no module; the first name asked for does.
"""

TYPE_CHECKING = False  # type checkers take it as true; the constant in `typing` would cost its import

if TYPE_CHECKING:
    from ._all import *
else:

    def __getattr__(name):
        if name.startswith("_"):  # a probe (`__wrapped__`, `__all__`): nothing to load for that
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        names = _names()
        if name in globals():  # a module of the package: the import has put it there
            return globals()[name]
        if name not in names:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return globals().setdefault(name, names[name])

    def __dir__():
        return sorted({*globals(), *_names()})

    def _names():
        from . import _all

        return {name: value for name, value in vars(_all).items() if not name.startswith("_")}
