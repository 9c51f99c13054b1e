# What `cmake --install` puts where: headers, library, program, CMake package, pkg-config file, SQL.
if(NOT TARGET eventsource)
  return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/eventsource")
set(out "${PROJECT_BINARY_DIR}/package")

install(
  TARGETS eventsource
  EXPORT eventsourceTargets
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/eventsource"
  TYPE INCLUDE
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN "*.hpp")
install(
  EXPORT eventsourceTargets
  NAMESPACE eventsource::
  DESTINATION "${package_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/eventsourceConfig.cmake.in"
                              "${out}/eventsourceConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${out}/eventsourceConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${out}/eventsourceConfig.cmake" "${out}/eventsourceConfigVersion.cmake"
        DESTINATION "${package_dir}")

# Paths in eventsource.pc follow the file, so that the tree can be installed anywhere and moved.
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/cmake/eventsource.pc.in" "${out}/eventsource.pc" @ONLY)
install(FILES "${out}/eventsource.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/sql"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/eventsource"
  FILES_MATCHING
  PATTERN "*.sql")

if(TARGET eventsource_cli)
  file(RELATIVE_PATH bin_to_lib "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(eventsource_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
  install(TARGETS eventsource_cli)
  install(
    FILES "${PROJECT_SOURCE_DIR}/cli/completions/eventsource.bash"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
    RENAME eventsource)
  install(FILES "${PROJECT_SOURCE_DIR}/cli/completions/eventsource.zsh"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" RENAME _eventsource)
  install(FILES "${PROJECT_SOURCE_DIR}/cli/completions/eventsource.fish"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()
