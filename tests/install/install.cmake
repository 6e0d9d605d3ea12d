# Installs into an empty prefix, component by component. Where all is built (COMPARE) what comes must be what installed.txt
# lists, line by line.
file(REMOVE_RECURSE ${PREFIX})
set(installed)
set(before)
foreach(component runtime development)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${PREFIX} --component voicebridge_${component}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB_RECURSE files RELATIVE ${PREFIX} ${PREFIX}/*)
  set(fresh ${files})
  list(REMOVE_ITEM fresh ${before} "")
  set(before ${files})
  # The list holds for every version, build type and place of libraries.
  list(TRANSFORM fresh REPLACE "targets-[a-z]+\\.cmake$" "targets-{config}.cmake")
  list(TRANSFORM fresh REPLACE "^${LIBDIR}/" "{lib}/")
  list(TRANSFORM fresh REPLACE "\\.so\\.${VERSION}$" ".so.{version}")
  list(TRANSFORM fresh REPLACE "\\.so\\.${SOVERSION}$" ".so.{soversion}")
  list(TRANSFORM fresh PREPEND "${component} ")
  list(APPEND installed ${fresh})
endforeach()
list(SORT installed)
if(NOT COMPARE)
  return()
endif()

set(list_file ${CMAKE_CURRENT_LIST_DIR}/installed.txt)
if(DEFINED ENV{VOICEBRIDGE_UPDATE_INSTALLED})
  list(JOIN installed "\n" text)
  file(WRITE ${list_file} "${text}\n")
  return()
endif()

file(STRINGS ${list_file} expected)
set(missing ${expected})
list(REMOVE_ITEM missing ${installed} "")
set(unknown ${installed})
list(REMOVE_ITEM unknown ${expected} "")
if(missing OR unknown)
  list(JOIN missing "\n  " missing)
  list(JOIN unknown "\n  " unknown)
  message(FATAL_ERROR "What is installed is not what tests/install/installed.txt lists.\n"
    "missing:\n  ${missing}\nnot in the list:\n  ${unknown}\n"
    "Where that is meant: VOICEBRIDGE_UPDATE_INSTALLED=1 ctest --test-dir build/dev -R '^install: prefix'")
endif()
