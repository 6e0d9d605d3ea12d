# One OBJECT library a layer, so that the libraries, static and shared, and the unit tests of hidden code
# are linked from the same objects. The order is that of docs/architecture.md: a layer sees those before it.
set(VOICEBRIDGE_LAYERS core audio call net tools store openai telnyx twilio web agent app)

# voicebridge_layer(NAME SOURCES a.cpp … APART b.cpp … LINK dep …): those named in APART, which are among the sources,
# are compiled by themselves.
function(voicebridge_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;APART;LINK")
  add_library(voicebridge_${name}_objects OBJECT ${arg_SOURCES})
  voicebridge_unity(voicebridge_${name}_objects APART ${arg_APART})
  target_include_directories(voicebridge_${name}_objects
    PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(voicebridge_${name}_objects PUBLIC vbdep::expected PRIVATE voicebridge_build_flags ${arg_LINK})
  target_compile_definitions(voicebridge_${name}_objects PRIVATE VOICEBRIDGE_BUILDING)
  set_target_properties(voicebridge_${name}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF)
  set_property(GLOBAL PROPERTY voicebridge_link_${name} "${arg_LINK}")
endfunction()

# Adds the objects of one layer to TARGET, and what they need.
function(voicebridge_link_layer target layer)
  get_property(dependencies GLOBAL PROPERTY voicebridge_link_${layer})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:voicebridge_${layer}_objects>)
  target_link_libraries(${target} PRIVATE ${dependencies})
endfunction()

# Adds the layers up to and including LAST to a program that sees the hidden code too.
function(voicebridge_link_layers target last)
  foreach(layer IN LISTS VOICEBRIDGE_LAYERS ITEMS testing)
    voicebridge_link_layer(${target} ${layer})
    if(layer STREQUAL last)
      break()
    endif()
  endforeach()
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE vbdep::expected voicebridge_build_flags)
endfunction()

configure_file(${PROJECT_SOURCE_DIR}/cmake/exports.map.in ${PROJECT_BINARY_DIR}/exports.map @ONLY)

# voicebridge_library(TARGET EXPORT_NAME KIND LAYERS layer …): a library that is installed, static or shared.
# It is linked from objects, so it has no flags of its own but those of the linker.
function(voicebridge_library target export_name kind)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "LAYERS")
  string(TOUPPER ${kind} type)
  add_library(${target} ${type})
  foreach(layer IN LISTS arg_LAYERS)
    voicebridge_link_layer(${target} ${layer})
  endforeach()
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>)
  target_link_libraries(${target} PUBLIC vbdep::expected)
  target_compile_features(${target} PUBLIC cxx_std_17)
  string(REGEX REPLACE "_${kind}$" "" output_name ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${export_name} OUTPUT_NAME ${output_name} LINKER_LANGUAGE CXX INSTALL_RPATH "$ORIGIN"
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(kind STREQUAL "shared")
    target_link_options(${target} PRIVATE ${voicebridge_sanitize})
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
      set(exports ${PROJECT_BINARY_DIR}/exports.map)
      target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,--version-script,${exports})
      set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${exports})
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT VOICEBRIDGE_SANITIZE)
      # A symbol that the testing library wants must be one that voicebridge exports.
      target_link_options(${target} PRIVATE -Wl,-z,defs)
    endif()
  endif()
endfunction()
