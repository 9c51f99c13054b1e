"""The few calls of libpq that a test needs, by ctypes: one statement as PQexec and as a driver's prepared statement.

Used by one thread.
"""

import ctypes

LIBPQ = ctypes.CDLL("libpq.so.5")
NOTICE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
FATAL = 7  # PGRES_FATAL_ERROR
SQLSTATE = ord("C")  # PG_DIAG_SQLSTATE


def _declare(name, result, *arguments):
    function = getattr(LIBPQ, name)
    function.restype = result
    function.argtypes = arguments
    return function


_P, _S, _I = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_connect = _declare("PQconnectdb", _P, _S)
_status = _declare("PQstatus", _I, _P)
_finish = _declare("PQfinish", None, _P)
_error_message = _declare("PQerrorMessage", _S, _P)
_set_notice = _declare("PQsetNoticeProcessor", _P, _P, NOTICE, _P)
_exec = _declare("PQexec", _P, _P, _S)
_prepare = _declare("PQprepare", _P, _P, _S, _S, _I, _P)
_exec_prepared = _declare("PQexecPrepared", _P, _P, _S, _I, _P, _P, _P, _I)
_result_status = _declare("PQresultStatus", _I, _P)
_result_field = _declare("PQresultErrorField", _S, _P, _I)
_clear = _declare("PQclear", None, _P)
_ntuples = _declare("PQntuples", _I, _P)
_getvalue = _declare("PQgetvalue", _S, _P, _I, _I)


class Error(Exception):
    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate}: {message}")
        self.sqlstate = sqlstate


class Connection:
    def __init__(self, url: str):
        self.notices: list[str] = []
        self._connection = _connect(url.encode())
        if _status(self._connection) != 0:
            message = _error_message(self._connection).decode()
            self.close()
            raise Error("08001", message)
        self._notice = NOTICE(lambda _, text: self.notices.append(text.decode()))
        _set_notice(self._connection, self._notice, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        _finish(self._connection)

    def execute(self, sql: str) -> list[str]:
        """By the simple protocol. The first column of what came."""
        return self._take(_exec(self._connection, sql.encode()))

    def execute_prepared(self, sql: str) -> list[str]:
        """By the extended protocol, which takes one statement only."""
        self._take(_prepare(self._connection, b"", sql.encode(), 0, None))
        return self._take(_exec_prepared(self._connection, b"", 0, None, None, None, 0))

    def _take(self, result) -> list[str]:
        try:
            if _result_status(result) == FATAL:
                state = _result_field(result, SQLSTATE) or b""
                raise Error(state.decode(), _error_message(self._connection).decode())
            return [_getvalue(result, row, 0).decode() for row in range(_ntuples(result))]
        finally:
            _clear(result)
