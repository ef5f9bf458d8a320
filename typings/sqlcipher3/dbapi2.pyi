from sqlcipher3._sqlite3 import *

sqlite_version_info: tuple[int, int, int]
apilevel: str
paramstyle: str
threadsafety: int
