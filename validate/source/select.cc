// The walk. What decides by name alone is decided here; what needs the content of a file (a kustomization, a chart's
// template, a file without any apiVersion) is the run's, which has it at hand, and this room only says what it knows:
// whether the file was named, and whether it lies among a chart's templates.
//
// Symbolic links are followed, as kubectl and users of shared bases expect. A folder that is reached again below itself
// ends the walk there: everything in it is being walked already. The same file under two paths is two inputs, since
// overlays share files by links and each overlay is to be judged whole; the same path written in two ways is one.
// Links can fan out (each of n folders holding two links to the next has 2^n paths), hence the bound on the whole.
//
// Tested in tests/validate/source/select_test.cc.
#include "validate/source/select.h"

#include <dirent.h>
#include <re2/re2.h>
#include <strings.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "validate/source/glob.h"

namespace kubegate::source {

namespace {

constexpr std::size_t kMaxVisited = std::size_t{1} << 22;  // files and folders of one run

bool has_manifest_extension(std::string_view name) {
  for (const std::string_view extension : {".yaml", ".yml", ".json"}) {
    if (name.size() > extension.size() &&
        strncasecmp(name.data() + name.size() - extension.size(), extension.data(), extension.size()) == 0) {
      return true;
    }
  }
  return false;
}

bool exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

std::string joined(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.empty() && path.back() != '/') path += '/';
  return path += name;
}

// The path without symbolic links, "." and ".."; where that cannot be told, the path itself.
std::string canonical(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(path.c_str(), nullptr), std::free);
  return resolved ? resolved.get() : path;
}

// Whether a canonical folder is, or lies in, the templates/ of a chart.
bool in_chart_templates(std::string_view folder) {
  constexpr std::string_view kTemplates = "/templates";
  for (std::size_t at = folder.find(kTemplates); at != folder.npos; at = folder.find(kTemplates, at + 1)) {
    const std::size_t end = at + kTemplates.size();
    if ((end == folder.size() || folder[end] == '/') && exists(joined(std::string(folder.substr(0, at)), "Chart.yaml")))
      return true;
  }
  return false;
}

struct Folder {
  std::string shown;      // as reports show it; "" is the current folder
  std::string canonical;  // of the root that the walk began at, and the way from there
  bool chart_templates = false;

  std::string path() const { return shown.empty() ? "." : shown; }
};

struct Entry {
  std::string name;
  unsigned char type;  // DT_…
};

class Selector {
 public:
  explicit Selector(std::vector<std::unique_ptr<RE2>> ignore) : ignore_(std::move(ignore)) {}

  void add(const std::string& path) {
    if (path == "-") {
      put({.path = "stdin", .kind = Input::Kind::kStandardInput, .once = true, .named = true}, "-");
    } else if (!has_glob(path) || exists(path)) {
      add_literal(path);
    } else {
      const std::vector<std::string> matches = expand_glob(path);
      if (matches.empty()) put_failed(path, "no file matches", path);
      for (const std::string& match : matches) add_literal(match);
    }
  }

  std::vector<Input> take() { return std::move(inputs_); }

 private:
  void add_literal(const std::string& path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
      const int number = errno;
      const bool dangling = number == ENOENT && lstat(path.c_str(), &status) == 0;
      put_failed(path, dangling ? "a symbolic link that leads nowhere" : std::strerror(number), path);
      return;
    }
    if (S_ISDIR(status.st_mode)) {
      std::string shown = path;
      while (shown.size() > 1 && shown.back() == '/') shown.pop_back();
      while (shown.starts_with("./")) shown.erase(0, std::min(shown.find_first_not_of('/', 1), shown.size()));
      if (shown == ".") shown.clear();
      const std::string root = canonical(path);
      walk({shown, root, in_chart_templates(root)});
      return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const std::string key = joined(canonical(folder), std::string_view(path).substr(slash + 1));
    if (ignored(path)) {
      put_skipped(path, SkipReason::kIgnored, key);
    } else {
      put({.path = path, .once = !S_ISREG(status.st_mode), .named = true}, key);
    }
  }

  void walk(const Folder& folder) {
    struct stat status;
    const std::string path = folder.path();
    if (stat(path.c_str(), &status) != 0) return put_failed(path, std::strerror(errno), folder.canonical);
    const std::pair<dev_t, ino_t> identity{status.st_dev, status.st_ino};
    if (std::find(above_.begin(), above_.end(), identity) != above_.end()) return;
    if (!count(folder)) return;

    std::vector<Entry> entries;
    {
      const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(path.c_str()), closedir);
      if (!stream) return put_failed(path, std::strerror(errno), folder.canonical);
      while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
      }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    const bool chart =
        std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.name == "Chart.yaml"; });

    above_.push_back(identity);
    for (const Entry& entry : entries) visit(folder, entry, chart);
    above_.pop_back();
  }

  void visit(const Folder& folder, const Entry& entry, bool chart) {
    const bool manifest = has_manifest_extension(entry.name);
    if (entry.type == DT_REG && !manifest) return;
    const std::string path = joined(folder.shown, entry.name);
    const std::string key = joined(folder.canonical, entry.name);

    bool is_folder = entry.type == DT_DIR;
    bool is_file = entry.type == DT_REG;
    if (entry.type == DT_LNK || entry.type == DT_UNKNOWN) {
      struct stat status;
      if (stat(path.c_str(), &status) == 0) {
        is_folder = S_ISDIR(status.st_mode);
        is_file = S_ISREG(status.st_mode);
      } else if (manifest) {
        return put_failed(path, errno == ENOENT ? "a symbolic link that leads nowhere" : std::strerror(errno), key);
      } else {
        return;
      }
    }
    if (is_folder) {
      if (entry.name.front() == '.') return put_skipped(path, SkipReason::kHiddenFolder, key);
      return walk({path, key, folder.chart_templates || (chart && entry.name == "templates")});
    }
    if (!manifest || !count(folder)) return;
    if (ignored(path)) return put_skipped(path, SkipReason::kIgnored, key);
    if (!is_file) return put_skipped(path, SkipReason::kSpecialFile, key);
    if (chart && (entry.name == "Chart.yaml" || entry.name.starts_with("values"))) {
      return put_skipped(path, SkipReason::kChartFile, key);
    }
    if (entry.name == ".gitlab-ci.yml" || entry.name == ".gitlab-ci.yaml" ||
        key.find("/.github/workflows/") != key.npos) {
      return put_skipped(path, SkipReason::kWorkflow, key);
    }
    put({.path = path, .chart_template = folder.chart_templates}, key);
  }

  bool ignored(const std::string& path) const {
    return std::any_of(ignore_.begin(), ignore_.end(),
                       [&](const auto& expression) { return RE2::PartialMatch(path, *expression); });
  }

  // Whether the walk may go on.
  bool count(const Folder& folder) {
    if (++visited_ == kMaxVisited) {
      put_failed(folder.path(), "more than " + std::to_string(kMaxVisited) + " files and folders",
                 folder.canonical + "/*");
    }
    return visited_ < kMaxVisited;
  }

  void put_skipped(const std::string& path, SkipReason reason, const std::string& key) {
    put({.path = path, .kind = Input::Kind::kSkipped, .reason = reason}, key);
  }

  void put_failed(const std::string& path, std::string why, const std::string& key) {
    put({.path = path, .kind = Input::Kind::kFailed, .error = std::move(why)}, key);
  }

  // `key` is the same for the same path, however it is written.
  void put(Input input, const std::string& key) {
    const auto [place, fresh] = places_.try_emplace(key, inputs_.size());
    if (fresh) {
      inputs_.push_back(std::move(input));
    } else if (input.named && !inputs_[place->second].named) {
      // Met in a walk before, but named too: then it is to be read.
      inputs_[place->second] = std::move(input);
    }
  }

  const std::vector<std::unique_ptr<RE2>> ignore_;
  std::vector<Input> inputs_;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::pair<dev_t, ino_t>> above_;  // the folders that the walk is in
  std::size_t visited_ = 0;
};

}  // namespace

Result<std::vector<Input>> select(std::span<const std::string> paths, std::span<const std::string> ignore) {
  std::vector<std::unique_ptr<RE2>> expressions;
  for (const std::string& pattern : ignore) {
    auto expression = std::make_unique<RE2>(pattern, RE2::Quiet);
    if (!expression->ok()) {
      return Error{ErrorCode::kArgument, "--ignore-filename-pattern " + pattern, expression->error()};
    }
    expressions.push_back(std::move(expression));
  }
  Selector selector(std::move(expressions));
  for (const std::string& path : paths) selector.add(path);
  return selector.take();
}

}  // namespace kubegate::source
