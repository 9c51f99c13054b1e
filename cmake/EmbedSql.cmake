# Makes SQL files of sql/<dir> part of a library: the header "core/sql/<dir>.hpp" declares them in the namespace
# eventsource::core::sql.
#
#   eventsource_embed_sql(<target> <dir> [SCHEMA <file>] [CONSTANTS <file>...] [TABLES <folder>...])
#
#   <dir>_schema     the file SCHEMA; without it all files of sql/<dir> in the order of their names
#   <dir>_<name>     each <name>.sql of CONSTANTS
#   <dir>_<folder>   each folder of TABLES: its files in the order of their names, as pairs of name and text
#
# Every text is NUL-terminated. The same file, run as a script, writes the two generated files.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(EVENTSOURCE_EMBED_SQL_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

  function(eventsource_embed_sql target dir)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "SCHEMA" "CONSTANTS;TABLES")
    set(sql "${PROJECT_SOURCE_DIR}/sql/${dir}")
    if(arg_SCHEMA)
      set(schema "${sql}/${arg_SCHEMA}")
    else()
      file(GLOB schema CONFIGURE_DEPENDS "${sql}/*.sql")
    endif()
    if(NOT TARGET ${target} OR NOT schema)
      message(STATUS "sql/${dir}: left out, no file or no ${target}")
      return()
    endif()
    list(TRANSFORM arg_CONSTANTS PREPEND "${sql}/" OUTPUT_VARIABLE constants)
    set(tables "")
    foreach(folder IN LISTS arg_TABLES)
      file(GLOB files CONFIGURE_DEPENDS "${sql}/${folder}/*.sql")
      list(APPEND tables ${files})
    endforeach()
    set(generated "${PROJECT_BINARY_DIR}/generated")
    set(outputs "${generated}/core/sql/${dir}.hpp" "${generated}/core/sql/${dir}.cpp")
    # The names are in the command, so that a file that comes or goes runs it again.
    set(files "")
    foreach(kind schema constants tables)
      list(JOIN ${kind} "," names)
      list(APPEND files -D "${kind}=${names}")
    endforeach()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -D "dir=${dir}" ${files} -D "out=${generated}/core/sql" -P
              "${EVENTSOURCE_EMBED_SQL_SCRIPT}"
      DEPENDS ${schema} ${constants} ${tables} "${EVENTSOURCE_EMBED_SQL_SCRIPT}"
      COMMENT "Embedding sql/${dir}"
      VERBATIM)
    target_sources(${target} PRIVATE ${outputs})
    target_include_directories(${target} PRIVATE "${generated}")
  endfunction()
  return()
endif()

# Sets `out` to the file as a C++ literal.
function(literal out file)
  file(READ "${file}" text)
  string(FIND "${text}" ")sql\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds )sql\" and cannot be a raw string")
  endif()
  set(${out} "R\"sql(${text})sql\"" PARENT_SCOPE)
endfunction()

foreach(kind schema constants tables)
  string(REPLACE "," ";" ${kind} "${${kind}}")
endforeach()
set(text_type "const std::string_view")
set(table_type "const std::span<const std::pair<std::string_view, std::string_view>>")
set(declarations "")
set(definitions "")

set(between "")
string(APPEND declarations "extern ${text_type} ${dir}_schema;\n")
string(APPEND definitions "constinit ${text_type} ${dir}_schema =")
foreach(file IN LISTS schema)
  literal(text "${file}")
  string(APPEND definitions "${between}\n    " "${text}")
  set(between " \"\\n\"")
endforeach()
string(APPEND definitions ";\n")

foreach(file IN LISTS constants)
  get_filename_component(name "${file}" NAME_WE)
  literal(text "${file}")
  string(APPEND declarations "extern ${text_type} ${dir}_${name};\n")
  string(APPEND definitions "constinit ${text_type} ${dir}_${name} =\n    " "${text}" ";\n")
endforeach()

set(folders "")
foreach(file IN LISTS tables)
  get_filename_component(folder "${file}" DIRECTORY)
  get_filename_component(folder "${folder}" NAME)
  get_filename_component(name "${file}" NAME_WE)
  literal(text "${file}")
  list(APPEND folders "${folder}")
  string(APPEND rows_${folder} "    {\"${name}\", " "${text}" "},\n")
endforeach()
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  string(APPEND declarations "extern ${table_type} ${dir}_${folder};\n")
  string(APPEND definitions
         "static constexpr std::pair<std::string_view, std::string_view> ${folder}[] = {\n"
         "${rows_${folder}}" "};\nconstinit ${table_type} ${dir}_${folder} = ${folder};\n")
endforeach()

set(made "// Made by cmake/EmbedSql.cmake from sql/${dir}.\n")
set(includes "#include <string_view>\n")
if(tables)
  set(includes "#include <span>\n#include <string_view>\n#include <utility>\n")
endif()
set(open "namespace eventsource::core::sql {\n\n")
set(close "\n}  // namespace eventsource::core::sql\n")
file(WRITE "${out}/${dir}.hpp" "${made}#pragma once\n\n${includes}\n${open}"
     "// Each text is NUL-terminated.\n" "${declarations}" "${close}")
file(WRITE "${out}/${dir}.cpp" "${made}#include \"core/sql/${dir}.hpp\"\n\n${open}" "${definitions}"
     "${close}")
