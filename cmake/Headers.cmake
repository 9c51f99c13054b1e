# Precompiled headers: most of a build's time goes into reading the same headers again.
#
#   eventsource_precompile(<name> LIBRARY|PROGRAM [HEADERS <header>...] [LINK <target>...])
#       makes a set: the standard library's and the named ones, which come with the targets
#   eventsource_use_headers(<target> <name>)
#       lets the C++ sources of a target begin with it
#
# A source still includes what it needs: the preset `clang` compiles without them, and notices.
option(EVENTSOURCE_PRECOMPILE "Read the headers that most sources share once" ON)

set(EVENTSOURCE_STD_HEADERS
    <algorithm>
    <array>
    <atomic>
    <charconv>
    <chrono>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <span>
    <string>
    <string_view>
    <unordered_map>
    <vector>)

function(eventsource_precompile name kind)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "HEADERS;LINK")
  if(NOT EVENTSOURCE_PRECOMPILE)
    return()
  endif()
  set(source "${PROJECT_BINARY_DIR}/generated/headers.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL "${source}")
  # A program's code is position independent in another way than a library's, and the headers with it.
  if(kind STREQUAL "PROGRAM")
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE ${CMAKE_CXX_COMPILE_OPTIONS_PIE})
  endif()
  target_link_libraries(${name} PRIVATE eventsource_flags ${EVENTSOURCE_FOLDER_FLAGS} ${arg_LINK})
  target_precompile_headers(${name} PRIVATE ${EVENTSOURCE_STD_HEADERS} ${arg_HEADERS})
endfunction()

function(eventsource_use_headers target name)
  if(TARGET "${name}")
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

eventsource_precompile(eventsource_library_headers LIBRARY)
eventsource_precompile(eventsource_program_headers PROGRAM)
set(EVENTSOURCE_LIBRARY_HEADERS eventsource_library_headers)
set(EVENTSOURCE_PROGRAM_HEADERS eventsource_program_headers)
