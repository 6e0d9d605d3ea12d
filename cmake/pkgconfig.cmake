# Files for pkg-config: voicebridge and voicebridge-testing. A shared library brings what it needs; a static one hands it
# on with `pkg-config --static`, and without that where there is no other.
set(voicebridge_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH voicebridge_pc_root /${voicebridge_pc_dir} /)
string(REGEX REPLACE "/$" "" voicebridge_pc_root ${voicebridge_pc_root})
set(voicebridge_pc_private .private)
if(NOT "shared" IN_LIST voicebridge_kinds)
  set(voicebridge_pc_private "")
endif()

set(voicebridge_pc_requires fmt libsodium openssl speexdsp)
foreach(option_and_module SQLITE:sqlite3 G722:spandsp OPUS:opus)
  string(REPLACE ":" ";" pair ${option_and_module})
  list(GET pair 0 option)
  if(VOICEBRIDGE_WITH_${option})
    list(GET pair 1 module)
    list(APPEND voicebridge_pc_requires ${module})
  endif()
endforeach()
list(JOIN voicebridge_pc_requires " " voicebridge_pc_requires)

# voicebridge_pkgconfig(MODULE DESCRIPTION LINES): a file of that name; LINES say what it requires and links.
function(voicebridge_pkgconfig module description lines)
  set(text "prefix=\${pcfiledir}/${voicebridge_pc_root}\n")
  string(APPEND text "includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}\nlibdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}\n\n")
  string(APPEND text "Name: ${module}\nDescription: ${description}\nVersion: ${PROJECT_VERSION}\n")
  string(APPEND text "Cflags: -I\${includedir}\n${lines}")
  file(WRITE ${PROJECT_BINARY_DIR}/${module}.pc "${text}")
  install(FILES ${PROJECT_BINARY_DIR}/${module}.pc DESTINATION ${voicebridge_pc_dir} COMPONENT voicebridge_development)
endfunction()

# Those that come with no file for pkg-config are named as libraries.
set(libs "-L\${libdir} -lvoicebridge")
set(private_libs "-lcpprest -lphonenumber -lpthread")
if(voicebridge_pc_private)
  set(libs "Libs: ${libs}\nLibs.private: ${private_libs}\n")
else()
  set(libs "Libs: ${libs} ${private_libs}\n")
endif()
voicebridge_pkgconfig(voicebridge "${PROJECT_DESCRIPTION}"
  "Requires${voicebridge_pc_private}: ${voicebridge_pc_requires}\n${libs}")
if(VOICEBRIDGE_WITH_TESTING)
  voicebridge_pkgconfig(voicebridge-testing "Simulators of what voicebridge talks to"
    "Requires: voicebridge\nLibs: -L\${libdir} -lvoicebridge_testing\n")
endif()
