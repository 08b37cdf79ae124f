# Language level, optimisation, warnings and instrumentation. Warnings are attached to our own targets
# by waggle_target_defaults(), so that generated code is not held to them.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/bin")  # programs go to bin/ instead

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Line tables only: a crash in production names its line, and the build stays small.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

# Everything is static and ends in a program, so libraries are compiled as the programs are.
add_compile_options(-fPIE)
add_link_options(-pie)

# The standard library's cheap checks stay on in every build: stop on our own mistakes.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WAGGLE_SANITIZE)
  add_compile_options(-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

if(WAGGLE_SANITIZE)
  add_compile_options(-fsanitize=${WAGGLE_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${WAGGLE_SANITIZE})
endif()
if(WAGGLE_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_program(WAGGLE_CCACHE ccache)
mark_as_advanced(WAGGLE_CCACHE)
if(WAGGLE_CCACHE)
  # The sloppiness is what ccache asks for to cache files that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" ${WAGGLE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  else()
    add_compile_options(-fpch-preprocess)
  endif()
endif()

find_program(WAGGLE_LLD ld.lld)
mark_as_advanced(WAGGLE_LLD)
if(WAGGLE_LLD)
  add_link_options(-fuse-ld=lld)
endif()

set(waggle_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  -Wformat=2 -Wimplicit-fallthrough -Wundef -Wvla
  -Wno-missing-field-initializers)  # designated initialisers leave the rest to its defaults
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND waggle_warnings -Wduplicated-cond -Wlogical-op -Wredundant-tags)
  # gcc 12 reports these wrongly from inside its own library at -O2 (GCC bugs 105329, 105593, 105562).
  # The sanitizer builds look for the real ones.
  list(APPEND waggle_warnings -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
       -Wno-stringop-overflow -Wno-stringop-overread)
else()
  # gcc's -Wconversion leaves signedness out for C++; both compilers should accept the same code.
  list(APPEND waggle_warnings -Wno-sign-conversion)
endif()
if(WAGGLE_WERROR)
  list(APPEND waggle_warnings -Werror)
endif()
