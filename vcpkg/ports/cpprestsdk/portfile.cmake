# The registry has had no cpprestsdk since June 2026. This one is without the WebSocket client, which brings a websocketpp
# of its own into every program.
vcpkg_from_github(
  OUT_SOURCE_PATH SOURCE_PATH
  REPO microsoft/cpprestsdk
  REF 411a109150b270f23c8c97fa4ec9a0a4a98cdecf # 2.10.19
  SHA512 4f604763f05d53e50dec5deaba283fa4f82d5e7a94c7c8142bf422f4c0bc24bcef00666ddbdd820f64c14e552997d6657b6aca79a29e69db43799961b44b2a1a
  HEAD_REF master
)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}/Release"
  OPTIONS
    -DBUILD_SAMPLES=OFF
    -DBUILD_TESTS=OFF
    -DCPPREST_EXCLUDE_BROTLI=ON
    -DCPPREST_EXCLUDE_COMPRESSION=ON
    -DCPPREST_EXCLUDE_WEBSOCKETS=ON
    -DCPPREST_EXPORT_DIR=cmake/cpprestsdk
    -DPKG_CONFIG_EXECUTABLE=FALSE
    -DWERROR=OFF
  OPTIONS_DEBUG
    -DCPPREST_INSTALL_HEADERS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/cpprestsdk)

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/license.txt")
