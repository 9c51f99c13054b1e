# A runner is one test of ctest that writes its cases as JUnit XML into build/<preset>/results/, where
# tools/summary.py counts them.
#
#   eventsource_add_gtest(<name> SOURCES <pattern>... LINK <target>...)
#   eventsource_add_cmocka(<name> SOURCES <pattern>... LINK <target>...)
#   eventsource_add_unittest(<name> <script>)         python3 unittest
#   eventsource_add_check(<name> COMMAND <command>)   one case: does the command succeed?
#                         [EMPTY <folder>]            made anew before
#
# Each takes ENVIRONMENT <NAME=value>... for what its programs read, and POSTGRES when it wants a
# PostgreSQL server beside it: one of its own, which EVENTSOURCE_TEST_POSTGRES names. These runners have
# the label postgres.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

set(EVENTSOURCE_RESULTS "${PROJECT_BINARY_DIR}/results")
file(MAKE_DIRECTORY "${EVENTSOURCE_RESULTS}")
set(EVENTSOURCE_TOOLS "${PROJECT_SOURCE_DIR}/tools")
set(EVENTSOURCE_TEST_ENVIRONMENT
    "ASAN_OPTIONS=detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=second_deadlock_stack=1"
    "EVENTSOURCE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "EVENTSOURCE_BUILD_DIR=${PROJECT_BINARY_DIR}")

# No test pulls the plug, so the server need not wait for the disk. What is to be durable when processes
# are killed is in the system's cache by then.
set(EVENTSOURCE_WITH_POSTGRES
    "$<TARGET_FILE:Python3::Interpreter>" "${PROJECT_SOURCE_DIR}/tests/support/postgres.py" run
    --conf fsync=off --)

# They start first, so that none is left to itself at the end.
set(EVENTSOURCE_LONG_RUNNERS conformance_c conformance_cpp conformance_started generator header postgres_error_tests
                             postgres_tests started_tests)

function(eventsource_add_runner name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "POSTGRES" "" "COMMAND;ENVIRONMENT")
  if(arg_POSTGRES)
    # add_test knows a target by its name in the first place only.
    list(POP_FRONT arg_COMMAND program)
    if(TARGET ${program})
      set(program "$<TARGET_FILE:${program}>")
    endif()
    list(PREPEND arg_COMMAND ${EVENTSOURCE_WITH_POSTGRES} "${program}")
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  set_tests_properties(
    ${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "${EVENTSOURCE_TEST_ENVIRONMENT};${arg_ENVIRONMENT}")
  if(arg_POSTGRES)
    set_property(TEST ${name} APPEND PROPERTY LABELS postgres)
  endif()
  if(name IN_LIST EVENTSOURCE_LONG_RUNNERS)
    set_tests_properties(${name} PROPERTIES COST 100)
  endif()
endfunction()

# In the functions below: POSTGRES as it is to be passed on.
macro(eventsource_pass_postgres)
  set(postgres "")
  if(arg_POSTGRES)
    set(postgres POSTGRES)
  endif()
endmacro()

function(eventsource_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "POSTGRES" "" "SOURCES;LINK;ENVIRONMENT")
  eventsource_pass_postgres()
  set(EVENTSOURCE_PROGRAM_HEADERS eventsource_gtest_headers)
  eventsource_add_part(${name} PROGRAM SOURCES ${arg_SOURCES} LINK ${arg_LINK} GTest::gtest_main)
  if(TARGET ${name})
    eventsource_add_runner(
      ${name} ${postgres}
      COMMAND ${name} "--gtest_output=xml:${EVENTSOURCE_RESULTS}/${name}.xml"
      ENVIRONMENT ${arg_ENVIRONMENT})
  endif()
endfunction()

function(eventsource_add_cmocka name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "POSTGRES" "" "SOURCES;LINK;ENVIRONMENT")
  eventsource_pass_postgres()
  eventsource_add_part(${name} PROGRAM SOURCES ${arg_SOURCES} LINK ${arg_LINK} PkgConfig::CMOCKA)
  if(TARGET ${name})
    # cmocka puts the name of the group for %g: one file a group.
    eventsource_add_runner(
      ${name} ${postgres}
      COMMAND ${name}
      ENVIRONMENT ${arg_ENVIRONMENT} CMOCKA_MESSAGE_OUTPUT=xml
                  "CMOCKA_XML_FILE=${EVENTSOURCE_RESULTS}/${name}.%g.xml")
  endif()
endfunction()

function(eventsource_add_unittest name script)
  cmake_parse_arguments(PARSE_ARGV 2 arg "POSTGRES" "" "ENVIRONMENT")
  eventsource_pass_postgres()
  eventsource_add_runner(
    ${name} ${postgres}
    COMMAND Python3::Interpreter "${EVENTSOURCE_TOOLS}/run_unittests.py" --xml
            "${EVENTSOURCE_RESULTS}/${name}.xml" "${CMAKE_CURRENT_SOURCE_DIR}/${script}"
    ENVIRONMENT ${arg_ENVIRONMENT})
endfunction()

function(eventsource_add_check name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "POSTGRES" "EMPTY" "COMMAND;ENVIRONMENT")
  eventsource_pass_postgres()
  if(arg_EMPTY)
    set(empty --empty "${arg_EMPTY}")
  endif()
  eventsource_add_runner(
    ${name} ${postgres}
    COMMAND Python3::Interpreter "${EVENTSOURCE_TOOLS}/run_check.py" --xml
            "${EVENTSOURCE_RESULTS}/${name}.xml" ${empty} ${name} -- ${arg_COMMAND}
    ENVIRONMENT ${arg_ENVIRONMENT})
endfunction()
