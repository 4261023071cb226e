"""Every name of every dialect, for `wenwen.types.<name>`: one line per module."""

from ._parsed import ParsedChatCompletion as ParsedChatCompletion
from ._parsed import ParsedContent as ParsedContent
from ._parsed import ParsedMessage as ParsedMessage
from ._parsed import ParsedResponse as ParsedResponse
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
