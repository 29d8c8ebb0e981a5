"""The public names of `rag`: each with the module that defines it, read by `__init__.py`."""

from rag.answers import (
    Answer as Answer,
    Citation as Citation,
    CitedPassage as CitedPassage,
    Highlight as Highlight,
    Hit as Hit,
    Missing as Missing,
    Quoted as Quoted,
    Ranked as Ranked,
    UnknownLanguage as UnknownLanguage,
    Why as Why,
)
from rag.async_library import (
    AsyncLibrary as AsyncLibrary,
)
from rag.calibration.report import (
    CalibrationReport as CalibrationReport,
)
from rag.casework.casework import (
    Casework as Casework,
)
from rag.casework.records import (
    Case as Case,
    CaseQuestion as CaseQuestion,
    CaseSummary as CaseSummary,
    Condition as Condition,
    Conversation as Conversation,
    KeptQuote as KeptQuote,
    Turn as Turn,
)
from rag.chat.followups import (
    Followed as Followed,
    follow as follow,
)
from rag.documents.listing import (
    ListedDocument as ListedDocument,
)
from rag.documents.lookup import (
    PassageInContext as PassageInContext,
)
from rag.documents.status import (
    Status as Status,
)
from rag.documents.verification import (
    Problem as Problem,
    Verification as Verification,
)
from rag.errors import (
    CancelledWorkError as CancelledWorkError,
    CaseworkError as CaseworkError,
    DeadlineExceededError as DeadlineExceededError,
    ForeignVectorsError as ForeignVectorsError,
    MissingExtraError as MissingExtraError,
    ModelError as ModelError,
    NotFoundError as NotFoundError,
    QuestionError as QuestionError,
    QuothError as QuothError,
    SourceError as SourceError,
    StoreBusyError as StoreBusyError,
    StoreDamagedError as StoreDamagedError,
    StoreError as StoreError,
    StoreUnwritableError as StoreUnwritableError,
    StoreVersionError as StoreVersionError,
    UnreadableFileError as UnreadableFileError,
)
from rag.indexing.model_choice import (
    ModelChoice as ModelChoice,
)
from rag.indexing.pipeline import (
    Progress as Progress,
    Report as Report,
)
from rag.indexing.readers import (
    Reading as Reading,
)
from rag.library import (
    Library as Library,
)
from rag.listing.records import (
    AnswerList as AnswerList,
    Mention as Mention,
    Mentions as Mentions,
    TableRow as TableRow,
)
from rag.maintenance.restore import (
    Restoration as Restoration,
    restore as restore,
)
from rag.marking.marks import (
    Mark as Mark,
)
from rag.query.scope import (
    Searched as Searched,
)
from rag.query.syntax import (
    Filter as Filter,
    Search as Search,
)
from vector_store.records import (
    Contents as Contents,
    Copy as Copy,
    Counts as Counts,
    DenseSearch as DenseSearch,
    Document as Document,
    DocumentInfo as DocumentInfo,
    Paragraph as Paragraph,
    Passage as Passage,
    UnreadFile as UnreadFile,
)

__all__: list[str]
