"""What the built library asks of the system, and what it shows: no abort, exit, printing, sockets,
processes or temporary files in radie's own objects; nothing but radie's public names in the shared
library.

    symbols.py --archive LIB.a --shared LIB.so [--nm NM] [--asserts]
    symbols.py --self-test
"""

import argparse
import re
import subprocess
import sys

# std::terminate is not here: the compiler calls it by itself in every noexcept function.
FORBIDDEN = {
    "end the process": (
        "abort exit _exit _Exit quick_exit raise kill pthread_kill std::abort std::exit"
    ),
    "fail an assertion": "__assert_fail __assert_perror_fail std::__glibcxx_assert_fail",
    "print": (
        "stdout stderr stdin printf fprintf vprintf vfprintf __printf_chk __fprintf_chk "
        "__vprintf_chk __vfprintf_chk dprintf puts putchar fputs perror psignal std::cout "
        "std::cerr std::clog std::cin std::wcout std::wcerr std::wclog "
        "std::ios_base::Init::Init() syslog"
    ),
    "use the network": (
        "socket connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg "
        "getaddrinfo gethostbyname gethostbyname_r gethostname"
    ),
    "start a process": (
        "system popen fork vfork clone execve execv execvp execvpe execl execlp execle "
        "posix_spawn posix_spawnp"
    ),
    "load code": "dlopen dlmopen",
    "make a temporary file": "tmpfile tmpfile64 tmpnam mkstemp mkstemp64 mkostemp mkdtemp tempnam",
    "change the host's state": (
        "setenv putenv unsetenv clearenv setlocale signal sigaction chdir srand "
        "openblas_set_num_threads"
    ),
}
EXPORTS = re.compile(r"^((typeinfo( name)?|vtable) for )?radie::|^radie_")


def bare(symbol: str) -> str:
    """A symbol without its version and, for functions of namespace std, without its arguments."""
    name = symbol.split("@")[0]
    return name.split("(")[0] if re.match(r"std::(abort|exit|__glibcxx)", name) else name


def forbidden_in(nm_output: str, asserts: bool) -> list[str]:
    reasons = {
        name: why
        for why, names in FORBIDDEN.items()
        for name in re.findall(r"\S+", names)
        if not (asserts and (why == "fail an assertion" or name == "abort"))
    }
    problems, member = [], "?"
    for line in nm_output.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif match := re.match(r"\s*[Uwv] (.+)$", line):
            name = bare(match[1])
            if name in reasons:
                problems.append(f"{member} could {reasons[name]}: it calls or names {name}")
    return problems


def unexpected_exports(nm_output: str) -> list[str]:
    names = [
        re.sub(r"^\S*\s*[A-Za-z] ", "", line).split("@@")[0]
        for line in nm_output.splitlines()
        if line.strip()
    ]
    problems = [f"the shared library shows {name}" for name in names if not EXPORTS.match(name)]
    for expected in (
        "radie::Model::Load(",
        "radie::Extractor::Extract(",
        "typeinfo for radie::Error",
    ):
        if not any(name.startswith(expected) for name in names):
            problems.append(f"the shared library does not show {expected.rstrip('(')}")
    return problems


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def self_test() -> None:
    listing = "\nreader.cc.o:\n" + "".join(
        f"                 U {name}\n"
        for name in ("abort", "std::terminate()", "memcpy@GLIBC_2.14")
    )
    assert forbidden_in(listing, False) == [
        "reader.cc.o could end the process: it calls or names abort"
    ]
    assert (
        len(
            forbidden_in(
                "a.o:\n  U fprintf@GLIBC_2.2.5\n U std::cerr@GLIBCXX_3.4\n w socket\n", False
            )
        )
        == 3
    )
    assert len(forbidden_in("a.o:\n U __assert_fail\n", False)) == 1 and not forbidden_in(
        "a.o:\n U __assert_fail\n", True
    )
    assert not forbidden_in(
        "a.o:\n0000 T radie::abort()\n U radie::Signal::exit\n U std::exit_like()\n", False
    )
    shown = (
        "0 T radie::Model::Load(std::string const&)\n0 T radie::Extractor::Extract(x) const\n"
        "0 V typeinfo for radie::Error\n"
    )
    assert unexpected_exports(shown) == []
    assert unexpected_exports(shown + "0 W std::vector<int>::vector()\n") == [
        "the shared library shows std::vector<int>::vector()"
    ]
    assert len(unexpected_exports(shown + "0 T cblas_sgemm\n0 V typeinfo for std::x\n")) == 2
    assert len(unexpected_exports("")) == 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--archive", help="the static library: radie's own objects")
    parser.add_argument("--shared", help="the shared library")
    parser.add_argument("--nm", default="nm")
    parser.add_argument(
        "--asserts",
        action="store_true",
        help="a build without NDEBUG, not optimised: assertions are allowed, and the abort that "
        "std::list has where only an optimiser sees that it is never reached",
    )
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    undefined = run(options.nm, "-C", "-u", options.archive)
    if undefined.count(":\n") < 10:
        raise SystemExit(f"{options.archive} has hardly any member: is it the library?")
    problems = forbidden_in(undefined, options.asserts)
    problems += unexpected_exports(run(options.nm, "-C", "-D", "--defined-only", options.shared))
    print("\n".join(problems) or "the library keeps its manners")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
