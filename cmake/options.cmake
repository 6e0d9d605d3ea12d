# Build options and the flags every target of the project shares.
if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(VOICEBRIDGE_TOP_LEVEL ON)
else()
  set(VOICEBRIDGE_TOP_LEVEL OFF)
endif()

# From these on std::filesystem is in the standard library itself; older ones fail somewhere in the middle.
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 9) OR
   (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 10))
  message(FATAL_ERROR "voicebridge is C++17 and needs GCC 9 or Clang 10 at least (it is tested with GCC 12 and Clang 14); "
    "${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. Choose another: -DCMAKE_CXX_COMPILER=g++-12")
endif()

option(BUILD_SHARED_LIBS "Build voicebridge as a shared library" OFF)
option(VOICEBRIDGE_BUILD_TESTS "Build the tests" ${VOICEBRIDGE_TOP_LEVEL})
option(VOICEBRIDGE_BUILD_BOTH "Link the static and the shared libraries, from the same objects" ${VOICEBRIDGE_BUILD_TESTS})
option(VOICEBRIDGE_BUILD_EXAMPLES "Build the small example programs" ${VOICEBRIDGE_TOP_LEVEL})
option(VOICEBRIDGE_INSTALL "Install the libraries, their headers, the CMake package and pkg-config files" ${VOICEBRIDGE_TOP_LEVEL})
option(VOICEBRIDGE_WITH_SQLITE "Keep leads and calls in SQLite (needs sqlite3)" ON)
option(VOICEBRIDGE_WITH_G722 "Speak G.722 (needs spandsp)" ON)
option(VOICEBRIDGE_WITH_OPUS "Speak Opus (needs libopus)" ON)
option(VOICEBRIDGE_WITH_TESTING "Build voicebridge::testing, the simulators" ON)
option(VOICEBRIDGE_WITH_SERVER "Build voicebridge-server and voicebridge-sim" ${VOICEBRIDGE_BUILD_EXAMPLES})
option(VOICEBRIDGE_WITH_BENCH "Build the benchmarks (needs Google Benchmark)" OFF)
option(VOICEBRIDGE_WITH_DOCS "Have a target `docs`: the pages of the API (needs Doxygen)" OFF)
option(VOICEBRIDGE_WERROR "Treat warnings as errors" OFF)
option(VOICEBRIDGE_UNITY "Compile several sources at a time: builds everything in a third of the time" OFF)
option(VOICEBRIDGE_CCACHE "Compile through ccache when it is there" ${VOICEBRIDGE_TOP_LEVEL})
set(VOICEBRIDGE_SANITIZE "" CACHE STRING "Sanitizers to build with: address (and undefined), thread or empty")

# voicebridge_needs(OPTION OTHER what for): stops where one is on and the other off.
function(voicebridge_needs option other reason)
  if(${option} AND NOT ${other})
    message(FATAL_ERROR "${option} needs ${other}: ${reason}. Switch ${other} on too, or ${option} off (-D${option}=OFF).")
  endif()
endfunction()
voicebridge_needs(VOICEBRIDGE_WITH_SERVER VOICEBRIDGE_WITH_SQLITE "voicebridge-server keeps its leads and calls there")
voicebridge_needs(VOICEBRIDGE_WITH_SERVER VOICEBRIDGE_WITH_TESTING "its demo plays calls against the simulators")
voicebridge_needs(VOICEBRIDGE_BUILD_EXAMPLES VOICEBRIDGE_WITH_TESTING "one of them shows how simulators are used")
voicebridge_needs(VOICEBRIDGE_BUILD_TESTS VOICEBRIDGE_WITH_TESTING "the tests play calls against the simulators")
voicebridge_needs(VOICEBRIDGE_BUILD_TESTS VOICEBRIDGE_WITH_SQLITE "the stores are tested on real files")
voicebridge_needs(VOICEBRIDGE_WITH_BENCH VOICEBRIDGE_WITH_TESTING "the benchmarks are run against the simulators")

if(VOICEBRIDGE_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
endif()

if(VOICEBRIDGE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(VOICEBRIDGE_CCACHE_PROGRAM ccache)
  mark_as_advanced(VOICEBRIDGE_CCACHE_PROGRAM)
  if(VOICEBRIDGE_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${VOICEBRIDGE_CCACHE_PROGRAM})
  endif()
endif()

# Flags for everything compiled here; consumers inherit none of them.
add_library(voicebridge_build_flags INTERFACE)
target_compile_features(voicebridge_build_flags INTERFACE cxx_std_17)
target_compile_options(voicebridge_build_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${VOICEBRIDGE_WERROR}>:-Werror>)
# A source that is included by another looks like a header to this one.
target_compile_options(voicebridge_build_flags INTERFACE
  $<$<AND:$<BOOL:${VOICEBRIDGE_UNITY}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>)
if(VOICEBRIDGE_SANITIZE STREQUAL "address")
  # Of the undefined behaviour, what shows in values: the checks of pointers cost as much to compile as all the rest, and
  # what they would find is seldom missed by AddressSanitizer.
  set(undefined shift,signed-integer-overflow,integer-divide-by-zero,bounds,float-cast-overflow,bool,enum,return,unreachable)
  set(voicebridge_sanitize -fsanitize=address,${undefined} -fno-sanitize-recover=${undefined} -fno-omit-frame-pointer)
elseif(VOICEBRIDGE_SANITIZE STREQUAL "thread")
  set(voicebridge_sanitize -fsanitize=thread)
elseif(VOICEBRIDGE_SANITIZE)
  message(FATAL_ERROR "VOICEBRIDGE_SANITIZE is '${VOICEBRIDGE_SANITIZE}': use 'address', 'thread' or nothing")
endif()
target_compile_options(voicebridge_build_flags INTERFACE ${voicebridge_sanitize})
target_link_options(voicebridge_build_flags INTERFACE ${voicebridge_sanitize})

# voicebridge_unity(TARGET [APART a.cpp …]): compiles the target's sources several at a time where that is asked for.
# What headers cost is most of what compiling costs. Sources of one target may not use one name for two things.
function(voicebridge_unity target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "APART")
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${VOICEBRIDGE_UNITY} UNITY_BUILD_BATCH_SIZE 10)
  if(arg_APART)
    set_source_files_properties(${arg_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
