# A part is a library or a program made of the sources in its folder: nobody edits a list to add a
# file.
#
#   eventsource_add_part(<target> STATIC|SHARED|PROGRAM
#     SOURCES <pattern>...       below the current folder
#     [LINK <target>...])
#
# A folder may set EVENTSOURCE_FOLDER_FLAGS, a library of flags that its parts take as well, and which precompiled headers
# they begin with.
#
# A pattern that matches nothing is an error: a runner that went missing would pass unnoticed. A part that would link a
# part which was not asked for is left out. The caller asks `if(TARGET ...)` only to set more on it.
function(eventsource_add_part target kind)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SOURCES;LINK")
  eventsource_glob(sources ${arg_SOURCES})
  if(NOT sources)
    message(FATAL_ERROR "${target}: no source matches ${arg_SOURCES}")
  endif()
  foreach(library IN LISTS arg_LINK)
    if(NOT TARGET ${library})
      message(STATUS "${target}: left out, it needs ${library}")
      return()
    endif()
  endforeach()
  if(kind STREQUAL "PROGRAM")
    add_executable(${target} ${sources})
    set(headers "${EVENTSOURCE_PROGRAM_HEADERS}")
    # A sanitizer's runtime for C++ goes into the program, although only its library is in C++.
    if(EVENTSOURCE_SANITIZE)
      set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
  else()
    add_library(${target} ${kind} ${sources})
    set(headers "${EVENTSOURCE_LIBRARY_HEADERS}")
  endif()
  if(sources MATCHES "\\.cpp")
    eventsource_use_headers(${target} "${headers}")
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE eventsource_flags ${EVENTSOURCE_FOLDER_FLAGS} ${arg_LINK})
endfunction()

function(eventsource_glob out)
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${patterns})
  set(${out} "${found}" PARENT_SCOPE)
endfunction()
