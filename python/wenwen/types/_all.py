"""Every name of every dialect, for `wenwen.types.<name>`: one line per module."""

from .audio import *
from .chat import *
from .embeddings import *
from .messages import *
from .responses import *
from .shared import *
