"""What goes wrong in ways a person can mend; the message is one line that says what to do next.

SmallprintError
├── SettingsError      the settings file: nothing was started
├── DeclarationError   a declaration: names the file and the key
├── ArchiveError       the archive cannot be opened, read or written; nothing stored was lost
├── RuleError          a flag rule: names the rule
├── HistoryError       a history to import cannot be read; what was taken before stays
└── ExtractionError    a page gave no text: becomes a fetch row, never stops a run
"""


class SmallprintError(Exception):
    """Wrong use or a wrong surrounding: commands print the message and exit with 2."""


class SettingsError(SmallprintError):
    """The settings file is missing, unreadable or holds a key or value that is not understood."""


class DeclarationError(SmallprintError):
    """A declaration is not valid; the message names the file and the key. Nothing of the catalogue is used."""


class ArchiveError(SmallprintError):
    """The archive cannot be used: missing, read-only, in use, or from a newer Smallprint."""


class RuleError(SmallprintError):
    """A rule file is not valid; the message names the rule. No flag is made with the others."""


class HistoryError(SmallprintError):
    """What is to be imported is no git repository, not whole, or not Open Terms Archive's. What came before stays."""


class ExtractionError(SmallprintError):
    """A page's bytes gave no text; the message is the reason kept with the fetch. Fetching again may help."""
