# Runs one call of a Python handler for the local SCF: `call.json` in, `answer.json` out.
import importlib
import json
import os
import sys
import threading
import time
import traceback

FOLDER = sys.argv[1]


def watch(pipe):
    """Ends with the server: only that one holds the other end of the pipe."""
    try:
        while os.read(pipe, 4096):
            pass
    finally:
        os._exit(70)


def peak():
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def write(name, text):
    path = os.path.join(FOLDER, name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def answer(began, **what):
    sys.stdout.flush()
    sys.stderr.flush()
    what["durationMs"] = (time.perf_counter() - began) * 1000
    what["memory"] = peak()
    write("answer.json", json.dumps(what))


def failed(began, error):
    # Not the frames of this file.
    while error.__traceback__ and error.__traceback__.tb_frame.f_code.co_filename == __file__:
        error.__traceback__ = error.__traceback__.tb_next
    stack = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    answer(began, message=f"{type(error).__name__}: {error}", stack=stack)


def main():
    with open(os.path.join(FOLDER, "call.json"), encoding="utf-8") as file:
        call = json.load(file)
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=watch, args=(pipe,), daemon=True).start()
    began = time.perf_counter()
    try:
        place, _, name = call["handler"].rpartition(".")
        folder, module = os.path.split(place)
        sys.path[0] = os.path.join(call["code"], folder)
        if folder:
            sys.path.insert(1, call["code"])
        handler = getattr(importlib.import_module(module), name)
        event = json.loads(call["event"])
        write("ready", "")
        began = time.perf_counter()
        text = json.dumps(handler(event, call["context"]), ensure_ascii=False)
    except BaseException as error:
        failed(began, error)
    else:
        answer(began, returned=text)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the handler do not hold up the answer.
    os._exit(0)


main()
