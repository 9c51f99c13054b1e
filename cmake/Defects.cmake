# Plants the defect that EVENTSOURCE_DEFECT names: ES_DEFECT(<name>) in a source (core/base/defect.hpp).
# Only sources that hold the name get the define, so another defect recompiles one or two files.
# tools/run_defects.py checks that no header holds one.
function(eventsource_plant_defect target)
  if(NOT EVENTSOURCE_DEFECT)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "^${PROJECT_SOURCE_DIR}/")
      continue()
    endif()
    file(STRINGS "${source}" lines REGEX "ES_DEFECT\\(${EVENTSOURCE_DEFECT}\\)")
    if(lines)
      set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS
                                                      EVENTSOURCE_DEFECT_${EVENTSOURCE_DEFECT}=1)
    endif()
  endforeach()
endfunction()
