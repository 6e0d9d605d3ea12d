# The pages of the API: cmake --build BUILD --target docs, as scripts/docs.sh makes them.
find_package(Doxygen QUIET)
if(NOT DOXYGEN_FOUND)
  message(FATAL_ERROR "The pages of the API need Doxygen, which was not found. On Debian: apt-get install doxygen; "
    "or do without: -DVOICEBRIDGE_WITH_DOCS=OFF")
endif()
add_custom_target(docs
  COMMAND ${CMAKE_COMMAND} -E make_directory build/docs
  COMMAND Doxygen::doxygen docs/Doxyfile
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMENT "Writing build/docs/html/index.html" VERBATIM)
