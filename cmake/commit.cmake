# Writes which commit is built, as a function: cmake -DOUT=file.cpp -DROOT=sources -DHEADER=...
# -DFUNCTION=a::b::name -P commit.cmake. HEADER declares it; it returns a const char*.
# "-changed" is behind it when files differ from the commit.
execute_process(COMMAND git -C "${ROOT}" rev-parse --short=12 HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "unknown")
else()
  execute_process(COMMAND git -C "${ROOT}" diff --quiet HEAD RESULT_VARIABLE changed)
  if(changed)
    string(APPEND commit "-changed")
  endif()
endif()
set(text "// Made by cmake/commit.cmake.
#include \"${HEADER}\"

const char* ${FUNCTION}() { return \"${commit}\"; }
")
if(EXISTS "${OUT}")
  file(READ "${OUT}" written)
endif()
if(NOT "${written}" STREQUAL "${text}")
  file(WRITE "${OUT}" "${text}")
endif()
