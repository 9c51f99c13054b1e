# Makes sql/<dir>/*.sql part of a library: the header "core/sql/sqlite.hpp" declares
# `eventsource::core::sql::sqlite_schema`, a constant with all files of sql/sqlite in the order of their names.
#
#   eventsource_embed_sql(<target> <dir>)
#
# The same file, run as a script, writes the two generated files.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(EVENTSOURCE_EMBED_SQL_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

  function(eventsource_embed_sql target dir)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sql/${dir}/*.sql")
    if(NOT TARGET ${target} OR NOT files)
      message(STATUS "sql/${dir}: left out, no file or no ${target}")
      return()
    endif()
    set(generated "${PROJECT_BINARY_DIR}/generated")
    set(outputs "${generated}/core/sql/${dir}.hpp" "${generated}/core/sql/${dir}.cpp")
    # The names are in the command, so that a file that comes or goes runs it again.
    list(JOIN files "," names)
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -D "dir=${dir}" -D "files=${names}" -D "out=${generated}/core/sql" -P
              "${EVENTSOURCE_EMBED_SQL_SCRIPT}"
      DEPENDS ${files} "${EVENTSOURCE_EMBED_SQL_SCRIPT}"
      COMMENT "Embedding sql/${dir}"
      VERBATIM)
    target_sources(${target} PRIVATE ${outputs})
    target_include_directories(${target} PRIVATE "${generated}")
  endfunction()
  return()
endif()

string(REPLACE "," ";" files "${files}")
set(made "// Made by cmake/EmbedSql.cmake from sql/${dir}/*.sql.\n")
set(open "namespace eventsource::core::sql {\n\n")
set(close "\n}  // namespace eventsource::core::sql\n")
string(CONCAT header "${made}#pragma once\n\n#include <string_view>\n\n" "${open}"
              "// NUL-terminated.\nextern const std::string_view ${dir}_schema;\n")
string(CONCAT source "${made}#include \"core/sql/${dir}.hpp\"\n\n" "${open}"
              "constinit const std::string_view ${dir}_schema =")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  string(FIND "${text}" ")sql\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds )sql\" and cannot be a raw string")
  endif()
  string(APPEND source "${between}\n    R\"sql(" "${text}" ")sql\"")
  set(between " \"\\n\"")
endforeach()
file(WRITE "${out}/${dir}.hpp" "${header}" "${close}")
file(WRITE "${out}/${dir}.cpp" "${source}" ";\n" "${close}")
