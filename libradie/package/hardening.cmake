# What makes a mistake harder to exploit. Explicit, and the same on every build host; a compiler that lacks a flag is an error
# that says which option turns hardening off. tests/package/hardening.py looks for each in the commands that
# compile, and in the installed files for what they show of it.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

set(RADIE_HARDENING_FLAGS -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i[3-6]86)$")
  list(APPEND RADIE_HARDENING_FLAGS -fcf-protection=full)  # CET: shadow stack, indirect branches land on a mark
endif()
foreach(flag IN LISTS RADIE_HARDENING_FLAGS)
  string(MAKE_C_IDENTIFIER "RADIE_HAVE_${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(NOT ${known})
    message(FATAL_ERROR "The compiler does not know ${flag}; -DRADIE_HARDEN=OFF builds without hardening")
  endif()
endforeach()
add_compile_options(${RADIE_HARDENING_FLAGS})
# Fortified functions need the optimiser, and sanitizers check for themselves what they would.
add_compile_options("$<$<CONFIG:Release,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

check_pie_supported(LANGUAGES CXX)
if(NOT CMAKE_CXX_LINK_PIE_SUPPORTED)
  message(FATAL_ERROR "The linker makes no position independent programs; -DRADIE_HARDEN=OFF builds without hardening")
endif()
