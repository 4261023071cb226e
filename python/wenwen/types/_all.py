"""Every name of every dialect, for `wenwen.types.<name>`: one line per module."""

from .chat import *
from .images import *
from .messages import *
from .responses import *
from .shared import *
