#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/store/supabase_store.hpp"

// What is asked of PostgREST, and what its answers mean. No I/O.

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail::supabase {

/// @return `Errc::invalid_argument` naming the option.
Result<> check(const SupabaseOptions& options);

/// Inserts or updates the lead with this phone; what was not said of it is not sent, so it stays.
/// @param input  As `normalize_lead` left it.
/// @param id     For a new one.
HttpRequest save_request(const SupabaseOptions& options, const LeadInput& input,
                         const std::string& id, UnixMillis now);
HttpRequest put_request(const SupabaseOptions& options, const Lead& lead);
HttpRequest find_request(const SupabaseOptions& options, std::string_view column,
                         std::string_view value);
HttpRequest remove_request(const SupabaseOptions& options, const std::string& id);
HttpRequest summary_request(const SupabaseOptions& options, const std::string& id,
                            const std::string& summary, UnixMillis now);
HttpRequest list_request(const SupabaseOptions& options, std::size_t limit);

/// The rows of an answer, or what it says is wrong.
Result<std::vector<Lead>> read_rows(const Result<HttpResponse>& answer);

/// `2026-11-21T00:20:54.370021+00:00`, as PostgREST writes a timestamptz. Nothing for other text.
std::optional<UnixMillis> read_time(std::string_view text);

}  // namespace detail::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
