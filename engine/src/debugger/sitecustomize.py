# -*- coding: utf-8 -*-
# Put before Python's own start by CGI Studio: it lets the studio see a script's variables when the script fails
# (`locals`), and stop it on the way (`pdb`, `debugpy`).
#
# Python imports a module of this name before any script, so that the script stays what it is: `__main__`, with its
# own command line, first folder of imports and standard streams. What brought us here is taken back first.
# Nothing of this may change what the script prints or how it ends; every failure in here is silent.
import os
import sys


def _take_back():
    """Removes our traces and runs the sitecustomize that would have been imported without us."""
    order = os.environ.pop("CGI_STUDIO_HOOK", "")
    before = os.environ.pop("CGI_STUDIO_PYTHONPATH", None)
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if path != folder]
    sys.path_importer_cache.pop(folder, None)
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        sys.modules.setdefault("sitecustomize", ours)
    return order


_SECRET = ("pass", "pwd", "secret", "token", "apikey", "api_key", "auth", "cookie", "session", "credential", "private")
_HIDDEN = "(hidden: its name sounds like a secret)"
_MOST_TEXT = 600
_MOST_ITEMS = 24
_DEEPEST = 3
_MOST_LOCALS = 100
_MOST_FRAMES = 40
_MOST_EXCEPTIONS = 8
_MOST_BYTES = 262144
_PATIENCE = 1.0
_LONGEST_NAME = 200
_known_masks = None


# Whether a `__repr__` that is written in Python is asked; not any more after one of them has hung.
_trusting = True


def _is_secret(name):
    if isinstance(name, (bytes, bytearray)):
        name = bytes(name[:_LONGEST_NAME]).decode("latin-1")
    if not isinstance(name, str):
        return False
    name = name[:_LONGEST_NAME].lower().replace("-", "_")
    return any(word in name for word in _SECRET)


def _masks():
    """What stands before a secret in a text, and the secret: a form's body, a query, a header, JSON, a `repr`."""
    import re

    part = r"[\w.%\[\]-]{0,64}"
    name = "%s(?:%s)%s" % (part, "|".join(_SECRET).replace("_", "[_-]"), part)
    quoted = r"""b?'(?:[^'\\]|\\.)*'?|b?"(?:[^"\\]|\\.)*"?"""
    group = r"\w*[\[({][^\])}]*[\])}]?"
    found = [
        # A part of a multipart body.
        r"""(name="?%s"?(?:;[^\r\n]*)?(?:\r?\n[^\r\n]+)*\r?\n\r?\n).*?(?=\r?\n--|\Z)""" % name,
        r"""(\\?['"]%s\\?['"]\s*[,:=]\s*)(?:%s|%s|[^\s,;&})\]]+)""" % (name, quoted, group),
        r"(%s\s*=\s*)(?:%s|%s|[^&;\s]+)" % (name, quoted, group),
        r"(%s\s*:\s*)(?:%s|%s|[^\r\n]+)" % (name, quoted, group),
        r"(://[^\s/:@]*:)[^\s/@]+(?=@)",
    ]
    return [re.compile(one, re.IGNORECASE | re.DOTALL) for one in found]


def _masked(text):
    """A text without the secrets whose names stand before them."""
    global _known_masks
    if _known_masks is None:
        _known_masks = _masks()
    for mask in _known_masks:
        text = mask.sub(r"\1(hidden)", text)
    return text


def _cut(text):
    text = str(text)
    if len(text) > _MOST_TEXT:
        return "%s… (%d characters)" % (text[:_MOST_TEXT], len(text))
    return text


def _said(value):
    """What an object says of itself, cut before it is searched."""
    text = str(repr(value))
    more = "… (%d characters)" % len(text) if len(text) > _MOST_TEXT else ""
    return _masked(text[:_MOST_TEXT]) + more


def _shown(value, depth, inside):
    """A value in few words. Containers are walked here, so that cycles end and names of secrets are seen."""
    if isinstance(value, (str, bytes, bytearray)):
        return _text(value)
    kind = type(value)
    found = _content(value, kind)
    if found is not None:
        if id(value) in inside or depth >= _DEEPEST:
            return "…"
        text = _container(found, depth, inside | {id(value)})
        return text if kind in (dict, list, tuple, set, frozenset) else "%s(%s)" % (_name(kind), text)
    own = type(getattr(kind, "__repr__", None)).__name__ == "function"
    if own and not _trusting:
        return "<%s object>" % _name(kind)
    return _said(value)


def _text(value):
    head = value[: _MOST_TEXT + 1]
    more = "… (%d in all)" % len(value) if len(value) > _MOST_TEXT else ""
    if isinstance(head, str):
        return _cut(repr(_masked(str(head)))) + more
    plain = _masked(bytes(head).decode("latin-1")).encode("latin-1")
    return _cut(repr(bytearray(plain) if isinstance(head, bytearray) else plain)) + more


def _content(value, kind):
    """What a container holds: rows of a name and a value, or single values; and its brackets. None for others."""
    names = [one.__name__ for one in kind.__mro__]
    if "Morsel" in names and isinstance(value, dict):
        own = vars(value)
        return [(own.get("_key"), own.get("_value"))], True, "{}"
    if "MiniFieldStorage" in names:
        return [(value.name, value.value)], True, "{}"
    if "FieldStorage" in names and isinstance(vars(value).get("list"), list):
        return list(value.list), False, "[]"
    if "FieldStorage" in names:
        own = vars(value)
        return [(own.get("name"), own.get("filename") or (_trusting and value.value))], True, "{}"
    # The methods of the base: those of the script could do anything.
    if isinstance(value, dict):
        return list(dict.items(value)), True, "{}"
    if kind is type(os.environ) or (_trusting and _is_mapping(value)):
        return list(value.items()), True, "{}"
    if isinstance(value, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return list(zip(kind._fields, tuple.__iter__(value))), True, "{}"
    for base, brackets in ((list, "[]"), (tuple, "()"), (set, "{}"), (frozenset, "{}")):
        if isinstance(value, base):
            return list(base.__iter__(value)), False, brackets
    return None


def _is_mapping(value):
    from collections.abc import Mapping

    return isinstance(value, Mapping)


def _container(found, depth, inside):
    rows, named, brackets = found
    # A name and its value, as `parse_qsl` and header lists have them.
    pair = not named and len(rows) == 2 and brackets in ("[]", "()") and _is_secret(rows[0])
    parts = []
    size = 0
    for index, row in enumerate(rows[:_MOST_ITEMS]):
        if named:
            name, content = row
            shown = _HIDDEN if _is_secret(name) else _guarded(content, depth + 1, inside)
            text = "%s: %s" % (_guarded(name, depth + 1, inside), shown)
        else:
            text = _HIDDEN if pair and index == 1 else _guarded(row, depth + 1, inside)
        parts.append(text)
        size += len(text)
        if size > _MOST_TEXT:
            break
    if len(parts) < len(rows):
        parts.append("… (%d in all)" % len(rows))
    comma = "," if brackets == "()" and len(rows) == 1 else ""
    return brackets[0] + ", ".join(parts) + comma + brackets[1]


def _guarded(value, depth=0, inside=frozenset()):
    try:
        return _shown(value, depth, inside)
    except BaseException as error:
        return "(cannot be shown: %s)" % _name(type(error))


def _name(kind):
    module = getattr(kind, "__module__", "builtins")
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", "__main__") else "%s.%s" % (module, name)


def _locals(names):
    """Name, type and value; what Python itself put into a module is left out."""
    rows = []
    for name, value in list(names.items()):
        if name.startswith("__"):
            continue
        kind = type(value)
        if kind.__name__ in ("module", "function", "type", "builtin_function_or_method"):
            continue
        text = _HIDDEN if _is_secret(name) else _guarded(value)
        rows.append([str(name), _name(kind), text])
        if len(rows) >= _MOST_LOCALS:
            break
    return rows


def _frames(traceback):
    all_frames = []
    while traceback is not None:
        all_frames.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    left_out = max(0, len(all_frames) - _MOST_FRAMES)
    if left_out:
        half = _MOST_FRAMES // 2
        all_frames = all_frames[:half] + all_frames[-half:]
    told = [
        {
            "file": frame.f_code.co_filename,
            "line": line or 0,
            "function": frame.f_code.co_name,
            "locals": _locals(frame.f_locals),
        }
        for frame, line in all_frames
    ]
    return told, left_out


def _report(error):
    """The exceptions as a traceback tells them, the oldest first."""
    chain = []
    seen = set()
    while error is not None and id(error) not in seen and len(chain) < _MOST_EXCEPTIONS:
        seen.add(id(error))
        frames, left_out = _frames(error.__traceback__)
        chain.append({"type": _name(type(error)), "frames": frames, "left_out": left_out})
        hidden = getattr(error, "__suppress_context__", False)
        error = error.__cause__ or (None if hidden else error.__context__)
    return {"python": sys.version.split()[0], "exceptions": chain[::-1]}


def _packed(report):
    import json

    text = json.dumps(report, ensure_ascii=True)
    while len(text) > _MOST_BYTES:
        # The frames in the middle say least.
        longest = max(report["exceptions"], key=lambda one: len(one["frames"]))
        if not longest["frames"]:
            return b""
        longest["frames"].pop(len(longest["frames"]) // 2)
        longest["left_out"] += 1
        text = json.dumps(report, ensure_ascii=True)
    return text.encode("ascii")


def _aside(make):
    """What `make` returns, made by a copy of this process: whatever a `__repr__` does there, hang, print or crash,
    it does not do here."""
    import select
    import signal
    import time
    import warnings

    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        try:
            import resource

            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.close(reading)
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            content = make()
            while content:
                content = content[os.write(writing, content):]
        finally:
            os._exit(0)
    os.close(writing)
    parts = []
    end = time.monotonic() + _PATIENCE
    try:
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([reading], [], [], left)[0]:
                return b""
            part = os.read(reading, 65536)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        os.close(reading)
        for ending in (lambda: os.kill(child, signal.SIGKILL), lambda: os.waitpid(child, 0)):
            try:
                ending()
            except OSError:
                pass


def _aside_warily(make):
    """The same; when it fails, once more without asking any object that could be the cause."""
    global _trusting
    content = _aside(make)
    if not content:
        _trusting = False
        content = _aside(make)
        _trusting = True
    return content


def _at_exception(act):
    """Calls `act` with an exception that nobody caught, before Python or the script's own hook tells of it."""

    def safely(error):
        try:
            act(error)
        except Exception:
            pass

    def audit(event, args):
        if event == "sys.excepthook" and len(args) > 2 and args[2] is not None:
            safely(args[2])

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(audit)
        return
    tell = sys.excepthook

    def hook(kind, error, traceback):
        safely(error)
        tell(kind, error, traceback)

    sys.excepthook = hook


def _record_locals(path):
    def act(error):
        content = _aside_warily(lambda: _packed(_report(error)))
        if content:
            with open(path, "wb") as file:
                file.write(content)

    _at_exception(act)


class _Line(object):
    """The console's end of the wire: what is written goes out as JSON lines, what is read are commands."""

    def __init__(self, path):
        import json
        import socket
        import threading

        self.json = json
        self.lock = threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.set_inheritable(False)
        self.commands = self.socket.makefile("r", encoding="utf-8", errors="replace")
        self.encoding = "utf-8"
        self.failed = False

    def tell(self, **message):
        try:
            with self.lock:
                self.socket.sendall(self.json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            pass

    def write(self, text):
        self.tell(text=text)

    def flush(self):
        pass

    def readline(self):
        try:
            return self.commands.readline()
        except OSError:
            return ""


def _at_first_line(act):
    """Calls `act` with the frame of the script itself, before its first line."""

    def tracer(frame, event, arg):
        code = frame.f_code
        if event == "call" and code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            sys.settrace(None)
            return act(frame)
        return None

    sys.settrace(tracer)


def _under_pdb(path):
    import pdb

    line = _Line(path)

    class Console(pdb.Pdb):
        failure = None
        script = None

        def __init__(self):
            pdb.Pdb.__init__(self, stdin=line, stdout=line, nosigint=True, readrc=False)
            self.use_rawinput = False
            self.prompt = "(Pdb) "

        def preloop(self):
            self.show()
            return pdb.Pdb.preloop(self)

        def postcmd(self, stop, text):
            if not stop:
                self.show()
            return pdb.Pdb.postcmd(self, stop, text)

        def show(self):
            stack = [
                {"file": frame.f_code.co_filename, "line": number or 0, "function": frame.f_code.co_name}
                for frame, number in self.stack[-200:]
            ]
            current = self.curindex - max(0, len(self.stack) - 200)
            content = b""
            try:
                content = _aside_warily(lambda: line.json.dumps(_locals(self.curframe.f_locals)).encode("ascii"))
            except OSError:
                pass
            names = line.json.loads(content.decode("ascii")) if content else None
            line.tell(stopped={"stack": stack, "current": current, "locals": names, "exception": self.failure})

        # Beyond the script's last line is what Python does to end, which nobody wants to step through.
        def user_return(self, frame, value):
            pdb.Pdb.user_return(self, frame, value)
            if frame is self.script:
                self.set_continue()

        # The studio ends the run: a quitting pdb would leave a traceback of its own.
        def do_quit(self, arg):
            line.tell(quit=True)

        do_q = do_exit = do_quit

        # Nobody listens any more: the script goes on by itself.
        def do_EOF(self, arg):
            self.clear_all_breaks()
            self.set_continue()
            return 1

    console = Console()

    def first(frame):
        console.reset()
        console.script = frame
        console.set_trace(frame)
        return console.trace_dispatch

    def act(error):
        sys.settrace(None)
        console.failure = "%s: %s" % (_name(type(error)), _cut(_guarded_text(error)))
        console.reset()
        if error.__traceback__ is not None:
            console.interaction(None, error.__traceback__)

    _at_exception(act)
    _at_first_line(first)
    line.tell(ready="pdb")


def _guarded_text(error):
    try:
        return str(error)
    except BaseException:
        return "(its text cannot be shown)"


def _without_streams(act):
    """What `act` starts gets none of the script's streams: it would keep the answer open."""
    kept = [os.dup(stream) for stream in (0, 1, 2)]
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        return act()
    finally:
        for stream, before in enumerate(kept):
            os.dup2(before, stream)
            os.close(before)
        os.close(nothing)


def _when_closed(line):
    """Ends the waiting for an editor when the studio closes the console: the script goes on by itself."""
    import _thread
    import time

    def watch():
        while line.readline():
            pass
        while not line.failed:
            try:
                return sys.modules["debugpy"].wait_for_client.cancel()
            except Exception:
                # It does not wait yet.
                time.sleep(0.02)

    # Before debugpy comes, which looks at each thread that begins after it.
    _thread.start_new_thread(watch, ())


def _under_debugpy(path):
    line = _Line(path)

    def first(frame):
        _when_closed(line)
        try:
            import debugpy

            _, port = _without_streams(lambda: debugpy.listen(("127.0.0.1", 0)))
        except BaseException as error:
            line.failed = True
            line.tell(failed="%s: %s" % (_name(type(error)), _guarded_text(error)))
            return None
        line.tell(port=port)
        debugpy.wait_for_client()
        line.tell(attached=True)
        return None

    _at_first_line(first)
    line.tell(ready="debugpy")


def _begin():
    order = _take_back()
    # The studio makes each script the leader of a group of processes. Any other Python is one that the script
    # started, and is not looked at.
    if sys.version_info < (3, 6) or os.getpid() != os.getpgrp():
        return
    what, _, path = order.partition(":")
    act = {"locals": _record_locals, "pdb": _under_pdb, "debugpy": _under_debugpy}.get(what)
    if act is not None:
        try:
            act(path)
        except Exception:
            pass


_begin()
