// Loading. Data documents are read in place (policy/value/document_root.h) and never copied; only the objects along
// which several documents meet are made anew. Tested by the command's tables, tests/policy/rego_tool.
#include "policy/rego_tool/load.h"

#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "validate/document/position.h"
#include "validate/source/read.h"

namespace kubegate::rego_tool {
namespace {

namespace fs = std::filesystem;
using policy::Value;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

bool has_extension(std::string_view path, std::string_view extension) { return path.ends_with(extension); }
bool is_yaml(std::string_view path) { return has_extension(path, ".yaml") || has_extension(path, ".yml"); }

// "3:7: message", of the first fault that counts. Of a key written twice the last value holds, as in OPA.
std::string fault_text(const document::Document& document) {
  for (const Finding& fault : document.faults()) {
    if (fault.rule == "document/duplicate-key") continue;
    const document::Position at = document::position_of(document, fault.span.begin);
    return std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + fault.message;
  }
  return document.complete() ? "" : "cannot be read to its end";
}

class Loader {
 public:
  Loader(const LoadOptions& options, Documents& documents) : options_(options), documents_(documents) {}

  // A path of the command line.
  Result<Done> add(const std::string& argument) {
    std::string path = argument;
    std::vector<std::string> prefix;
    struct stat info;
    const std::size_t colon = argument.find(':');
    if (argument.starts_with("file://")) {
      path = argument.substr(7);
    } else if (colon != argument.npos && colon > 0 && stat(path.c_str(), &info) != 0) {
      for (std::size_t i = 0; i <= colon;) {
        const std::size_t end = std::min(argument.find('.', i), colon);
        prefix.push_back(argument.substr(i, end - i));
        i = end + 1;
      }
      path = argument.substr(colon + 1);
      if (path.starts_with("file://")) path = path.substr(7);
    }
    return walk(path, prefix, 0);
  }

  Result<Loaded> take() {
    if (!data_.empty()) {
      const auto merged = merge(data_, "data");
      if (!merged.ok()) return merged.error();
      loaded_.data = *merged;
    }
    return std::move(loaded_);
  }

 private:
  // What one document has at one place.
  struct Part {
    Value value;
    std::string_view path;
  };

  bool ignored(const std::string& path) const {
    const std::string name = fs::path(path).filename().string();
    return std::any_of(options_.ignore.begin(), options_.ignore.end(), [&](const std::string& pattern) {
      return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 || fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
    });
  }

  Result<Done> walk(const std::string& path, std::vector<std::string> prefix, int depth) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) {
      // A link to nowhere below a folder is nobody's wish.
      if (depth > 0) return Done{};
      return Error{ErrorCode::kIo, path, "No such file or directory"};
    }
    if (ignored(path)) return Done{};
    if (!S_ISDIR(info.st_mode)) return file(path, prefix, depth);
    // A link to a folder that we are in would be walked for ever.
    const std::pair<dev_t, ino_t> id = {info.st_dev, info.st_ino};
    if (std::find(inside_.begin(), inside_.end(), id) != inside_.end()) return Done{};
    if (depth > 0) prefix.push_back(fs::path(path).filename().string());
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return Error{ErrorCode::kIo, path, "cannot be read: " + error.message()};
    std::sort(names.begin(), names.end());
    inside_.push_back(id);
    for (const std::string& name : names) {
      const auto done = walk((fs::path(path) / name).string(), prefix, depth + 1);
      if (!done.ok()) return done;
    }
    inside_.pop_back();
    return Done{};
  }

  // A file of a folder is named without "./" and the like, as by OPA.
  Result<Done> file(const std::string& written, const std::vector<std::string>& prefix, int depth) {
    const std::string path = depth == 0 ? written : fs::path(written).lexically_normal().string();
    const bool policy = has_extension(path, ".rego");
    const bool data = has_extension(path, ".json") || is_yaml(path);
    if (!policy && !data) {
      if (depth > 0) return Done{};
      return Error{ErrorCode::kArgument, path, "is neither a policy (.rego) nor data (.json, .yaml, .yml)"};
    }
    if (data && options_.policies_only) return Done{};
    auto text = read_text(path);
    if (!text.ok()) return text.error();
    if (policy) {
      // A file that is reached twice is one policy.
      const auto same = [&](const rego::PolicySource& source) { return source.name == path; };
      if (std::none_of(loaded_.policies.begin(), loaded_.policies.end(), same)) {
        loaded_.policies.push_back({path, std::move(*text)});
      }
      return Done{};
    }
    auto value = documents_.read(path, std::move(*text), document::syntax_of(path));
    if (!value.ok()) return value.error();
    return add_data(path, prefix, *value);
  }

  Result<Done> add_data(const std::string& path, const std::vector<std::string>& prefix, Value value) {
    policy::ValueArena& arena = documents_.arena();
    for (auto name = prefix.rbegin(); name != prefix.rend(); ++name) {
      policy::Member member{policy::make_string(arena, *name), value};
      value = policy::make_object(arena, {&member, 1}, policy::EqualKeys::kLast);
    }
    if (!value.is_object()) {
      return Error{ErrorCode::kData, path, "must hold an object, whose keys then stand in `data`"};
    }
    data_.push_back({value, paths_.emplace_back(path)});
    return Done{};
  }

  // All of the documents in one: each level's members are sorted once, however many documents there are.
  Result<Value> merge(const std::vector<Part>& parts, const std::string& where) {
    if (parts.size() == 1) return parts[0].value;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].value.is_object()) continue;
      return Error{ErrorCode::kData, std::string(parts[std::max<std::size_t>(i, 1)].path),
                   "merge error: " + where + " has another value in " + std::string(parts[0].path)};
    }
    std::vector<std::pair<Value, Part>> all;  // key, and what stands there
    for (const Part& part : parts) {
      for (policy::Cursor at(part.value); at.next();) all.push_back({at.key(), {at.value(), part.path}});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return policy::compare(a.first, b.first) < 0; });
    std::vector<policy::Member> members;
    for (std::size_t i = 0; i < all.size();) {
      const Value key = all[i].first;
      std::vector<Part> same;
      for (; i < all.size() && policy::equal(all[i].first, key); ++i) same.push_back(all[i].second);
      if (same.size() == 1) {
        members.push_back({key, same[0].value});
        continue;
      }
      const auto merged = merge(same, where + "." + (key.is_string() ? std::string(key.text()) : policy::to_json(key)));
      if (!merged.ok()) return merged;
      members.push_back({key, *merged});
    }
    return policy::make_object(documents_.arena(), members, policy::EqualKeys::kLast);
  }

  const LoadOptions& options_;
  Documents& documents_;
  Loaded loaded_;
  std::deque<std::string> paths_;
  std::vector<Part> data_;
  std::vector<std::pair<dev_t, ino_t>> inside_;  // folders, outermost first
};

}  // namespace

Result<Value> Documents::read(std::string_view name, std::string text, document::Syntax syntax) {
  Entry& entry = entries_.emplace_back();
  entry.text = std::move(text);
  const std::vector<document::Slice> slices = document::split(entry.text, syntax);
  if (slices.empty()) return Value::null();
  if (slices.size() > 1) {
    return Error{ErrorCode::kData, std::string(name),
                 "holds " + std::to_string(slices.size()) +
                     " documents, and can be only one: the second begins on line " +
                     std::to_string(slices[1].first_line)};
  }
  document::read(slices[0], syntax, document::Limits{}, entry.document);
  if (std::string fault = fault_text(entry.document); !fault.empty()) {
    return Error{ErrorCode::kData, std::string(name) + (fault[0] <= '9' ? ":" + fault.substr(0, fault.find(": ")) : ""),
                 fault[0] <= '9' ? fault.substr(fault.find(": ") + 2) : fault};
  }
  const bool json = syntax == document::Syntax::kJson;
  entry.root.bind(entry.document, json ? policy::NumberMode::kJsonText : policy::NumberMode::kYaml);
  const Value value = entry.root.value();
  return value.defined() ? value : Value::null();
}

Result<Value> Documents::read_input(std::string_view name, std::string text) {
  if (is_yaml(name)) return read(name, std::move(text), document::Syntax::kYaml);
  auto json = read(name, text, document::Syntax::kJson);
  if (json.ok()) return json;
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const bool looks_like_json = start != text.npos && (text[start] == '{' || text[start] == '[');
  auto yaml = read(name, std::move(text), document::Syntax::kYaml);
  return !yaml.ok() && looks_like_json ? json : yaml;
}

Result<Loaded> load(const std::vector<std::string>& paths, const LoadOptions& options, Documents& documents) {
  Loader loader(options, documents);
  for (const std::string& path : paths) {
    const auto done = loader.add(path);
    if (!done.ok()) return done.error();
  }
  return loader.take();
}

Result<std::string> read_text(const std::string& path) {
  source::Buffer buffer;
  if (path != "-") {
    const auto content = source::read_file(path, kMaxFileBytes, buffer);
    if (!content.ok()) return Error{content.error().code, path, content.error().message};
    return std::string(*content);
  }
  source::Stream stream = source::Stream::of(0);
  const auto ended = stream.read(buffer, kMaxFileBytes);
  if (!ended.ok()) return Error{ended.error().code, "standard input", ended.error().message};
  if (!*ended) return Error{ErrorCode::kLimit, "standard input", "is longer than 1 GiB"};
  return std::string(buffer.content());
}

std::vector<std::string> Access::switched_on() const {
  std::vector<std::string> out;
  if (network) out = {"http.send", "net.lookup_ip_addr"};
  if (environment) out.emplace_back("opa.runtime");
  return out;
}

policy::Value runtime_document(policy::ValueArena& arena) {
  std::vector<policy::Member> variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view pair = *at;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    variables.push_back(
        {policy::make_string(arena, pair.substr(0, equals)), policy::make_string(arena, pair.substr(equals + 1))});
  }
  policy::Member env{policy::Value::string("env"), policy::make_object(arena, variables, policy::EqualKeys::kLast)};
  return policy::make_object(arena, {&env, 1}, policy::EqualKeys::kLast);
}

bool path_exists(Value data, const std::vector<std::string>& path) {
  for (const std::string& step : path) {
    if (!data.defined()) return false;
    if (!data.is_object()) return true;
    data = policy::lookup(data, step);
  }
  return data.defined();
}

}  // namespace kubegate::rego_tool
