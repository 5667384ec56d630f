"""What the built library asks of the system, and what it shows. In radie's own objects, those of
the C interface too: no abort, exit, printing, sockets, processes, written or temporary files, and
no change of the host's locale, signals, floating-point environment or other state; the libraries
that they link are not looked into. In the shared library: nothing but radie's public names.

    symbols.py --archive LIB.a --shared LIB.so --sources REPOSITORY [--nm NM] [--asserts] [OBJECT…]
    symbols.py --self-test
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

# std::terminate is not here: the compiler calls it by itself in every noexcept function. Nor are
# reading calls (read, getenv, localeconv, std::ifstream) and what concerns own memory (madvise).
FORBIDDEN = {
    "end the process": (
        "abort exit _exit _Exit quick_exit raise kill pthread_kill tgkill sigqueue err errx verr "
        "verrx error std::abort std::exit"
    ),
    "fail an assertion": "__assert_fail __assert_perror_fail std::__glibcxx_assert_fail",
    "print": (
        "stdout stderr stdin printf fprintf vprintf vfprintf __printf_chk __fprintf_chk "
        "__vprintf_chk __vfprintf_chk dprintf vdprintf __dprintf_chk __vdprintf_chk puts putchar "
        "putc fputc fputs perror psignal warn warnx wprintf fwprintf putwchar fputwc fputws "
        "std::cout std::cerr std::clog std::cin std::wcout std::wcerr std::wclog std::wcin "
        "std::ios_base::Init::Init syslog vsyslog __syslog_chk __vsyslog_chk openlog"
    ),
    "use the network": (
        "socket socketpair connect bind listen accept accept4 send sendto sendmsg recv recvfrom "
        "recvmsg getaddrinfo getnameinfo gethostbyname gethostbyname_r gethostbyaddr gethostname"
    ),
    "start a process": (
        "system popen fork vfork clone execve execv execvp execvpe execveat fexecve execl execlp "
        "execle posix_spawn posix_spawnp daemon"
    ),
    "load code": "dlopen dlmopen",
    "make a temporary file": "tmpfile tmpnam mkstemp mkostemp mkstemps mkdtemp tempnam",
    "write a file": (
        "fopen freopen fdopen fwrite creat openat __open __openat write writev pwrite pwritev "
        "truncate ftruncate fallocate posix_fallocate copy_file_range sendfile splice msync "
        "shm_open memfd_create rename renameat renameat2 remove unlink unlinkat link linkat "
        "symlink symlinkat mkdir mkdirat rmdir mkfifo mknod chmod fchmod chown fchown utime utimes "
        "utimensat futimens std::basic_ofstream std::basic_fstream std::filesystem::rename "
        "std::filesystem::remove std::filesystem::remove_all std::filesystem::copy "
        "std::filesystem::copy_file std::filesystem::resize_file std::filesystem::permissions "
        "std::filesystem::last_write_time std::filesystem::create_directory "
        "std::filesystem::create_directories std::filesystem::create_symlink "
        "std::filesystem::create_hard_link"
    ),
    "change the host's locale": (
        "setlocale uselocale tzset std::locale::global uloc_setDefault ucnv_setDefaultName "
        "icu::Locale::setDefault icu::TimeZone::setDefault icu::TimeZone::adoptDefault"
    ),
    "change the host's signals": (
        "signal sigaction sigset sigignore siginterrupt sigaltstack sigprocmask pthread_sigmask "
        "alarm setitimer timer_create"
    ),
    "change the host's floating-point environment": (
        "fesetround feenableexcept fedisableexcept feholdexcept feupdateenv fesetmode "
        "fesetexceptflag feraiseexcept feclearexcept"
    ),
    "change the host's state": (
        "setenv putenv unsetenv clearenv chdir fchdir chroot umask setrlimit prlimit setpriority "
        "nice prctl sched_setaffinity sched_setscheduler pthread_setaffinity_np mlockall dup2 dup3 "
        "mallopt srand srandom openblas_set_num_threads goto_set_num_threads u_setMemoryFunctions "
        "u_setDataDirectory u_cleanup std::set_terminate std::set_new_handler "
        "std::filesystem::current_path std::pmr::set_default_resource "
        "std::ios_base::sync_with_stdio"
    ),
}
# Calls that could do any of this. These alone stand in the sources, word for word, and do not:
# another has to be argued here. The compiler's own are not symbols, so sources are searched.
ARGUED = {
    # Model files are opened to be read, and mapped so that nothing goes back to them.
    "open": {"model/open_file_posix.cc: open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)"},
    "mmap": {
        "model/open_file_posix.cc: "
        "mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, Descriptor(handle_), 0)"
    },
    # Asks the kernel to let this process use the tiles of AMX, which it refuses or grants for good:
    # nothing else of the process changes.
    "syscall": {
        "kernels/tile_permission_linux.cc: syscall(SYS_arch_prctl, kRequestPermission, kTileData)"
    },
    # While radie computes; the destructor puts the host's back (tests/extract).
    "fesetenv": {
        "base/float_environment.cc: fesetenv(FE_DFL_ENV)",
        "base/float_environment.cc: fesetenv(&host_)",
    },
    "__builtin_ia32_ldmxcsr": {
        "base/float_environment.cc: __builtin_ia32_ldmxcsr(kDefault)",
        "base/float_environment.cc: __builtin_ia32_ldmxcsr(control_)",
    },
    "_mm_setcsr": set(),
    "_MM_SET_EXCEPTION_MASK": set(),
    "_MM_SET_ROUNDING_MODE": set(),
    "_MM_SET_FLUSH_ZERO_MODE": set(),
    "_MM_SET_DENORMALS_ZERO_MODE": set(),
}
# What a linker may take from the host instead, or the host from here: functions of a name that
# other programs know. nlohmann-json's are compiled without its assertions here, one of which can
# fail. Those of its exceptions, and what puts their messages together, make none.
SHARED = re.compile(r"^[0-9a-f]+ [WV] (_Z(?:GV)?Z*N[rVKRO]*(8nlohmann.*))$")
WITHOUT_ASSERTIONS = {
    "exception",
    "invalid_iterator",
    "other_error",
    "out_of_range",
    "parse_error",
    "type_error",
    "concat",
    "concat_into",
}
EXPORTS = re.compile(r"^((typeinfo( name)?|vtable) for )?radie::|^radie_")


def bare(symbol: str) -> str:
    """A symbol without what varies: its version, ICU's and the 64 of large files; of namespace std
    and ICU's classes the function or the class alone, without arguments."""
    name = re.sub(r"^(vtable|VTT|typeinfo|typeinfo name) for ", "", symbol.split("@")[0])
    name = re.sub(r"^icu_\d+::", "icu::", name)
    if name.startswith(("std::", "icu::")):
        return re.split(r"[(<]", name)[0]
    return re.sub(r"(64)?(_\d+)?$", "", name)


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


def scopes(mangled: str) -> list[str]:
    """The names at the beginning of a nested name, up to the first template argument or the last
    one: "8nlohmann6detail5lexerI…" has three. What a function gives does not stand before them, as
    it does where a template's name is made readable."""
    names = []
    while match := re.match(r"\d+", mangled):
        end = match.end() + int(match[0])
        names.append(mangled[match.end() : end])
        mangled = mangled[end:]
    return names


def shared_in(mangled_nm_output: str) -> list[str]:
    matches = (SHARED.match(line) for line in mangled_nm_output.splitlines())
    return [
        f"a host may have, with assertions: {match[1]}"
        for match in matches
        if match and WITHOUT_ASSERTIONS.isdisjoint(scopes(match[2]))
    ]


def calls(name: str, text: str) -> list[str]:
    """The calls of a function in a source, comments and line breaks taken away."""
    text = " ".join(re.sub(r"//[^\n]*", "", text).split())
    found = []
    for match in re.finditer(rf"(?<![\w.>]){name} ?\(", text):
        end, depth = match.end(), 1
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(text[match.start() : end])
    return found


def unargued_in(sources: dict[str, str]) -> list[str]:
    """Calls of ARGUED that are not as they stand there, and those that are there no longer."""
    problems = []
    for name, argued in ARGUED.items():
        found = {f"{file}: {call}" for file, text in sources.items() for call in calls(name, text)}
        problems += [f"not argued in symbols.py: {call}" for call in sorted(found - argued)]
        problems += [f"argued, but gone: {call}" for call in sorted(argued - found)]
    return problems


def sources_of(repository: Path) -> dict[str, str]:
    """The library's sources; the Python module is none of it."""
    return {
        file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
        for root in (repository / "libradie", repository / "include")
        for file in root.rglob("*.*")
        if file.suffix in (".cc", ".h") and file.relative_to(root).parts[0] != "python"
    }


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


def self_test_symbols() -> None:
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
    for name in (
        "fopen64@GLIBC_2.2.5",
        "__open64_2",
        "u_setDataDirectory_72",
        "icu_72::Locale::setDefault(icu_72::Locale const&, UErrorCode&)",
        "std::locale::global(std::locale const&)",
        "std::filesystem::remove(std::filesystem::__cxx11::path const&, std::error_code&)",
        "vtable for std::basic_ofstream<char, std::char_traits<char> >",
        "std::basic_ofstream<char, std::char_traits<char> >::basic_ofstream()",
    ):
        assert len(forbidden_in(f"a.o:\n U {name}\n", False)) == 1, name
    for name in (
        "open64",
        "read",
        "u_tolower_72",
        "std::locale::locale()",
        "std::basic_ifstream<char, std::char_traits<char> >::~basic_ifstream()",
        "std::filesystem::current_path[abi:cxx11]()",
    ):
        assert not forbidden_in(f"a.o:\n U {name}\n", False), name


def self_test_shared() -> None:
    names = "N8nlohmann16json_abi_v3_11_26detail"
    for harmless in (
        f"0a W _Z{names}11parse_errorD0Ev",
        f"0a W _Z{names}9exception4nameERKSsi",
        f"0a W _Z{names.replace('N', 'NK', 1)}9exception4whatEv",
        f"0a W _Z{names}12out_of_range6createIDnLi0EEES2_iRKSsT_",
        f"0a W _Z{names}6concatISsJRA26_KcSscEEET_DpOT0_",
        f"0a V _ZTV{names}9exceptionE",
        f"0a t _Z{names}5lexerI1x1yE4scanEv",
        "0a W _ZNSt6vectorIN8nlohmann5lexerEE4backEv",
    ):
        assert shared_in(harmless) == [], harmless
    for harmful in (
        f"0a W _Z{names}5lexerI1x1yE11scan_numberEv",
        f"0a W _Z{names.replace('N', 'NK', 1)}5lexerI1x1yE8positionEv",
        f"0a W _Z{names}7builderI1xE11parse_errorEmRKNS1_9exceptionE",
        f"0a W _Z{names}9from_jsonI1xEEvRKT_Rb",  # it gives void, which nm -C tells before the name
        f"0a V _ZGVZ{names}5lexerI1xE4scanEvE5table",
    ):
        symbol = harmful.split()[2]
        assert shared_in(harmful) == [f"a host may have, with assertions: {symbol}"], harmful


def self_test_sources() -> None:
    code = (
        "f.open(x); is_open(y); // ::open(z)\n a = ::open(g(1),\n  O_RDONLY); OpenFile::open (2);"
    )
    assert calls("open", code) == ["open(g(1), O_RDONLY)", "open (2)"]
    argued: dict[str, str] = {}
    for call in sorted({call for known in ARGUED.values() for call in known}):
        file, text = call.split(": ")
        argued[file] = argued.get(file, "") + f"std::{text};\n"
    assert unargued_in(argued) == []
    argued["new.cc"] = "::open(path, O_RDWR); _mm_setcsr(_mm_getcsr());"
    assert len(unargued_in(argued)) == 2
    assert unargued_in({}) and all("gone" in problem for problem in unargued_in({}))


def self_test_exports() -> None:
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
    parser.add_argument("--sources", type=Path, help="the repository that they were built from")
    parser.add_argument("--nm", default="nm")
    parser.add_argument(
        "--asserts",
        action="store_true",
        help="a build without NDEBUG, not optimised: assertions are allowed, and the abort that "
        "std::list has where only an optimiser sees that it is never reached",
    )
    parser.add_argument(
        "objects", nargs="*", help="radie's own objects that are not in the archive"
    )
    options = parser.parse_args()
    if options.self_test:
        self_test_symbols()
        self_test_shared()
        self_test_sources()
        self_test_exports()
        return 0
    undefined = run(options.nm, "-C", "-u", options.archive, *options.objects)
    if undefined.count(":\n") < 10:
        raise SystemExit(f"{options.archive} has hardly any member: is it the library?")
    problems = forbidden_in(undefined, options.asserts) + unargued_in(sources_of(options.sources))
    if not options.asserts:
        problems += shared_in(run(options.nm, "--defined-only", options.archive))
    problems += unexpected_exports(run(options.nm, "-C", "-D", "--defined-only", options.shared))
    print("\n".join(problems) or "the library keeps its manners")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
