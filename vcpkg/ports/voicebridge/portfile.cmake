# Builds the source tree that this port lies in. vcpkg does not see when that changes: `vcpkg remove voicebridge` first.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
  FEATURES
    opus VOICEBRIDGE_WITH_OPUS
    server VOICEBRIDGE_WITH_SERVER
    sqlite VOICEBRIDGE_WITH_SQLITE
    testing VOICEBRIDGE_WITH_TESTING
)

# There is no spandsp in the registry, so no G.722.
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${FEATURE_OPTIONS}
    -DVOICEBRIDGE_BUILD_EXAMPLES=OFF
    -DVOICEBRIDGE_BUILD_TESTS=OFF
    -DVOICEBRIDGE_CCACHE=OFF
    -DVOICEBRIDGE_INSTALL=ON
    -DVOICEBRIDGE_UNITY=ON
    -DVOICEBRIDGE_WITH_G722=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/voicebridge)
vcpkg_fixup_pkgconfig()
if("server" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES voicebridge-server voicebridge-sim AUTO_CLEAN)
endif()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
