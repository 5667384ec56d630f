# bin/fuzz_NAME for each target: preset fuzz, tools/fuzz.sh.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "RADIE_FUZZ needs Clang, which has libFuzzer")
endif()
find_package(GTest REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
set(here ${CMAKE_CURRENT_LIST_DIR})
include(${here}/targets.cmake)

# What targets read with beside radie itself. Archives, so that a program holds what its target reaches and no more: libFuzzer looks
# through all counters after every run.
set(tools_sources annotated_record annotation_document annotation_lines brat_reader compression conll_reader conll_tokens encoding_options line_reader
  open_file report_items serve/chunk_framing serve/field_lines text_units)
list(TRANSFORM tools_sources REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/tools/\\1.cc")
add_library(radie_fuzz_parts STATIC ${tools_sources} ${here}/model_mutation.cc $<TARGET_OBJECTS:radie_capi>)
target_link_libraries(radie_fuzz_parts PUBLIC radie_static CLI11::CLI11 nlohmann_json::nlohmann_json)
target_include_directories(radie_fuzz_parts PUBLIC ${PROJECT_SOURCE_DIR})

add_library(radie_fuzz_settings OBJECT ${here}/fuzz_settings.cc)  # no archive: libFuzzer asks for what is in it only weakly
foreach(target ${fuzz_targets})
  add_executable(fuzz_${target} ${here}/${target}_fuzz.cc)
  target_link_libraries(fuzz_${target} PRIVATE radie_fuzz_settings radie_fuzz_parts GTest::gtest)
  target_compile_options(fuzz_${target} PRIVATE -Wall -Wextra $<$<BOOL:${RADIE_WARNINGS_AS_ERRORS}>:-Werror>)
  target_compile_definitions(fuzz_${target} PRIVATE RADIE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" RADIE_STATIC RADIE_FUZZING)
  target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
endforeach()
