# Every external library, as an imported target (whose headers are system headers):
#   sodium::sodium  OpenSSL::Crypto  OpenSSL::SSL  Boost::headers  protobuf::libprotobuf  rocksdb::rocksdb
#   fmt::fmt  spdlog::spdlog  CLI11::CLI11  tomlplusplus::tomlplusplus  nlohmann_json::nlohmann_json
#   prometheus-cpp::core  prometheus-cpp::pull  jemalloc::jemalloc  Threads::Threads
# and for tests: GTest::gtest  GTest::gtest_main  GTest::gmock  PNG::PNG  rapidcheck::rapidcheck
# scripts/deps.sh installs them on Debian.

# Imports a library that has no usable CMake package: waggle_import(sodium::sodium sodium.h sodium)
function(waggle_import target header library)
  string(MAKE_C_IDENTIFIER "${target}" id)
  find_path(${id}_INCLUDE_DIR ${header})
  find_library(${id}_LIBRARY ${library})
  mark_as_advanced(${id}_INCLUDE_DIR ${id}_LIBRARY)
  if(NOT ${id}_INCLUDE_DIR OR NOT ${id}_LIBRARY)
    message(FATAL_ERROR "${library} not found (header ${header}); run scripts/deps.sh")
  endif()
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${${id}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${${id}_INCLUDE_DIR}")
endfunction()

# Package files make their targets visible everywhere, not only in the folder that asks.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED)
waggle_import(sodium::sodium sodium.h sodium)
waggle_import(rocksdb::rocksdb rocksdb/db.h rocksdb)
waggle_import(jemalloc::jemalloc jemalloc/jemalloc.h jemalloc)

if(WAGGLE_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(PNG REQUIRED)
  waggle_import(rapidcheck::rapidcheck rapidcheck.h rapidcheck)
endif()
