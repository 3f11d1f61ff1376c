// A version number stands still while a program is worked on, and the digest of its file would have to be taken at every
// start. The linker has taken it already (--build-id), and it lies in the memory of the process, among the notes of each
// object that was loaded (elf(5)). Tested in tests/validate/base/build_id_test.cc.
#include "validate/base/build_id.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "validate/base/base64.h"

namespace kubegate {

namespace {

struct Found {
  std::string ids;
  bool all = true;
};

// The note of a segment that is the build id; "" where there is none.
std::string_view id_in(std::string_view notes, std::size_t alignment) {
  const auto aligned = [&](std::size_t size) { return (size + alignment - 1) / alignment * alignment; };
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, notes.data(), sizeof head);
    const std::size_t name = sizeof head, text = aligned(name + head.n_namesz), end = text + head.n_descsz;
    if (end > notes.size()) break;
    if (head.n_type == NT_GNU_BUILD_ID && notes.substr(name, head.n_namesz) == std::string_view("GNU\0", 4)) {
      return notes.substr(text, head.n_descsz);
    }
    notes.remove_prefix(std::min(notes.size(), aligned(end)));
  }
  return {};
}

int take(dl_phdr_info* object, std::size_t, void* out) {
  Found& found = *static_cast<Found*>(out);
  // The kernel's own, which only tells the time.
  if (std::strstr(object->dlpi_name, "linux-vdso") != nullptr) return 0;
  std::string_view id;
  for (int i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    id = id_in({reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz},
               segment.p_align == 8 ? 8 : 4);
  }
  found.all &= !id.empty();
  found.ids += encode_hex(id) + " ";
  return 0;
}

}  // namespace

const std::string& build_id() {
  static const std::string id = [] {
    Found found;
    dl_iterate_phdr(take, &found);
    return found.all ? found.ids : std::string();
  }();
  return id;
}

}  // namespace kubegate
