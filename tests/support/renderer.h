// A stand-in for kustomize.
#pragma once

#include <sys/stat.h>

#include "tests/support/folder.h"

namespace kubegate {

// Makes `kustomize` in the folder: a script that prints the files that the kustomization of a folder names, and those of
// its bases, and notes each call in the file `calls` beside it. A folder that holds a file `fail` cannot be rendered.
inline void add_renderer(const Folder& tools) {
  constexpr const char* kScript = R"(#!/bin/sh
[ "$1" = version ] && { echo v1; exit; }
echo "$1" >>"$(dirname "$0")/calls"
show() {
  [ -e "$1/fail" ] && { echo "cannot render: no luck" >&2; exit 1; }
  sed -n 's/^- //p' "$1/kustomization.yaml" | while read -r name; do
    if [ -d "$1/$name" ]; then show "$1/$name"; else echo ---; cat "$1/$name"; fi
  done
}
for folder; do :; done
show "$folder"
)";
  tools.add("kustomize", kScript);
  chmod(tools.path("kustomize").c_str(), 0755);
}

}  // namespace kubegate
