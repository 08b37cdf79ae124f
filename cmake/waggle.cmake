# The functions with which a folder declares its targets. Includes are written from the repository's root:
#   #include "consensus/core/ids.hpp"

# Warnings and include root; private to our own code.
function(waggle_target_defaults target)
  target_compile_options(${target} PRIVATE ${waggle_warnings})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
endfunction()

# waggle_library(NAME [SOURCES files...] [DEPS targets...] [PRIVATE_DEPS targets...])
#   Static library waggle_NAME, alias waggle::NAME. Without a .cpp among SOURCES it is header-only.
function(waggle_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;PRIVATE_DEPS")
  waggle_check_arguments(waggle_library ${name} "${arg_UNPARSED_ARGUMENTS}")
  set(target waggle_${name})
  set(compiled ${arg_SOURCES})
  list(FILTER compiled INCLUDE REGEX "\\.(cpp|cc)$")
  if(compiled)
    add_library(${target} STATIC ${arg_SOURCES})
    waggle_target_defaults(${target})
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${target} PUBLIC ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  else()
    add_library(${target} INTERFACE ${arg_SOURCES})
    target_include_directories(${target} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${target} INTERFACE ${arg_DEPS} ${arg_PRIVATE_DEPS})
  endif()
  add_library(waggle::${name} ALIAS ${target})
endfunction()

# waggle_proto(NAME PROTOS files...)
#   C++ code for .proto files, as waggle::NAME. A file net/proto/wire.proto is included as
#   "net/proto/wire.pb.h", and imported by other .proto files as "net/proto/wire.proto".
function(waggle_proto name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTOS")
  waggle_check_arguments(waggle_proto ${name} "${arg_UNPARSED_ARGUMENTS}")
  set(target waggle_${name})
  set(out "${CMAKE_BINARY_DIR}/generated")
  set(generated "")
  foreach(proto IN LISTS arg_PROTOS)
    cmake_path(ABSOLUTE_PATH proto NORMALIZE)
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE relative)
    cmake_path(REMOVE_EXTENSION relative LAST_ONLY)
    set(files "${out}/${relative}.pb.cc" "${out}/${relative}.pb.h")
    file(MAKE_DIRECTORY "${out}")
    add_custom_command(
      OUTPUT ${files}
      COMMAND protobuf::protoc --cpp_out "${out}" -I "${CMAKE_SOURCE_DIR}" "${proto}"
      DEPENDS "${proto}"
      COMMENT "Generating ${relative}.pb.h"
      VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  add_library(${target} STATIC ${generated})
  target_compile_options(${target} PRIVATE -w)
  target_include_directories(${target} SYSTEM PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
  add_library(waggle::${name} ALIAS ${target})
endfunction()

# waggle_embed(VARIABLE HEADER file FUNCTION a::b::name FILES files...)
#   Sets VARIABLE to a generated .cpp that defines FUNCTION, declared in HEADER: it returns the FILES, each
#   with its name, as a span of Assets.
function(waggle_embed variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;FUNCTION" "FILES")
  waggle_check_arguments(waggle_embed ${variable} "${arg_UNPARSED_ARGUMENTS}")
  set(out "${CMAKE_BINARY_DIR}/generated/${variable}.cpp")
  set(sources ${arg_FILES})
  list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DOUT=${out}" "-DROOT=${CMAKE_CURRENT_SOURCE_DIR}" "-DHEADER=${arg_HEADER}"
      "-DFUNCTION=${arg_FUNCTION}" "-DFILES=${arg_FILES}" -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS ${sources} "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
    COMMENT "Embedding ${variable}"
    VERBATIM)
  set(${variable} "${out}" PARENT_SCOPE)
endfunction()

# waggle_program(NAME SOURCES files... [DEPS targets...])
#   Program NAME in <build>/bin. It allocates with jemalloc (docs/adr/0013-jemalloc.md), unless a sanitizer does.
function(waggle_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  waggle_check_arguments(waggle_program ${name} "${arg_UNPARSED_ARGUMENTS}")
  add_executable(${name} ${arg_SOURCES})
  waggle_target_defaults(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  if(NOT WAGGLE_SANITIZE)
    target_link_libraries(${name} PRIVATE jemalloc::jemalloc)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# waggle_test(NAME LABEL unit|spec|data|world|style|integration
#             SOURCES files... [DEPS targets...] [TIMEOUT seconds] [ALONE tests...])
#   A gtest program with gtest's own main; every test is one ctest test called NAME.Suite.Test.
#   <gtest/gtest.h> is precompiled. WAGGLE_SOURCE_DIR and WAGGLE_BIN_DIR (where the programs are) are
#   defined as strings. Nothing else runs beside the tests ALONE, patterns of gtest. TIMEOUT is per test.
function(waggle_test name)
  if(NOT WAGGLE_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;DEPS;ALONE")
  waggle_check_arguments(waggle_test ${name} "${arg_UNPARSED_ARGUMENTS}")
  if(NOT arg_LABEL MATCHES "^(unit|spec|data|world|style|integration)$")
    message(FATAL_ERROR "waggle_test(${name}): LABEL must be unit, spec, data, world, style or integration")
  endif()
  set(timeout_unit 60)
  set(timeout_spec 60)
  set(timeout_data 60)
  set(timeout_style 60)
  set(timeout_world 1800)  # scripts/nightly.sh runs thousands of seeds
  set(timeout_integration 600)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${timeout_${arg_LABEL}})
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${WAGGLE_TIMEOUT_FACTOR}")

  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  waggle_target_defaults(${target})
  target_compile_definitions(${target} PRIVATE ${waggle_test_definitions})
  target_compile_options(${target} PRIVATE ${waggle_test_options})
  target_precompile_headers(${target} REUSE_FROM waggle_test_pch)
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gtest GTest::gtest_main GTest::gmock)
  if(NOT TARGET tests_${arg_LABEL})
    add_custom_target(tests_${arg_LABEL})  # what scripts/test.sh --label builds
  endif()
  add_dependencies(tests_${arg_LABEL} ${target})
  set(common
    TEST_PREFIX "${name}."
    NO_PRETTY_VALUES  # parameters are printed as bytes and addresses
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${timeout})
  if(arg_ALONE)
    list(JOIN arg_ALONE ":" alone)
    gtest_discover_tests(${target} TEST_FILTER "${alone}" TEST_LIST ${target}_alone ${common} RUN_SERIAL TRUE)
    list(APPEND common_filter TEST_FILTER "-${alone}")
  endif()
  gtest_discover_tests(${target} ${common_filter} ${common})
endfunction()

# waggle_fuzz(NAME SOURCES files... [DEPS targets...])
#   A libFuzzer program in <build>/bin; nothing unless WAGGLE_BUILD_FUZZERS is on.
function(waggle_fuzz name)
  if(NOT WAGGLE_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  waggle_check_arguments(waggle_fuzz ${name} "${arg_UNPARSED_ARGUMENTS}")
  waggle_program(fuzz_${name} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# One precompiled <gtest/gtest.h> serves every test; tests/CMakeLists.txt makes it. What tests do is done by the
# libraries; tests themselves are compiled more often than they run.
set(waggle_test_options $<$<CONFIG:Release>:-O1>)
set(waggle_test_definitions
  WAGGLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" WAGGLE_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
function(waggle_test_pch)
  set(empty "${CMAKE_BINARY_DIR}/generated/test_pch.cpp")
  file(CONFIGURE OUTPUT "${empty}" CONTENT "// Carries the tests' precompiled header.\n")
  add_library(waggle_test_pch STATIC "${empty}")
  waggle_target_defaults(waggle_test_pch)
  target_compile_definitions(waggle_test_pch PRIVATE ${waggle_test_definitions})
  target_compile_options(waggle_test_pch PRIVATE ${waggle_test_options})
  target_precompile_headers(waggle_test_pch PRIVATE <gtest/gtest.h>)
  target_link_libraries(waggle_test_pch PRIVATE GTest::gtest)
endfunction()

function(waggle_check_arguments function name unknown)
  if(unknown)
    message(FATAL_ERROR "${function}(${name}): unknown arguments: ${unknown}")
  endif()
endfunction()

if(WAGGLE_BUILD_TESTS)
  include(GoogleTest)
endif()
