# voicebridge_dependency(NAME [CONFIG package… TARGETS target…] [PKGCONFIG module] [HEADER file [LIBRARY name]] DEBIAN package
#   [REGISTRY the name in Conan Center and in vcpkg] [OPTION option that does without])
#
# Makes vbdep::NAME from the first that is there: a CMake package, a pkg-config module, a bare header with its library.
# The tree uses it, and so does the installed package for what a static libvoicebridge needs.
function(voicebridge_dependency name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PKGCONFIG;HEADER;LIBRARY;DEBIAN;REGISTRY;OPTION" "CONFIG;TARGETS")
  if(TARGET vbdep::${name})
    return()
  endif()
  # In a source tree the project above must see what it links with. In an installed package every folder that asks
  # for voicebridge finds its own, as with any package.
  set(scope)
  if(NOT CMAKE_FIND_PACKAGE_NAME)
    set(scope GLOBAL)
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
  endif()

  foreach(package IN LISTS arg_CONFIG)
    find_package(${package} QUIET)
    foreach(target IN LISTS arg_TARGETS)
      if(TARGET ${target})
        voicebridge_name_dependency(${name} "${scope}" LINK ${target})
        return()
      endif()
    endforeach()
  endforeach()

  find_package(PkgConfig QUIET)
  if(arg_PKGCONFIG AND PKG_CONFIG_FOUND)
    pkg_check_modules(vbdep_pc_${name} QUIET IMPORTED_TARGET ${scope} ${arg_PKGCONFIG})
    if(TARGET PkgConfig::vbdep_pc_${name})
      voicebridge_name_dependency(${name} "${scope}" LINK PkgConfig::vbdep_pc_${name})
      return()
    endif()
  endif()

  if(arg_HEADER)
    find_path(VBDEP_${name}_INCLUDE_DIR ${arg_HEADER})
    mark_as_advanced(VBDEP_${name}_INCLUDE_DIR)
    if(arg_LIBRARY)
      find_library(VBDEP_${name}_LIBRARY ${arg_LIBRARY})
      mark_as_advanced(VBDEP_${name}_LIBRARY)
    endif()
    if(VBDEP_${name}_INCLUDE_DIR AND (VBDEP_${name}_LIBRARY OR NOT arg_LIBRARY))
      voicebridge_name_dependency(${name} "${scope}"
        INCLUDE ${VBDEP_${name}_INCLUDE_DIR} LINK ${VBDEP_${name}_LIBRARY})
      return()
    endif()
  endif()

  set(message "voicebridge needs ${name}, which was not found. On Debian: apt-get install ${arg_DEBIAN}")
  if(arg_REGISTRY)
    string(APPEND message "; with Conan: ${arg_REGISTRY}; with vcpkg: vcpkg install ${arg_REGISTRY}")
  endif()
  if(arg_OPTION)
    string(APPEND message "; or do without: -D${arg_OPTION}=OFF")
  endif()
  voicebridge_missing_dependency("${message}")
endfunction()

# vbdep::NAME, the same whatever the package manager calls the library.
function(voicebridge_name_dependency name scope)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "INCLUDE;LINK")
  add_library(vbdep_${name} INTERFACE IMPORTED ${scope})
  target_include_directories(vbdep_${name} INTERFACE ${arg_INCLUDE})
  target_link_libraries(vbdep_${name} INTERFACE ${arg_LINK})
  add_library(vbdep::${name} ALIAS vbdep_${name})
endfunction()

# An error here; in an installed package the answer of find_package, which may be optional.
macro(voicebridge_missing_dependency message)
  if(CMAKE_FIND_PACKAGE_NAME)
    set(voicebridge_MISSING "${voicebridge_MISSING}${message}\n" PARENT_SCOPE)
  else()
    message(FATAL_ERROR "${message}")
  endif()
endmacro()
