# One OBJECT library a layer, so that the library, shared or static, and the unit tests of hidden code
# are linked from the same objects. The order is the order of docs/architecture: a layer sees those before it.
set(VOICEBRIDGE_LAYERS core audio call net tools store openai telnyx agent)

# voicebridge_layer(NAME SOURCES a.cpp … LINK dep …)
function(voicebridge_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_library(voicebridge_${name}_objects OBJECT ${arg_SOURCES})
  target_include_directories(voicebridge_${name}_objects
    PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(voicebridge_${name}_objects PUBLIC vbdep::expected PRIVATE voicebridge_build_flags ${arg_LINK})
  target_compile_definitions(voicebridge_${name}_objects PRIVATE VOICEBRIDGE_BUILDING)
  set_target_properties(voicebridge_${name}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF)
  set_property(GLOBAL PROPERTY voicebridge_link_${name} "${arg_LINK}")
endfunction()

# Links TARGET with the objects of the layers up to and including LAST, and with what they need.
function(voicebridge_link_layers target last)
  set(layers ${VOICEBRIDGE_LAYERS})
  if(last STREQUAL "testing")
    list(APPEND layers testing)
  endif()
  foreach(layer IN LISTS layers)
    get_property(deps GLOBAL PROPERTY voicebridge_link_${layer})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:voicebridge_${layer}_objects>)
    target_link_libraries(${target} PRIVATE ${deps})
    if(layer STREQUAL last)
      break()
    endif()
  endforeach()
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE vbdep::expected voicebridge_build_flags)
endfunction()
