# Windows on x86-64 by Debian's mingw-w64, for a build under Linux. tools/build_windows.sh uses it.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# "posix": std::thread and its kin; they come from winpthreads, which is linked in.
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

# The system's own headers and libraries are Linux'. What is needed of them lies in CMAKE_PREFIX_PATH.
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Windows aligns the stack to 16 bytes, and GCC (its bug 54412) nevertheless moves 32- and 64-byte vectors to and from it
# with instructions that fault unless the address is aligned. The assembler writes those that take any address instead,
# which are as fast where the address is aligned. Needs binutils 2.38.
set(unaligned_moves -Wa,-muse-unaligned-vector-move)
# U_STATIC_IMPLEMENTATION: ICU is linked in. Windows 10 is the oldest that is promised.
set(windows "-D_WIN32_WINNT=0x0A00 -DU_STATIC_IMPLEMENTATION ${unaligned_moves}")
set(CMAKE_C_FLAGS_INIT "${windows}")
set(CMAKE_CXX_FLAGS_INIT "${windows}")
# Nothing of the compiler's has to be shipped: libgcc, libstdc++ and winpthreads are inside.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -static)
