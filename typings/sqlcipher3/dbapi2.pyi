from sqlcipher3._sqlite3 import *

sqlite_version_info: tuple[int, int, int]
apilevel: str
paramstyle: str
threadsafety: int

SQLITE_FULL: int
SQLITE_READONLY: int
SQLITE_BUSY: int
SQLITE_LOCKED: int
SQLITE_CANTOPEN: int
SQLITE_PERM: int
SQLITE_IOERR: int
SQLITE_CORRUPT: int
SQLITE_NOTADB: int
SQLITE_INTERRUPT: int
