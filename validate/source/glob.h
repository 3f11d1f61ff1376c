// Globs in paths, for where no shell expanded them: a quoted argument, a process started without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kubegate::source {

bool has_glob(std::string_view path);

// The paths that match, sorted by their bytes. `*`, `?` and `[…]` match inside one path component and no leading dot,
// as in a shell; a component `**` matches any number of folders, neither hidden ones nor through symbolic links; as the
// last component it stands for the folder itself, which the caller walks.
std::vector<std::string> expand_glob(const std::string& pattern);

}  // namespace kubegate::source
