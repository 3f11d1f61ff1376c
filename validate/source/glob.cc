// A pattern is matched a component at a time, and only the folders that its literal start leads to are opened: a
// pattern such as overlays/*/api.yaml never looks into anything but overlays and its children. glob(3) is not used
// because it knows no `**`.
#include "validate/source/glob.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace kubegate::source {

namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(folder.empty() ? "." : folder.c_str()), closedir);
  if (!stream) return names;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

bool is_real_folder(const std::string& path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Appends what matches `components` from `index` on below `base`, which is empty or ends in '/'.
void expand(const std::string& base, const std::vector<std::string>& components, std::size_t index,
            std::vector<std::string>& out) {
  const std::string& component = components[index];
  const bool last = index + 1 == components.size();
  if (component == "**") {
    if (last) {
      out.push_back(base.empty() ? "." : base.substr(0, std::max<std::size_t>(base.size() - 1, 1)));
      return;
    }
    expand(base, components, index + 1, out);
    for (const std::string& name : names_in(base)) {
      if (name.front() != '.' && is_real_folder(base + name)) expand(base + name + "/", components, index, out);
    }
    return;
  }
  if (!has_glob(component)) {
    struct stat status;
    if (!last) {
      expand(base + component + "/", components, index + 1, out);
    } else if (lstat((base + component).c_str(), &status) == 0) {
      out.push_back(base + component);
    }
    return;
  }
  for (const std::string& name : names_in(base)) {
    if (fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (last) {
      out.push_back(base + name);
    } else {
      expand(base + name + "/", components, index + 1, out);
    }
  }
}

}  // namespace

bool has_glob(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand_glob(const std::string& pattern) {
  std::vector<std::string> components;
  std::string base;
  std::size_t at = 0;
  while (at < pattern.size() && pattern[at] == '/') ++at;
  if (at > 0) base = "/";
  while (at < pattern.size()) {
    std::size_t end = std::min(pattern.find('/', at), pattern.size());
    std::string component = pattern.substr(at, end - at);
    // Two `**` in a row say no more than one, and would walk everything twice.
    const bool repeated = component == "**" && !components.empty() && components.back() == "**";
    if (!component.empty() && !repeated) components.push_back(std::move(component));
    at = end + 1;
  }
  std::vector<std::string> out;
  if (!components.empty()) expand(base, components, 0, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace kubegate::source
