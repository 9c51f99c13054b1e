# Makes sql/<dir>/*.sql part of a library: for sql/sqlite/events.sql the header "core/sql/sqlite.hpp"
# declares `eventsource::core::sql::sqlite_events`.
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
set(open "namespace eventsource::core::sql {\n\n")
set(close "\n}  // namespace eventsource::core::sql\n")
set(header "// Made by cmake/EmbedSql.cmake from sql/${dir}/*.sql.\n#pragma once\n\n")
string(APPEND header "#include <string_view>\n\n" "${open}")
set(source "// Made by cmake/EmbedSql.cmake from sql/${dir}/*.sql.\n")
string(APPEND source "#include \"core/sql/${dir}.hpp\"\n\n" "${open}")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" text)
  string(FIND "${text}" ")sql\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds )sql\" and cannot be a raw string")
  endif()
  string(APPEND header "extern const std::string_view ${dir}_${name};\n")
  string(APPEND source "constinit const std::string_view ${dir}_${name} = R\"sql(" "${text}"
         ")sql\";\n")
endforeach()
file(WRITE "${out}/${dir}.hpp" "${header}" "${close}")
file(WRITE "${out}/${dir}.cpp" "${source}" "${close}")
