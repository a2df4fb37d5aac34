"""Sets Open WebUI up from its first start on, and again after each upgrade; what people changed stays so."""

from collections.abc import Mapping
from dataclasses import dataclass

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.open_webui.assistant import Assistant, bring_assistant
from freehold.node.bootstrap.open_webui.client import OpenWebUiApi
from freehold.node.bootstrap.open_webui.connections import Llm, connect_llm, connect_tools, warn_of_models


@dataclass(frozen=True, repr=False)
class Chat:
    """What Open WebUI is to have: tools, the server of models with the model, and whose numbers it tells."""

    tools: Mapping[str, str]
    """Service -> origin at which Open WebUI finds it."""
    llm: Llm | None
    """None: no server of models is named, so that nobody can chat yet."""
    model: str
    company: str


async def set_up_open_webui(api: OpenWebUiApi, database: Database, clock: Clock, chat: Chat) -> list[Done]:
    """Connect the tools and the server of models, bring the assistant, and look who else is told who asks; gives what
    was done.

    Raises `OpenWebUiError`.
    """
    done = [await connect_tools(api, database, clock, chat.tools)]
    if chat.llm is not None:
        done.append(await connect_llm(api, chat.llm))
        assistant = Assistant(chat.company, chat.model, tuple(chat.tools))
        done += await bring_assistant(api, database, clock, assistant)
    return [*done, *await warn_of_models(api)]
