// A signal ends the process at once, and yet nothing is to be left behind: so removing a folder is made of system calls
// alone, entries read by getdents64, and the paths stand in fixed places.
//
// Tested in tests/validate/source/program_test.cc.
#include "validate/source/temporary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace kubegate::source {

namespace {

struct Slot {
  std::atomic<int> state = 0;  // 0 free, 1 being written, 2 there
  char path[PATH_MAX];
};
std::array<Slot, 16> slots;

constexpr int kMaxDepth = 64;

struct DirectoryEntry {  // as getdents64 writes it
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

// `name` below the folder that `parent` has open. Each folder is read again from its start until nothing could be
// removed: entries that go while it is read move the others.
void remove_below(int parent, const char* name, int depth) {
  const int folder = depth > kMaxDepth ? -1 : openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder >= 0) {
    alignas(DirectoryEntry) char buffer[2048];
    for (bool removed = true; removed;) {
      removed = false;
      lseek(folder, 0, SEEK_SET);
      for (long size; (size = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;) {
        for (long at = 0; at < size;) {
          const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
          const char* entry_name = buffer + at + offsetof(DirectoryEntry, name);
          at += entry->length;
          if (std::strcmp(entry_name, ".") == 0 || std::strcmp(entry_name, "..") == 0) continue;
          if (unlinkat(folder, entry_name, 0) == 0) {
            removed = true;
            continue;
          }
          remove_below(folder, entry_name, depth + 1);
          removed |= faccessat(folder, entry_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
        }
      }
    }
    close(folder);
  }
  unlinkat(parent, name, AT_REMOVEDIR);
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make() {
  const char* set = std::getenv("TMPDIR");
  std::string path = std::string(set == nullptr || *set != '/' ? "/tmp" : set) + "/kubegate-XXXXXX";
  if (path.size() >= PATH_MAX) return Error{ErrorCode::kIo, "TMPDIR", "the path is too long"};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    int free = 0;
    if (!slots[i].state.compare_exchange_strong(free, 1)) continue;
    if (mkdtemp(path.data()) == nullptr) {
      slots[i].state = 0;
      return Error{ErrorCode::kIo, path, std::strerror(errno)};
    }
    std::memcpy(slots[i].path, path.c_str(), path.size() + 1);
    slots[i].state = 2;
    return TemporaryFolder(static_cast<int>(i), std::move(path));
  }
  return Error{ErrorCode::kLimit, "", "too many temporary folders at once"};
}

TemporaryFolder::~TemporaryFolder() {
  if (slot_ < 0) return;
  remove_below(AT_FDCWD, slots[static_cast<std::size_t>(slot_)].path, 0);
  slots[static_cast<std::size_t>(slot_)].state = 0;
}

Result<Done> write_laid_out(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return Error{ErrorCode::kIo, path.string(), "cannot be written"};
  return Done{};
}

void remove_temporary_folders() {
  for (Slot& slot : slots) {
    if (slot.state == 2) remove_below(AT_FDCWD, slot.path, 0);
  }
}

}  // namespace kubegate::source
