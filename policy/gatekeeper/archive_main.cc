// Builds the archive of the rule library: archive OUT ROOT PATH…, with paths below ROOT, sorted. rule_library.cc reads it.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::ofstream out(argv[1], std::ios::binary);
  const std::string root = argv[2];
  for (int i = 3; i < argc; ++i) {
    std::ifstream in(root + "/" + argv[i], std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.good() && !in.eof()) {
      std::fprintf(stderr, "%s cannot be read\n", argv[i]);
      return 1;
    }
    out << argv[i] << ' ' << text.size() << '\n' << text;
  }
  return out.flush().good() ? 0 : 1;
}
