"""Every name of every dialect, for `wenwen.types.<name>`: one line per module."""

from .audio import *
from .chat import *
from .completions import *
from .embeddings import *
from .gemini import *
from .images import *
from .jobs import *
from .messages import *
from .midjourney import *
from .models import *
from .moderations import *
from .pricing import *
from .rerank import *
from .responses import *
from .shared import *
from .tools import *
from .videos import *
