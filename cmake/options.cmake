# Build options and the flags every target of the project shares.
if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(VOICEBRIDGE_TOP_LEVEL ON)
else()
  set(VOICEBRIDGE_TOP_LEVEL OFF)
endif()

option(BUILD_SHARED_LIBS "Build voicebridge as a shared library" OFF)
option(VOICEBRIDGE_BUILD_TESTS "Build the tests" ${VOICEBRIDGE_TOP_LEVEL})
option(VOICEBRIDGE_BUILD_EXAMPLES "Build voicebridge-server and the other examples" ${VOICEBRIDGE_TOP_LEVEL})
option(VOICEBRIDGE_BUILD_BENCH "Build the benchmarks" OFF)
option(VOICEBRIDGE_WERROR "Treat warnings as errors" OFF)
set(VOICEBRIDGE_SANITIZE "" CACHE STRING "Sanitizers to build with: address, thread or empty")

if(VOICEBRIDGE_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
if(VOICEBRIDGE_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()

# Flags for everything compiled here; consumers inherit none of them.
add_library(voicebridge_build_flags INTERFACE)
target_compile_features(voicebridge_build_flags INTERFACE cxx_std_17)
target_compile_options(voicebridge_build_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${VOICEBRIDGE_WERROR}>:-Werror>)
if(VOICEBRIDGE_SANITIZE STREQUAL "address")
  set(voicebridge_sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(VOICEBRIDGE_SANITIZE STREQUAL "thread")
  set(voicebridge_sanitize -fsanitize=thread)
elseif(VOICEBRIDGE_SANITIZE)
  message(FATAL_ERROR "VOICEBRIDGE_SANITIZE is '${VOICEBRIDGE_SANITIZE}': use 'address', 'thread' or nothing")
endif()
target_compile_options(voicebridge_build_flags INTERFACE ${voicebridge_sanitize})
target_link_options(voicebridge_build_flags INTERFACE ${voicebridge_sanitize})
