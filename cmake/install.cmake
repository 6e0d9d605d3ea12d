# Installs the libraries, their headers, and what makes them found: the CMake package voicebridge and pkg-config files.
# Components: voicebridge_runtime (what a program needs to run) and voicebridge_development (what it needs to be built).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(voicebridge_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/voicebridge)

set(voicebridge_without)
if(NOT VOICEBRIDGE_WITH_TESTING)
  set(voicebridge_without PATTERN testing EXCLUDE)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/voicebridge DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT voicebridge_development FILES_MATCHING PATTERN "*.hpp" ${voicebridge_without})
install(FILES ${PROJECT_BINARY_DIR}/include/voicebridge/version.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/voicebridge COMPONENT voicebridge_development)
# For editors and checks of other programs; the library has it built in.
install(FILES ${PROJECT_SOURCE_DIR}/src/agent/agents.schema.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/voicebridge COMPONENT voicebridge_development)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT voicebridge_runtime)

# Both kinds can be installed side by side; each has a list of targets of its own, and the package picks one.
foreach(target voicebridge voicebridge_testing voicebridge_static voicebridge_testing_static
    voicebridge_shared voicebridge_testing_shared)
  if(NOT TARGET ${target})
    continue()
  endif()
  get_target_property(type ${target} TYPE)
  string(REGEX REPLACE "_LIBRARY$" "" kind ${type})
  string(TOLOWER ${kind} kind)
  list(APPEND voicebridge_kinds ${kind})
  install(TARGETS ${target} EXPORT voicebridge_${kind}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      COMPONENT voicebridge_runtime NAMELINK_COMPONENT voicebridge_development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT voicebridge_development
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
list(REMOVE_DUPLICATES voicebridge_kinds)
foreach(kind IN LISTS voicebridge_kinds)
  install(EXPORT voicebridge_${kind} NAMESPACE voicebridge:: FILE voicebridge-${kind}-targets.cmake
    DESTINATION ${voicebridge_package_dir} COMPONENT voicebridge_development)
endforeach()

if(VOICEBRIDGE_WITH_SERVER)
  install(TARGETS voicebridge-server voicebridge-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    COMPONENT voicebridge_runtime)
endif()
include(${PROJECT_SOURCE_DIR}/cmake/pkgconfig.cmake)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/voicebridgeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/voicebridgeConfig.cmake INSTALL_DESTINATION ${voicebridge_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/voicebridgeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/voicebridgeConfig.cmake
    ${PROJECT_BINARY_DIR}/voicebridgeConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/cmake/dependency.cmake
    ${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake
  DESTINATION ${voicebridge_package_dir} COMPONENT voicebridge_development)
