# cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake: the files below FOLDER as bytes in a C++ source.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} hex HEX)
  # In lines: compilers limit the length of one literal.
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  string(REPLACE "\n" "\"\n\"" bytes "${bytes}")
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(APPEND arrays "const char kFile${number}[] =\n\"${bytes}\";\n")
  string(APPEND table "    {\"/${file}\", std::string_view(kFile${number}, ${size})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "// Made by embed.cmake of the files in web/.
#include \"web_site.hpp\"

namespace server {
namespace {
${arrays}
}  // namespace

const std::vector<WebFile>& web_files() {
  static const std::vector<WebFile> files = {
${table}  };
  return files;
}

}  // namespace server
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
