// Faults that kubegate_farm --broken plants, and the finding that each deserves.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace kubegate::bench {

// The first `find` of a document becomes `replace`, and `rule` is the one finding that follows from it.
struct Fault {
  std::string_view rule, find, replace;

  bool fits(std::string_view document) const { return document.find(find) != std::string_view::npos; }
  std::string planted(std::string text) const { return text.replace(text.find(find), find.size(), replace); }
};

inline constexpr std::array<Fault, 10> kFaults = {{
    {"schema/unknown-field", "\n  labels:\n", "\n  lables:\n"},
    {"schema/unknown-field", "\n  selector:\n", "\n  selectr: {}\n  selector:\n"},
    {"schema/type", "\n  replicas: ", "\n  replicas: x"},
    {"schema/type", "\n  name: ", "\n  generateName: 7\n  name: "},
    {"schema/type", "\n    port: 80\n", "\n    port: eighty\n"},
    {"schema/required", "\n        pathType: Prefix\n", "\n"},
    {"schema/enum", "creationPolicy: Owner", "creationPolicy: Owned"},
    {"schema/not-served", "apiVersion: autoscaling/v2\n", "apiVersion: autoscaling/v2beta2\n"},
    {"schema/unknown-kind", "\nkind: Service\n", "\nkind: Servce\n"},
    {"document/duplicate-key", "\nkind: ", "\nkind: Twice\nkind: "},
}};

}  // namespace kubegate::bench
