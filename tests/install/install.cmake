# Installs into an empty prefix and compares what lies there with what is meant to be installed.
file(REMOVE_RECURSE ${PREFIX})
foreach(component voicebridge_runtime voicebridge_development)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${PREFIX} --component ${component}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()

file(GLOB_RECURSE installed RELATIVE ${PREFIX}/include ${PREFIX}/include/*)
file(GLOB_RECURSE expected RELATIVE ${SOURCE_DIR}/include ${SOURCE_DIR}/include/*.hpp)
list(APPEND expected voicebridge/version.hpp)
list(SORT installed)
list(SORT expected)
if(NOT installed STREQUAL expected)
  message(FATAL_ERROR "installed headers:\n${installed}\nexpected:\n${expected}")
endif()

file(GLOB_RECURSE rest RELATIVE ${PREFIX} ${PREFIX}/*)
list(FILTER rest EXCLUDE REGEX "^include/")
list(FILTER rest EXCLUDE REGEX "/libvoicebridge(_testing)?\\.(a|so[.0-9]*|dylib)$")
list(FILTER rest EXCLUDE REGEX "/cmake/voicebridge/[A-Za-z_-]+\\.cmake$")
list(FILTER rest EXCLUDE REGEX "/doc/voicebridge/LICENSE$")
if(rest)
  message(FATAL_ERROR "installed, but nobody asked for it: ${rest}")
endif()
