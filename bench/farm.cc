// kubegate_farm: writes folders of manifests to measure with.
//
// A farm must be the same wherever it is made, or two measurements cannot be compared: everything comes from the seed,
// and no overlay depends on another, so a small farm is the beginning of a large one. All of it is sound (the peers of
// bench/compare agree) except for what --broken plants; each planted fault is a line on standard output, so that a
// test can ask for exactly these findings.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/faults.h"
#include "bench/manifests.h"

namespace kubegate::bench {
namespace {

constexpr const char* kUsage = R"(usage: kubegate_farm OUT_DIR [OPTION VALUE]...
  --overlays N            rendered overlays, OUT_DIR/overlay-00000/...      (500 unless another option asks for files)
  --files-per-overlay N   files an overlay's documents are spread over      (1)
  --seed S                                                                  (1)
  --broken PERMILLE       documents with a planted fault; prints `file <TAB> document <TAB> rule` for each   (0)
  --one-file BYTES        one.yaml: overlays behind one another
  --tiny N                tiny/: so many files of one ConfigMap each
  --deep N                deep.yaml: mappings nested so deep, where any value is allowed
  --long-list N           long-list.yaml: a list of so many strings
  --block-scalar BYTES    block-scalar.yaml: one text of that size
)";

struct Options {
  std::filesystem::path out;
  std::uint64_t overlays = 0, files_per_overlay = 1, seed = 1, broken = 0;
  std::uint64_t one_file = 0, tiny = 0, deep = 0, long_list = 0, block_scalar = 0;
};

// Plants one of the faults that fit; empty when none does.
std::string_view plant(Random& random, std::string& document) {
  std::vector<const Fault*> fitting;
  for (const Fault& fault : kFaults) {
    if (fault.fits(document)) fitting.push_back(&fault);
  }
  if (fitting.empty()) return {};
  const Fault& fault = *fitting[random.below(fitting.size())];
  document = fault.planted(document);
  return fault.rule;
}

void write(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    std::fprintf(stderr, "kubegate_farm: cannot write %s\n", path.c_str());
    std::exit(2);
  }
}

std::string numbered(const char* prefix, std::uint64_t number) {
  char name[64];
  std::snprintf(name, sizeof name, "%s%05llu", prefix, static_cast<unsigned long long>(number));
  return name;
}

void write_overlays(const Options& options) {
  Random faults(options.seed ^ 0x6661756c74ull);
  for (std::uint64_t i = 0; i < options.overlays; ++i) {
    std::vector<std::string> documents = overlay(options.seed, static_cast<unsigned>(i));
    const std::size_t files = std::min<std::size_t>(options.files_per_overlay, documents.size());
    std::size_t next = 0;
    for (std::size_t f = 0; f < files; ++f) {
      const std::string name = files == 1 ? "manifests.yaml" : numbered("manifests-", f) + ".yaml";
      const std::filesystem::path path = options.out / numbered("overlay-", i) / name;
      const std::size_t end = documents.size() * (f + 1) / files;
      std::string text;
      for (std::size_t number = 1; next < end; ++next, ++number) {
        std::string& document = documents[next];
        if (faults.below(1000) < options.broken) {
          const std::string_view rule = plant(faults, document);
          if (!rule.empty()) {
            std::printf("%s\t%zu\t%.*s\n", path.c_str(), number, static_cast<int>(rule.size()), rule.data());
          }
        }
        if (number > 1) text += "---\n";
        text += document;
      }
      write(path, text);
    }
  }
}

void write_one_file(const Options& options) {
  std::string text;
  for (unsigned i = 0; text.size() < options.one_file; ++i) {
    for (const std::string& document : overlay(options.seed, i)) {
      if (!text.empty()) text += "---\n";
      text += document;
      if (text.size() >= options.one_file) break;
    }
  }
  write(options.out / "one.yaml", text);
}

void write_tiny(const Options& options) {
  for (std::uint64_t i = 0; i < options.tiny; ++i) {
    write(options.out / "tiny" / numbered("", i / 1000) / (numbered("", i) + ".yaml"),
          fill("apiVersion: v1\ndata:\n  key: value\nkind: ConfigMap\nmetadata:\n  name: tiny-$number\n",
               {{"number", std::to_string(i)}}));
  }
}

// An Application with `source` below spec.source.helm, which takes a text (values) or any object (valuesObject).
std::string helm_application(std::string_view helm) {
  return fill(R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: curve
  namespace: argocd
spec:
  destination:
    name: in-cluster
    namespace: curve
  project: default
  source:
    chart: curve
    helm:
      $helm
    repoURL: https://charts.example.com
    targetRevision: 1.0.0
)",
              {{"helm", helm}});
}

void write_deep(const Options& options) {
  std::string values = "valuesObject:\n";
  for (std::uint64_t level = 1; level < options.deep; ++level) values.append(level, ' ').append("in:\n");
  values.append(options.deep, ' ').append("in: here\n");
  write(options.out / "deep.yaml", helm_application(values));
}

void write_long_list(const Options& options) {
  std::string names;
  for (std::uint64_t i = 0; i < options.long_list; ++i) names.append(numbered("- name-", i)).append("\n");
  write(options.out / "long-list.yaml", fill(R"(apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: curve
rules:
- apiGroups:
  - ""
  resourceNames:
  $names
  resources:
  - configmaps
  verbs:
  - get
)",
                                             {{"names", names}}));
}

void write_block_scalar(const Options& options) {
  std::string values = "values: |\n";
  for (std::uint64_t i = 0; values.size() < options.block_scalar; ++i) {
    values.append(numbered("  setting-", i)).append(": some text that nobody reads\n");
  }
  write(options.out / "block-scalar.yaml", helm_application(values));
}

bool parse(int argc, char** argv, Options& options) {
  const struct {
    const char* name;
    std::uint64_t* value;
  } known[] = {{"--overlays", &options.overlays},
               {"--files-per-overlay", &options.files_per_overlay},
               {"--seed", &options.seed},
               {"--broken", &options.broken},
               {"--one-file", &options.one_file},
               {"--tiny", &options.tiny},
               {"--deep", &options.deep},
               {"--long-list", &options.long_list},
               {"--block-scalar", &options.block_scalar}};
  if (argc < 2 || argv[1][0] == '-') return false;
  options.out = argv[1];
  bool overlays_given = false;
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 == argc) return false;
    std::uint64_t* value = nullptr;
    for (const auto& option : known) {
      if (std::strcmp(option.name, argv[i]) == 0) value = option.value;
    }
    char* end = nullptr;
    if (!value || argv[i + 1][0] < '0' || argv[i + 1][0] > '9') return false;
    *value = std::strtoull(argv[i + 1], &end, 10);
    if (*end) return false;
    overlays_given = overlays_given || value == &options.overlays;
  }
  const bool curve = options.one_file || options.tiny || options.deep || options.long_list || options.block_scalar;
  if (!overlays_given && !curve) options.overlays = 500;
  return options.files_per_overlay > 0;
}

}  // namespace
}  // namespace kubegate::bench

int main(int argc, char** argv) {
  using namespace kubegate::bench;
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  write_overlays(options);
  if (options.one_file) write_one_file(options);
  if (options.tiny) write_tiny(options);
  if (options.deep) write_deep(options);
  if (options.long_list) write_long_list(options);
  if (options.block_scalar) write_block_scalar(options);
  return 0;
}
