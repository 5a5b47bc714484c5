"""Damage that a stranger, a full disk or another program may do to a run's folder, drawn by a random generator."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import struct
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tomli_w

ESCAPES = "\x1b]0;title\x07\x1b[31mred\x9b2J\r\u202e"
PARTS = (
    "status.json",
    "experiment.toml",
    "events.jsonl",
    "commands.jsonl",
    "brief.jsonl",
    "notes.json",
    "live.safetensors",
    "worker.log",
    "worker.lock",
    "inspection/baseline.json",
)
"""Files of a run besides its weights."""
FOLDERS = ("checkpoints", "snapshots", "inspection", "checks", "checkpoints/aside")
ODD: tuple[Any, ...] = (
    0,
    1,
    -1,
    3,
    2**31,
    2**53,
    2**63,
    2**64,
    10**30,
    1e308,
    -1e308,
    1e-320,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "nan",
    "x" * 5000,
    ESCAPES,
    "[bold red",
    "../../outside/victim",
    "~nosuchuser/x.npz",
    "/dev/zero",
    "\x00.npz",
    None,
    True,
    [],
    {},
    [[[]]] * 3,
    [0] * 2000,
    {"name": "adam", "lr": -1},
)
"""Values to put into JSON, TOML and metadata."""
RAW = (b"9" * 5000, b"[" * 100_000, b'{"a":' * 50_000, b"1e999", b"nul", b"\xff\xfe", b"\x00")
"""Texts to put in place of a JSON value."""


class Place:
    """A run's folder that is to be damaged, what else may be put into it, and what must not change.

    Args:
        run: the folder.
        others: folders of other runs, whose files may be copied.
        outside: a folder to which links may point.
    """

    def __init__(self, rng: random.Random, run: Path, others: list[Path], outside: Path) -> None:
        self.rng, self.run, self.others, self.outside = rng, run, others, outside

    def files(self) -> list[Path]:
        """Return the regular files of the run, in a fixed order."""
        found = (path for path in self.run.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(found, key=os.fsencode)

    def file(self) -> Path:
        """Return a file of the run; one that every run has as often as one of its many weights."""
        named = [self.run / name for name in PARTS if (self.run / name).is_file()]
        weights = [path for path in self.files() if path.suffix == ".safetensors"]
        pools = [pool for pool in (named, named, weights) if pool]
        return self.rng.choice(self.rng.choice(pools)) if pools else self.run / "status.json"

    def any_place(self) -> Path:
        """Return a file or folder of the run, which may be missing."""
        return self.rng.choice([self.file(), self.file(), self.run / self.rng.choice(PARTS + FOLDERS)])

    def cleared(self) -> Path:
        """Return a place of the run, without what stood there."""
        path = self.any_place()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return path


def flip_bits(place: Place) -> None:
    path, rng = place.file(), place.rng
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 8, 64))):
        if content:
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def truncate(place: Place) -> None:
    path = place.file()
    os.truncate(path, place.rng.choice((0, 1, 7, 8, 9, place.rng.randrange(path.stat().st_size + 1))))


def garbage(place: Place) -> None:
    rng = place.rng
    noise = rng.choice((rng.randbytes(200), b"\n", b"}" * 10, ESCAPES.encode(), *RAW, b"x" * (5 << 20)))
    with place.file().open("r+b") as stream:
        stream.seek(0, rng.choice((os.SEEK_SET, os.SEEK_END)))
        stream.write(noise)


def swap_lines(place: Place) -> None:
    path, rng = place.file(), place.rng
    lines = path.read_bytes().splitlines(keepends=True)
    match rng.randrange(4):
        case 0:
            rng.shuffle(lines)
        case 1:
            lines += lines
        case 2:
            lines = lines[rng.randrange(len(lines) + 1) :]
        case _:
            lines = [line for line in lines if rng.random() < 0.5]
    path.write_bytes(b"".join(lines))


def of_another_run(place: Place) -> None:
    path, other = place.file(), place.rng.choice(place.others)
    theirs = other / path.relative_to(place.run)
    if path.suffix == ".safetensors":
        theirs = place.rng.choice(sorted(other.rglob("*.safetensors")))
    if theirs.is_file():
        shutil.copyfile(theirs, path)


def of_the_same_run(place: Place) -> None:
    source, target = place.file(), place.file()
    if source != target:
        shutil.copyfile(source, target)


def link(place: Place) -> None:
    targets = (
        place.outside / "victim",
        place.outside / "folder",
        place.outside / "none",
        Path("/dev/zero"),
        Path("/dev/null"),
        Path("/dev/tty"),
        Path("/proc/self/environ"),
        Path(place.run.name),
        place.others[0],
        Path("../../" + "x" * 200),
    )
    target = place.rng.choice(targets)
    place.cleared().symlink_to(target)


def pipe(place: Place) -> None:
    os.mkfifo(place.cleared())


def a_socket(place: Place) -> None:
    path = place.cleared()
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as sock:  # the path may be too long
        sock.bind(str(path))


def hole(place: Place) -> None:
    path = place.cleared()
    path.touch()
    os.truncate(path, place.rng.choice((50 << 30, 1 << 26, 1 << 20)))


def folder_for_file(place: Place) -> None:
    path = place.cleared()
    path.mkdir()
    (path / "status.json").write_text("{}")


def file_for_folder(place: Place) -> None:
    path = place.run / place.rng.choice(FOLDERS)
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.write_text("{}")


def missing(place: Place) -> None:
    place.cleared()


def odd_names(place: Place) -> None:
    names: tuple[bytes, ...] = (
        ESCAPES.replace("\x00", "").encode(),
        b"bad\xff",
        b"step-999999999999999999.safetensors",
        b"step-00000000.safetensors",
        b".events.jsonl.1.tmp",
        b"[red]",
        b"n" * 255,
        b"-rf",
        b"a\nb",
    )
    name = os.fsdecode(place.rng.choice(names))
    folder = place.run / place.rng.choice(("", *FOLDERS[:4]))
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(place.file().read_bytes())
    neighbour = place.run.parent / name
    if place.rng.random() < 0.5 and not neighbour.exists():
        shutil.copytree(place.others[0], neighbour)


def no_permission(place: Place) -> None:
    place.any_place().chmod(place.rng.choice((0, 0o400, 0o777)))


def json_values(place: Place) -> None:
    """Change values in the lines of a JSON file."""
    rng = place.rng
    named = [path for path in place.files() if path.suffix in (".json", ".jsonl")]
    if not named:
        return
    path = rng.choice(named)
    lines = path.read_bytes().splitlines() or [b"{}"]
    kinds = {line[:20]: i for i, line in enumerate(lines)}  # rare events as often as frequent ones
    for _ in range(rng.choice((1, 1, 4))):
        number = rng.choice([*kinds.values(), rng.randrange(len(lines))])
        with contextlib.suppress(ValueError, RecursionError):
            lines[number] = changed_json(rng, lines[number])
    path.write_bytes(b"\n".join(lines) + b"\n")


def toml_values(place: Place) -> None:
    """Change values in the experiment file."""
    path = place.run / "experiment.toml"
    with contextlib.suppress(ValueError, OSError, TypeError, RecursionError):
        tables = tomllib.loads(path.read_text())
        change(place.rng, tables, without_none=True)
        path.write_text(tomli_w.dumps(tables))


def weights(place: Place) -> None:
    """Change the header, the metadata or the payload of weights; mostly with digests that fit."""
    rng = place.rng
    found = [path for path in place.files() if path.suffix == ".safetensors"]
    some = found if rng.random() < 0.5 else [rng.choice(found)] if found else []
    how, seed = rng.choice((lying_header, forged_metadata, forged_payload)), rng.random()
    for path in some:  # all in the same way: else the next one is taken
        with contextlib.suppress(ValueError, LookupError, struct.error, RecursionError, TypeError):
            header, payload = read_sealed(path)
            payload = how(random.Random(seed), header, payload)
            path.write_bytes(sealed(header, payload))


def lying_header(rng: random.Random, header: dict[str, Any], payload: bytes) -> bytes:
    names = [name for name in header if name != "__metadata__"]
    entry = header[rng.choice(names)]
    match rng.randrange(5):
        case 0:
            entry["shape"] = rng.choice(([], [0], [-1], [10**12], [2**63], [1] * 100, "x", [0.5]))
        case 1:
            start, end = entry["data_offsets"]
            entry["data_offsets"] = rng.choice(
                ([start, end * 10**6], [0, 10**15], [end, start], [-8, end], [0])
            )
        case 2:
            entry["dtype"] = rng.choice(("F64", "I64", "BF16", "F8_E4M3", "U8", "X", 3))
        case 3:
            header[rng.choice((ESCAPES, "layers.9.weight", "x" * 10_000))] = dict(entry)
        case _:
            del header[rng.choice(names)]
    return payload


def forged_metadata(rng: random.Random, header: dict[str, Any], payload: bytes) -> bytes:
    metadata = header["__metadata__"]
    key = rng.choice([key for key in metadata if not key.startswith("sha256")])
    if rng.random() < 0.2:
        metadata[key] = rng.choice(RAW).decode("latin-1")
    elif rng.random() < 0.1:
        del metadata[key]
    else:
        metadata[key] = changed_json(rng, metadata[key].encode()).decode("latin-1")
    return payload


def forged_payload(rng: random.Random, header: dict[str, Any], payload: bytes) -> bytes:
    numbers = (float("nan"), float("inf"), 3e38, -3e38, 1e-45, 0.0, 1e20)
    value = struct.pack("<f", rng.choice(numbers))
    words = len(payload) // 4
    if rng.random() < 0.5:
        return value * words + payload[words * 4 :]
    at = 4 * rng.randrange(max(1, words))
    return payload[:at] + value + payload[at + 4 :]


def read_sealed(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of a file with weights."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def sealed(header: dict[str, Any], payload: bytes) -> bytes:
    """Return a file with weights, with digests that fit: they are no secret."""
    metadata = header["__metadata__"]
    kept = {key: text for key, text in metadata.items() if not key.startswith("sha256")}
    metadata["sha256_metadata"] = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    metadata["sha256"] = hashlib.sha256(payload).hexdigest()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + payload


def changed_json(rng: random.Random, text: bytes) -> bytes:
    """Return a JSON text with one value changed; ValueError if it is none."""
    value = json.loads(text)
    mark = "\ufeffhere"
    raw = rng.random() < 0.15
    value = change(rng, value, mark if raw else rng.choice(ODD))
    found = json.dumps(value).encode()
    return found.replace(json.dumps(mark).encode(), rng.choice(RAW)) if raw else found


def change(rng: random.Random, value: Any, new: Any = ..., *, without_none: bool = False) -> Any:
    """Change one part of plain values in place, and return them."""
    spots = list(_spots(value))
    if new is ...:
        new = rng.choice([odd for odd in ODD if not (without_none and odd is None)])
    if not spots:
        return new
    holder, key = rng.choice(spots)
    if rng.random() < 0.1:
        del holder[key]
    elif rng.random() < 0.1 and isinstance(holder, dict):
        holder[rng.choice((ESCAPES, "extra", "type", "name"))] = new
    elif rng.random() < 0.3 and isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
        holder[key] *= rng.choice((-1, 10, 10**3, 10**6, 10**9, 0.1))
    else:
        holder[key] = new
    return value


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    items: Any = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield value, key
        yield from _spots(inner)


KINDS: tuple[Callable[[Place], None], ...] = (
    flip_bits,
    truncate,
    garbage,
    swap_lines,
    of_another_run,
    of_the_same_run,
    link,
    link,
    pipe,
    a_socket,
    hole,
    folder_for_file,
    file_for_folder,
    missing,
    odd_names,
    no_permission,
    json_values,
    json_values,
    json_values,
    toml_values,
    toml_values,
    toml_values,
    weights,
    weights,
    weights,
)


def damage(place: Place, number: int) -> list[str]:
    """Damage a run in one to three ways, and return their names; every kind comes first in turn, by `number`."""
    rng = place.rng
    chosen = [KINDS[number % len(KINDS)], *rng.choices(KINDS, k=rng.choice((0, 0, 1, 2)))]
    done = []
    for kind in chosen:
        with contextlib.suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError, FileExistsError):
            kind(place)  # what an earlier one removed is not there
            done.append(kind.__name__)
    return done
