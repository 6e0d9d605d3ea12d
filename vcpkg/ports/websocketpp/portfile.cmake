# The registry has had no websocketpp since March 2025. This one leaves the choice of Asio to who includes it.
vcpkg_from_github(
  OUT_SOURCE_PATH SOURCE_PATH
  REPO zaphoyd/websocketpp
  REF 56123c87598f8b1dd471be83ca841ceae07f95ba # 0.8.2
  SHA512 f185a66e5a7c783254352a6ef87e2e559f681032b7368765d08393ed12bcae76825abed7dcaea73de09df644320409dad46279701f5f469520542a2c9b6a6163
  HEAD_REF master
)

# In C++20 constructors and destructors are no longer named with their template's arguments.
foreach(class_and_file
    "endpoint<connection,config>|endpoint.hpp"
    "basic<concurrency,names>|logger/basic.hpp"
    "server<config>|roles/server_endpoint.hpp")
  string(REPLACE "|" ";" class_and_file "${class_and_file}")
  list(GET class_and_file 0 class)
  list(GET class_and_file 1 header)
  string(REGEX REPLACE "<.*" "" name "${class}")
  vcpkg_replace_string("${SOURCE_PATH}/websocketpp/${header}" "    ${class}(" "    ${name}(" IGNORE_UNCHANGED)
  vcpkg_replace_string("${SOURCE_PATH}/websocketpp/${header}" "~${class}(" "~${name}(")
endforeach()

file(COPY "${SOURCE_PATH}/websocketpp" DESTINATION "${CURRENT_PACKAGES_DIR}/include" FILES_MATCHING PATTERN "*.hpp")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/websocketppConfig.cmake" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/COPYING")
