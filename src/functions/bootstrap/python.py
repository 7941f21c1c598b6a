"""The Python runtime: loads the handler, then takes one invocation after the other from file descriptor 3
(../frames.ts has the frames).

Behaviour follows https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html and what
https://github.com/aws/aws-lambda-python-runtime-interface-client is seen to do; the names of errors and the text of
log lines are AWS's.
"""

import importlib
import json
import logging
import os
import re
import sys
import time
import traceback

# Nothing is written where this file lies, and a function's own module of that name is found all the same.
sys.dont_write_bytecode, _writes = True, sys.dont_write_bytecode
import home_names  # noqa: E402

sys.dont_write_bytecode = _writes
del sys.modules["home_names"]

CHANNEL = 3
INIT, INVOKE = 1, 2
READY, INIT_ERROR, RESPONSE, ERROR, LOG, OUTPUT, TOO_LARGE = 16, 17, 18, 19, 21, 22, 26

# ---- frames

_inbox = bytearray()


def _wait():
    # The descriptor was made non-blocking by someone else.
    time.sleep(0.001)


def _fill(wanted):
    while len(_inbox) < wanted:
        try:
            chunk = os.read(CHANNEL, max(65536, wanted - len(_inbox)))
        except BlockingIOError:
            _wait()
            continue
        if not chunk:
            # The runner is gone: so is its environment.
            os._exit(0)
        _inbox.extend(chunk)


def _receive():
    _fill(5)
    end = 5 + int.from_bytes(_inbox[:4], "little")
    _fill(end)
    frame_type, body = _inbox[4], bytes(_inbox[5:end])
    del _inbox[:end]
    return frame_type, body


def _send(frame_type, body):
    data = memoryview(len(body).to_bytes(4, "little") + bytes((frame_type,)) + body)
    while data:
        try:
            data = data[os.write(CHANNEL, data) :]
        except BlockingIOError:
            _wait()


# ---- answers and errors

_DECIMAL = "\x00decimal:"
_DECIMAL_IN_JSON = re.compile(r'"\\u0000decimal:([^"]*)"')


class _Encoder(json.JSONEncoder):
    """Decimals are written with their own digits, NaN as NaN."""

    met_decimal = False

    def default(self, o):
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(o, decimal.Decimal):
            if o.is_nan():
                return float("nan")
            self.met_decimal = True
            return _DECIMAL + str(o)
        return super().default(o)


def _to_json(value):
    # Characters are left unescaped since Python 3.12.
    encoder = _Encoder(ensure_ascii=sys.version_info < (3, 12))
    text = encoder.encode(value)
    return _DECIMAL_IN_JSON.sub(r"\1", text) if encoder.met_decimal else text


class _RuntimeFault(Exception):
    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


def _error_object(error, request_id):
    if isinstance(error, _RuntimeFault):
        error_type, message, trace = error.error_type, error.message, error.trace
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename != __file__]
        # From the first frame of the user's on, ours and importlib's above it are left out.
        first = frames.index(own[0]) if own else 0
        trace = traceback.format_list(frames[first:] if own else [])
        error_type, message = type(error).__name__, str(error)
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id or "", "stackTrace": trace}


def _log_error(error):
    if _settings["logFormat"] == "JSON":
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        _send(LOG, json.dumps({"timestamp": now, "level": "ERROR", **error}, ensure_ascii=False).encode())
        return
    lines = ["[ERROR] " + ": ".join(part for part in (error["errorType"], error["errorMessage"]) if part)]
    lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        for line in entry.splitlines() or [""]:
            text = line.lstrip(" ")
            # AWS indents with no-break spaces, so that the console keeps them.
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    _send(LOG, "\n".join(lines).encode())


# ---- log

_settings = {}
_request_id = None


class _Output:
    """Standard output and error: whole lines go to the runner in their place among the other lines."""

    def __init__(self, stream):
        self._stream = stream
        self._line = ""

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        whole, newline, rest = (self._line + text).rpartition("\n")
        self._line = rest
        if newline or len(rest) > 65536:
            self._emit(whole + newline)
        return len(text)

    def _emit(self, text):
        if len(self._line) > 65536:
            text, self._line = text + self._line, ""
        _send(OUTPUT, text.encode("utf-8", "backslashreplace"))

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        self._stream.flush()

    def end_call(self):
        if self._line:
            text, self._line = self._line, ""
            _send(OUTPUT, (text + "\n").encode("utf-8", "backslashreplace"))


class _LogSink:
    def log(self, message):
        _send(LOG, message.encode("utf-8", "backslashreplace"))


class _LogHandler(logging.Handler):
    def __init__(self):
        super().__init__()
        self.log_sink = _LogSink()

    def emit(self, record):
        self.log_sink.log(self.format(record))


class _RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = _request_id or ""
        return True


_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "taskName"}


class _JsonFormatter(logging.Formatter):
    def format(self, record):
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "timestamp": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, value, trace = record.exc_info
            entry["stackTrace"] = traceback.format_tb(trace)
            entry["errorType"] = kind.__name__
            entry["errorMessage"] = str(value)
        if record.aws_request_id:
            entry["requestId"] = record.aws_request_id
        if "errorType" in entry:
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        for name, value in vars(record).items():
            if name not in _STANDARD_FIELDS and name not in entry and value is not None:
                entry[name] = value
        return json.dumps(entry, ensure_ascii=False, default=str)


def _set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = _LogHandler()
    if _settings["logFormat"] == "JSON":
        handler.setFormatter(_JsonFormatter())
    else:
        line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(_RequestIdFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(
        _settings.get("logLevel"), _settings.get("logLevel")
    )
    if level:
        root.setLevel(level)


# ---- the context object


class CognitoIdentity:
    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Client:
    def __init__(self, given):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, given.get(name))


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if given.get("client") is not None else None


class LambdaContext:
    def __init__(self, call):
        self.aws_request_id = call["requestId"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = call["invokedFunctionArn"]
        self.tenant_id = None
        self.client_context = _client_context(call.get("clientContext"))
        self.identity = CognitoIdentity()
        self._deadline_ms = call["deadlineMs"]

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, msg):
        _send(LOG, str(msg).encode("utf-8", "backslashreplace"))


def _client_context(text):
    if not text:
        return None
    try:
        return ClientContext(json.loads(text))
    except Exception as error:
        message = f"Unable to parse Client Context JSON: {error}"
        raise _RuntimeFault("Runtime.LambdaContextUnmarshalError", message) from None


# ---- the handler


def _load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise _RuntimeFault("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise _RuntimeFault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise _RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise _RuntimeFault("Runtime.UserCodeSyntaxError", message, trace) from None
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise _RuntimeFault("Runtime.HandlerNotFound", message)
    return getattr(module, function_name)


def _event_of(payload):
    try:
        return json.loads(payload)
    except Exception as error:
        raise _RuntimeFault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def _marshal(value):
    if isinstance(value, bytes):
        return value
    try:
        return _to_json(value).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise _RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def _answer(handler, call, payload):
    try:
        context = LambdaContext(call)
        event = _event_of(payload)
        home_names.look(event)
        return RESPONSE, _marshal(handler(event, context))
    except Exception as error:
        found = _error_object(error, call["requestId"])
        _end_lines()
        _log_error(found)
        return ERROR, json.dumps(found, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _end_lines():
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _Output):
            stream.end_call()


def _serve(handler):
    global _request_id
    limit = _settings["maxResponseBytes"]
    while True:
        frame_type, body = _receive()
        if frame_type != INVOKE:
            raise RuntimeError(f"unexpected frame {frame_type}")
        header_end = 4 + int.from_bytes(body[:4], "little")
        call = json.loads(body[4:header_end])
        _request_id = call["requestId"]
        os.environ["_X_AMZN_TRACE_ID"] = call["traceId"]
        kind, answer = _answer(handler, call, body[header_end:])
        _end_lines()
        if kind == RESPONSE and len(answer) > limit:
            kind, answer = TOO_LARGE, b""
        _send(kind, answer)


def _set_up_paths():
    # Where this file lies is no place for the function's modules to be found, or to hide the standard library's.
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own]
    # The code's folder may be watched, and is read-only on AWS.
    sys.pycache_prefix = os.path.join(_settings["cacheDir"], "python")
    taken = set(_settings["modulePath"]) | {_settings["taskRoot"]}
    rest = [entry for entry in sys.path if entry not in taken]
    sys.path[:] = [_settings["taskRoot"], *_settings["modulePath"], *rest]


def _main():
    os.set_inheritable(CHANNEL, False)
    frame_type, body = _receive()
    if frame_type != INIT:
        raise RuntimeError(f"unexpected frame {frame_type}")
    _settings.update(json.loads(body))
    _set_up_paths()
    sys.stdout = _Output(sys.stdout)
    sys.stderr = _Output(sys.stderr)
    _set_up_logging()
    home_names.lead(_settings.get("home"))
    try:
        handler = _load_handler(_settings["handler"])
    except Exception as error:
        found = _error_object(error, None)
        _end_lines()
        _log_error(found)
        _send(INIT_ERROR, json.dumps(found, ensure_ascii=False).encode("utf-8", "backslashreplace"))
        os._exit(1)
    _send(READY, b"")
    _serve(handler)


_main()
