// What is kept is the result of the first pass over a file: what Judge made of its documents, before CRDs of other files,
// lists of known findings and the report come into it, all of which a run does anew. That result is a function of
//
//   the file's path and bytes, and how it was named               key_of
//   settings, targets, CRD bundles, CRDs that --crd names          Judges::make, Judge::basis
//   policies, and what they see of the set and of --inventory      Check::inputs
//   the program                                                    build_id
//
// and the SHA-256 of all of that is the key: whatever of it changes, the key is another. Digests are taken of the very
// bytes that the run parsed, never of a second reading. Not functions of that are kustomizations and patches (they hang on
// the files around), what defines kinds, policies that read the clock, and what reached a limit: those are not kept
// (DocumentResult::lasting). One question about the files around remains, whether a file with findings is somebody's
// patch; it is asked again, and where the answer is yes, the file is judged.
//
// One entry of the cache holds the verdicts of many files: it is fetched once, and a file costs its digest and a look
// into a table, where an entry for each would cost more than judging a small file does. Its name says which program and
// paths it is for, not what is in it, so it is written anew when a verdict was added; each verdict in it has the key of
// its own. What no run has needed for a while is dropped.
//
// It pays for policies, which take ten times as long as SHA-256. What schemas say of a file is found about as fast as
// its digest, so a run without policies has no Verdicts (bench/NOTES.md).
//
// Tested in tests/validate/run/verdicts_test.cc and tests/validate/verdicts_test.cc; fuzzed by tests/fuzz/fuzz_verdicts.cc.
#include "validate/run/verdicts.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>

#include "validate/base/build_id.h"
#include "validate/base/digest.h"
#include "validate/report/part_fields.h"
#include "validate/report/text.h"

namespace kubegate::run {

namespace {

constexpr std::size_t kKey = 64;
constexpr std::uint8_t kMostUnused = 20;

// What there is to keep of a FilePart.
struct Kept {
  bool asked_patch = false, manifest = false;
  std::uint32_t end = 0;
  Counts settled;
  std::vector<DocumentResult> open;
};

// The members of a record, for who writes it and who reads it; as in report/part_fields.h, whose records are parts of
// these, and by bindings, so that a new member does not compile until it stands here.
template <class Io, class Record>
void members(Io& io, Record& record) {
  using Kind = std::remove_const_t<Record>;
  const auto each = [&](auto&... values) { (io("", values), ...); };
  if constexpr (std::is_same_v<Kind, Kept>) {
    auto& [asked_patch, manifest, end, settled, open] = record;
    each(asked_patch, manifest, end, settled, open);
  } else if constexpr (std::is_same_v<Kind, Counts>) {
    auto& [objects, errors, warnings, ignored, kustomizations, patches, rules, objects_skipped, valid, invalid,
           unjudged, skipped] = record;
    each(objects, errors, warnings, ignored, kustomizations, patches, rules, objects_skipped, valid, invalid, unjudged,
         skipped);
  } else if constexpr (std::is_same_v<Kind, CustomKind>) {
    auto& [group, kind] = record;
    each(group, kind);
  } else if constexpr (std::is_same_v<Kind, DocumentResult>) {
    // What defines kinds does not last; whether one document asked is told for all.
    auto& [slice, meaning, complete, lasting, asked_patch, counts, resources, custom, crds] = record;
    static_cast<void>(lasting);
    static_cast<void>(asked_patch);
    static_cast<void>(crds);
    each(slice);
    io("", meaning, Meaning::kPatch);
    each(complete, counts, resources, custom);
  } else {
    report::fields(io, record);
  }
}

// Numbers seven bits at a time, the lowest first; texts and lists behind their lengths.
void put_number(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <class T, class... Most>
  void operator()(std::string_view, const T& value, Most...) {
    put(value);
  }

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      put_number(out_, static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      const std::string_view text = value;
      put_number(out_, text.size());
      out_ += text;
    } else {
      members(*this, value);
    }
  }

  template <class T>
  void put(const std::vector<T>& values) {
    put_number(out_, values.size());
    for (const T& value : values) put(value);
  }

  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }

 private:
  std::string& out_;
};

std::optional<std::uint64_t> take_number(std::string_view& rest) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

// "": the rest ends before it.
std::optional<std::string_view> take_text(std::string_view& rest) {
  const auto size = take_number(rest);
  if (!size || *size > rest.size()) return std::nullopt;
  const std::string_view text = rest.substr(0, *size);
  rest.remove_prefix(*size);
  return text;
}

std::string name_of(std::span<const std::string> paths) {
  Digester name;
  name.add("verdicts 1").add(build_id()).add(paths.size());
  for (const std::string& path : paths) name.add(path);
  return name.finish();
}

}  // namespace

// Texts that results view stand in a set, but for the path, which is the input's.
class Verdicts::Reader {
 public:
  Reader(std::string_view bytes, std::string_view path, Verdicts& owner) : rest_(bytes), path_(path), owner_(owner) {}

  // All of the bytes.
  bool read(Kept& out) {
    members(*this, out);
    return sound_ && rest_.empty();
  }

  template <class T, class... Most>
  void operator()(std::string_view, T& value, Most... most) {
    if (sound_) get(value, most...);
  }

 private:
  std::uint64_t number(std::uint64_t most) {
    const auto taken = take_number(rest_);
    sound_ &= taken && *taken <= most;
    return sound_ ? *taken : 0;
  }
  std::string_view text() {
    const auto taken = take_text(rest_);
    sound_ &= taken.has_value();
    return sound_ ? *taken : std::string_view();
  }

  template <class T>
  requires std::is_integral_v<T>
  void get(T& value) { value = static_cast<T>(number(std::numeric_limits<T>::max())); }
  template <class T>
  requires std::is_enum_v<T>
  void get(T& value, T most) { value = static_cast<T>(number(static_cast<std::uint64_t>(most))); }
  void get(std::string& value) { value = text(); }
  void get(std::string_view& value) {
    const std::string_view taken = text();
    if (taken == path_) {
      value = path_;
      return;
    }
    // Forms write rules as they are.
    std::string safe;
    report::append_safe(safe, taken);
    if (safe != taken) {
      sound_ = false;
      return;
    }
    const std::lock_guard lock(owner_.mutex_);
    value = *owner_.texts_.insert(std::move(safe)).first;
  }
  template <class T>
  void get(std::vector<T>& values) {
    // Each element has a byte at least.
    const std::uint64_t count = number(rest_.size());
    for (std::uint64_t i = 0; i < count && sound_; ++i) get(values.emplace_back());
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    if (there) get(value.emplace());
  }
  template <class Record>
  requires std::is_class_v<Record>
  void get(Record& record) { members(*this, record); }

  std::string_view rest_;
  const std::string_view path_;
  Verdicts& owner_;
  bool sound_ = true;
};

Verdicts::Verdicts(std::shared_ptr<source::Cache> cache, std::span<const std::string> paths)
    : cache_(std::move(cache)), name_(name_of(paths)) {
  load();
}

Verdicts::~Verdicts() = default;

// A key, how long it was not needed, and a verdict behind its length; again and again.
void Verdicts::load() {
  auto bytes = cache_->get(name_);
  if (!bytes) return;
  loaded_ = std::move(*bytes);
  std::string_view rest = loaded_;
  while (rest.size() > kKey) {
    const std::string_view key = rest.substr(0, kKey);
    rest.remove_prefix(kKey);
    const auto unused = take_number(rest);
    const auto verdict = take_text(rest);
    if (!unused || *unused > kMostUnused || !verdict) return;
    entries_.emplace(key, Entry{*verdict, static_cast<std::uint8_t>(*unused + 1)});
  }
}

std::string Verdicts::key_of(const Judge& judge, const source::Input& input, std::string_view content) const {
  const auto basis = judge.basis(input.path);
  if (!basis) return "";
  // A walked file may be skipped for what it holds, a named one is not.
  return Digester().add(*basis).add(input.path).add(input.named).add(input.chart_template).add(content).finish();
}

bool Verdicts::find(const std::string& key, const Judge& judge, FilePart& part) {
  std::string_view bytes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return false;
    found->second.unused = 0;
    bytes = found->second.bytes;
  }
  Kept kept;
  if (!Reader(bytes, part.input->path, *this).read(kept)) return false;
  if (kept.asked_patch && judge.is_patch(part.input->path)) return false;
  for (DocumentResult& document : kept.open) {
    for (report::Resource& resource : document.resources) resource.path = part.input->path;
  }
  part.documents.settled = kept.settled;
  part.documents.open = std::move(kept.open);
  part.documents.manifest = kept.manifest;
  part.end = kept.end;
  return true;
}

void Verdicts::keep(const std::string& key, const FilePart& part) {
  const Documents& documents = part.documents;
  if (!documents.lasting || !part.error.empty() || part.skipped) return;
  auto bytes = std::make_unique<std::string>();
  Writer out(*bytes);
  // As members() has them of a Kept.
  out.put(documents.asked_patch);
  out.put(documents.manifest);
  out.put(part.end);
  out.put(documents.settled);
  out.put(documents.open);
  const std::lock_guard lock(mutex_);
  changed_ = true;
  entries_[key] = {*bytes, 0};
  taken_.push_back(std::move(bytes));
}

void Verdicts::save() {
  if (!changed_) return;
  std::vector<std::pair<std::string_view, Entry>> order(entries_.begin(), entries_.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.second.unused, a.first) < std::tuple(b.second.unused, b.first);
  });
  std::string out;
  for (const auto& [key, entry] : order) {
    if (entry.unused > kMostUnused || out.size() + kKey + entry.bytes.size() + 16 > kMost) break;
    out += key;
    put_number(out, entry.unused);
    put_number(out, entry.bytes.size());
    out += entry.bytes;
  }
  cache_->put(name_, out);
  changed_ = false;
}

}  // namespace kubegate::run
