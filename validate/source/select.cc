// The walk. What decides by name alone is decided here; what needs the content of a file (a kustomization, a chart's
// template, a file without any apiVersion) is the run's, which has it at hand, and this room only says what it knows:
// whether the file was named, and whether it lies among a chart's templates.
//
// Symbolic links are followed, as kubectl and users of shared bases expect. A folder that is reached again below itself
// ends the walk there: everything in it is being walked already. The same file under two paths is two inputs, since
// overlays share files by links and each overlay is to be judged whole; the same path written in two ways is one.
// Links can fan out (each of n folders holding two links to the next has 2^n paths), hence the bound on the whole.
//
// The walk is a generator. What the command line names is looked at first, all of it; so when a walk comes by a file
// that is named too, wherever, it knows. Within one walk no path comes up twice. Only where two walks can meet (one
// begins in the other) are the paths that came by remembered.
//
// Tested in tests/validate/source/select_test.cc.
#include "validate/source/select.h"

#include <dirent.h>
#include <re2/re2.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "validate/source/glob.h"
#include "validate/source/ignore.h"

namespace kubegate::source {

namespace {

constexpr std::size_t kMaxVisited = std::size_t{1} << 22;  // files and folders of one run

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

// The entries of a folder that matter to a walk, by the bytes of their names. Names stand behind one another in one
// text: a folder may have a million of them.
class Listing {
 public:
  struct Entry {
    std::string_view name;
    unsigned char type;  // DT_…
    bool manifest;       // by its extension
  };

  void add(std::string_view name, unsigned char type) {
    const bool manifest = has_manifest_extension(name);
    if (type == DT_REG && !manifest) return;
    places_.push_back(
        {static_cast<std::uint32_t>(names_.size()), static_cast<std::uint16_t>(name.size()), type, manifest});
    names_ += name;
    has_chart_ |= name == "Chart.yaml";
  }

  void sort() {
    std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) { return name(a) < name(b); });
  }

  std::size_t size() const { return places_.size(); }
  Entry operator[](std::size_t i) const { return {name(places_[i]), places_[i].type, places_[i].manifest}; }
  bool has_chart() const { return has_chart_; }

 private:
  struct Place {
    std::uint32_t begin;
    std::uint16_t length;  // NAME_MAX is 255
    unsigned char type;
    bool manifest;
  };
  std::string_view name(const Place& place) const { return std::string_view(names_).substr(place.begin, place.length); }

  std::string names_;
  std::vector<Place> places_;
  bool has_chart_ = false;
};

}  // namespace

class Selection::Walk {
 public:
  explicit Walk(std::vector<std::unique_ptr<RE2>> ignore) : ignore_(std::move(ignore)) {}

  // The next of the paths that are given.
  void add(const std::string& path) {
    add_argument(path);
    ++argument_;
  }

  // When all paths are added.
  void begin() {
    std::vector<std::string_view> roots;
    for (const Start& start : starts_) {
      if (start.folder) roots.push_back(start.folder->canonical);
    }
    std::sort(roots.begin(), roots.end());
    // What begins with a root sorts right behind it, but for names that go on where the root's ends.
    for (std::size_t i = 0; i < roots.size(); ++i) {
      for (std::size_t k = i + 1; k < roots.size() && roots[k].starts_with(roots[i]) && !meet_; ++k) {
        meet_ = roots[k].size() == roots[i].size() || roots[i].ends_with('/') || roots[k][roots[i].size()] == '/';
      }
    }
  }

  std::optional<Input> next() {
    while (true) {
      std::optional<Input> input;
      if (!folders_.empty()) {
        input = step();
      } else if (start_ < starts_.size()) {
        Start& start = starts_[start_++];
        argument_ = start.argument;
        if (start.folder) {
          input = enter(std::move(*start.folder));
        } else if (Single& single = singles_.at(start.key); !single.given) {
          single.given = true;
          input = single.input;
        }
      } else {
        return std::nullopt;
      }
      if (input) {
        input->argument = argument_;
        return input;
      }
    }
  }

 private:
  // What the command line names: a folder, or the key of a single input.
  struct Start {
    std::optional<Folder> folder;
    std::string key;
    std::size_t argument;
  };
  struct Single {
    Input input;
    bool given = false;  // it has come by
  };
  // A folder that the walk is in.
  struct Open {
    Folder folder;
    Listing listing;
    std::size_t at = 0;
    bool workflows = false;  // what lies in it are GitHub's
    std::pair<dev_t, ino_t> identity;
  };

  void add_argument(const std::string& path) {
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
      std::string root = canonical(path);
      const bool chart_templates = in_chart_templates(root);
      starts_.push_back({Folder{std::move(shown), std::move(root), chart_templates}, {}, argument_});
      return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    std::string key = joined(canonical(folder), std::string_view(path).substr(slash + 1));
    if (ignored(path)) {
      put({.path = path, .kind = Input::Kind::kSkipped, .reason = SkipReason::kIgnored}, std::move(key));
    } else {
      put({.path = path, .once = !S_ISREG(status.st_mode), .named = true}, std::move(key));
    }
  }

  void put_failed(const std::string& path, std::string why, const std::string& key) {
    put({.path = path, .kind = Input::Kind::kFailed, .error = std::move(why)}, key);
  }

  // A single input. `key` is the same for the same path, however it is written.
  void put(Input input, std::string key) {
    const auto [place, fresh] = singles_.try_emplace(key, Single{input});
    if (fresh) {
      starts_.push_back({std::nullopt, std::move(key), argument_});
    } else if (input.named && !place->second.input.named) {
      place->second.input = std::move(input);
    }
  }

  // Opens a folder, to be walked next.
  std::optional<Input> enter(Folder folder) {
    const std::string path = folder.path();
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(path.c_str()), closedir);
    struct stat status;
    if (!stream || fstat(dirfd(stream.get()), &status) != 0)
      return failed(path, std::strerror(errno), folder.canonical);
    Open open{std::move(folder), {}, 0, false, {status.st_dev, status.st_ino}};
    for (const Open& above : folders_) {
      if (above.identity == open.identity) return std::nullopt;
    }
    if (!count()) return over_bound(open.folder);
    while (const dirent* entry = readdir(stream.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") open.listing.add(name, entry->d_type);
    }
    open.listing.sort();
    open.workflows = (open.folder.canonical + "/").find("/.github/workflows/") != std::string::npos;
    folders_.push_back(std::move(open));
    return std::nullopt;
  }

  // The next entry of the folder that the walk is in.
  std::optional<Input> step() {
    Open& open = folders_.back();
    if (open.at == open.listing.size()) {
      folders_.pop_back();
      return std::nullopt;
    }
    return visit(open, open.listing[open.at++]);
  }

  std::optional<Input> visit(const Open& open, const Listing::Entry& entry) {
    const Folder& folder = open.folder;
    const bool chart = open.listing.has_chart();
    std::string path = joined(folder.shown, entry.name);
    const auto key = [&] { return joined(folder.canonical, entry.name); };

    bool is_folder = entry.type == DT_DIR;
    bool is_file = entry.type == DT_REG;
    if (entry.type == DT_LNK || entry.type == DT_UNKNOWN) {
      struct stat status;
      if (stat(path.c_str(), &status) == 0) {
        is_folder = S_ISDIR(status.st_mode);
        is_file = S_ISREG(status.st_mode);
      } else if (entry.manifest) {
        const char* const why = errno == ENOENT ? "a symbolic link that leads nowhere" : std::strerror(errno);
        return failed(path, why, key());
      } else {
        return std::nullopt;
      }
    }
    if (is_folder) {
      if (entry.name.front() == '.') return skipped(std::move(path), SkipReason::kHiddenFolder, key);
      return enter({std::move(path), key(), folder.chart_templates || (chart && entry.name == "templates")});
    }
    if (!entry.manifest) return std::nullopt;
    if (!count()) return over_bound(folder);
    if (ignored(path)) return skipped(std::move(path), SkipReason::kIgnored, key);
    if (!is_file) return skipped(std::move(path), SkipReason::kSpecialFile, key);
    if (const auto reason = reason_to_skip(entry.name, {chart, folder.chart_templates, open.workflows})) {
      return skipped(std::move(path), *reason, key);
    }
    return met({.path = std::move(path), .chart_template = folder.chart_templates}, key);
  }

  bool ignored(const std::string& path) const {
    return std::any_of(ignore_.begin(), ignore_.end(),
                       [&](const auto& expression) { return RE2::PartialMatch(path, *expression); });
  }

  // Whether the walk may go on.
  bool count() { return ++visited_ < kMaxVisited; }

  std::optional<Input> over_bound(const Folder& folder) {
    if (visited_ > kMaxVisited) return std::nullopt;
    return failed(folder.path(), "more than " + std::to_string(kMaxVisited) + " files and folders",
                  folder.canonical + "/*");
  }

  std::optional<Input> failed(const std::string& path, std::string why, const std::string& key) {
    return met({.path = path, .kind = Input::Kind::kFailed, .error = std::move(why)}, [&] { return key; });
  }

  template <class Key>
  std::optional<Input> skipped(std::string path, SkipReason reason, const Key& key) {
    return met({.path = std::move(path), .kind = Input::Kind::kSkipped, .reason = reason}, key);
  }

  // An input of a walk, if it has not come by before. key() is made only where it is asked for.
  template <class Key>
  std::optional<Input> met(Input input, const Key& key) {
    if (!meet_ && singles_.empty()) return input;
    const std::string place = key();
    if (const auto single = singles_.find(place); single != singles_.end()) {
      if (single->second.given) return std::nullopt;
      single->second.given = true;
      return single->second.input.named ? single->second.input : input;
    }
    if (meet_ && !seen_.insert(place).second) return std::nullopt;
    return input;
  }

  const std::vector<std::unique_ptr<RE2>> ignore_;
  std::vector<Start> starts_;
  std::unordered_map<std::string, Single> singles_;  // by their keys
  bool meet_ = false;                                // two walks may come by the same
  std::unordered_set<std::string> seen_;             // keys; filled only if they do
  std::size_t start_ = 0;
  std::size_t argument_ = 0;   // which of the given paths is being added, later walked
  std::vector<Open> folders_;  // that the walk is in, the innermost last
  std::size_t visited_ = 0;
};

Selection::Selection(std::unique_ptr<Walk> walk) : walk_(std::move(walk)) {}
Selection::Selection(Selection&&) noexcept = default;
Selection& Selection::operator=(Selection&&) noexcept = default;
Selection::~Selection() = default;

Result<std::vector<std::unique_ptr<RE2>>> compile_ignore(std::span<const std::string> patterns) {
  std::vector<std::unique_ptr<RE2>> expressions;
  for (const std::string& pattern : patterns) {
    auto expression = std::make_unique<RE2>(pattern, RE2::Quiet);
    if (!expression->ok()) {
      return Error{ErrorCode::kArgument, "--ignore-filename-pattern " + pattern, expression->error()};
    }
    expressions.push_back(std::move(expression));
  }
  return expressions;
}

Selection Selection::of(std::vector<Input> inputs) {
  Selection selection(nullptr);
  selection.inputs_ = std::move(inputs);
  return selection;
}

std::optional<Input> Selection::next() {
  if (walk_) return walk_->next();
  if (given_ == inputs_.size()) return std::nullopt;
  return std::move(inputs_[given_++]);
}

Result<Selection> Selection::make(std::span<const std::string> paths, std::span<const std::string> ignore) {
  auto expressions = compile_ignore(ignore);
  if (!expressions.ok()) return expressions.error();
  auto walk = std::make_unique<Walk>(std::move(*expressions));
  for (const std::string& path : paths) walk->add(path);
  walk->begin();
  return Selection(std::move(walk));
}

std::vector<std::string> expand_globs(std::vector<std::string> paths) {
  std::vector<std::string> expanded;
  for (std::string& path : paths) {
    const bool literal = path == "-" || !has_glob(path) || exists(path);
    std::vector<std::string> matches = literal ? std::vector<std::string>() : expand_glob(path);
    if (matches.empty()) matches.push_back(std::move(path));
    std::move(matches.begin(), matches.end(), std::back_inserter(expanded));
  }
  return expanded;
}

Result<std::vector<Input>> select(std::span<const std::string> paths, std::span<const std::string> ignore) {
  auto selection = Selection::make(paths, ignore);
  if (!selection.ok()) return selection.error();
  std::vector<Input> inputs;
  while (auto input = selection->next()) inputs.push_back(std::move(*input));
  return inputs;
}

}  // namespace kubegate::source
