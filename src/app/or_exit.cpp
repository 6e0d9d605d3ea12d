#include "voicebridge/app/or_exit.hpp"

#include <cstdio>
#include <cstdlib>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void exit_with(const Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  std::exit(1);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
