# Makes a C++ file that holds other files as text: cmake -DOUT=... -DROOT=... -DHEADER=... -DFUNCTION=a::b::name
# -DFILES=a;b -P embed.cmake. Called by waggle_embed. Rows are of the type Asset beside the function.
string(REGEX MATCH "^(.*)::([a-z_]+)$" _ "${FUNCTION}")
set(namespace "${CMAKE_MATCH_1}")
set(name "${CMAKE_MATCH_2}")
set(rows "")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" text)
  cmake_path(GET file FILENAME short)
  string(APPEND rows "    {\"${short}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE "${OUT}" "// Made by cmake/embed.cmake.
#include \"${HEADER}\"

namespace ${namespace} {

std::span<const Asset> ${name}() {
  static constexpr Asset kAssets[] = {
${rows}  };
  return kAssets;
}

}  // namespace ${namespace}
")
