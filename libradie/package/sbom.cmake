# The software bill of materials, in SPDX 2.3: what the build found and linked, and the installed programs and libraries with
# their digests. Written at installation: to share/doc/radie/radie.spdx.json, in a wheel to its dist-info/sboms/.
set_property(GLOBAL PROPERTY RADIE_SBOM_VERSION ${PROJECT_VERSION})  # radie's, whatever project takes it in

# radie_component(NAME VERSION LICENSE URL LINK): third-party software that ends up in what is installed, said where it is
# looked for. LINK is headers, static or dynamic.
function(radie_component name version license url link)
  if(NOT version MATCHES "^[0-9A-Za-z][0-9A-Za-z.+-]*$")
    message(FATAL_ERROR "SBOM: no version of ${name} was found (\"${version}\")")
  endif()
  set_property(GLOBAL APPEND PROPERTY RADIE_COMPONENTS "${name}|${version}|${license}|${url}|${link}")
endfunction()

# radie_header_version(VARIABLE HEADER PATTERN): what the group in PATTERN matches in HEADER.
function(radie_header_version variable header pattern)
  file(STRINGS ${header} lines REGEX "${pattern}" LIMIT_COUNT 1)
  string(REGEX REPLACE ".*${pattern}.*" "\\1" version "${lines}")
  set(${variable} "${version}" PARENT_SCOPE)
endfunction()

# radie_install_sbom(FOLDER PATTERN… [COMPONENT NAME]): to be called after everything else that is installed; PATTERNs, relative
# to the prefix, are of the files that it lists. The document's time is SOURCE_DATE_EPOCH's, else that of the last commit, else
# 1970: builds of one source are alike to the byte.
function(radie_install_sbom folder)
  cmake_parse_arguments(SBOM "" COMPONENT "" ${ARGN})
  set(component "")
  if(SBOM_COMPONENT)
    set(component COMPONENT ${SBOM_COMPONENT})
  endif()
  set(epoch "$ENV{SOURCE_DATE_EPOCH}")
  if(NOT epoch MATCHES "^[0-9]+$")
    execute_process(COMMAND git -C ${CMAKE_CURRENT_FUNCTION_LIST_DIR} log -1 --format=%ct OUTPUT_VARIABLE epoch ERROR_QUIET
                    OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE git_status)
    if(NOT epoch MATCHES "^[0-9]+$")
      set(epoch 0)
    endif()
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
  string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)
  get_property(RADIE_COMPONENTS GLOBAL PROPERTY RADIE_COMPONENTS)
  list(SORT RADIE_COMPONENTS)
  get_property(RADIE_SBOM_VERSION GLOBAL PROPERTY RADIE_SBOM_VERSION)
  set(RADIE_SBOM_CREATED ${created})
  set(RADIE_SBOM_FOLDER ${folder})
  set(RADIE_SBOM_PATTERNS ${SBOM_UNPARSED_ARGUMENTS})
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/install_sbom.cmake.in ${PROJECT_BINARY_DIR}/install_sbom.cmake @ONLY)
  install(SCRIPT ${PROJECT_BINARY_DIR}/install_sbom.cmake ${component})
endfunction()
