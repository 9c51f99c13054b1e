# Language level, warnings, sanitizers and visibility of everything that is built here.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
# C stays gnu11: the C tests use POSIX, which -std=c11 hides.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A rebuilt library of the same interface does not relink the programs over it.
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE)
  foreach(language C CXX)
    if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
      # It keeps away from precompiled headers until it is told that no date stands in them.
      set(CMAKE_${language}_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
    endif()
  endforeach()
endif()

# Linked by every part; the presets turn the warnings into errors.
add_library(eventsource_flags INTERFACE)
target_compile_options(
  eventsource_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                              $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(EVENTSOURCE_DEFECTS)
  target_compile_definitions(eventsource_flags INTERFACE EVENTSOURCE_DEFECTS)
endif()
# GCC 12 takes std::string's own copies for overlapping ones when it optimises (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(eventsource_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(EVENTSOURCE_SANITIZE)
  set(sanitize -fsanitize=${EVENTSOURCE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(eventsource_flags INTERFACE ${sanitize})
  target_link_options(eventsource_flags INTERFACE ${sanitize})
endif()
if(EVENTSOURCE_FUZZ)
  target_compile_options(eventsource_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
