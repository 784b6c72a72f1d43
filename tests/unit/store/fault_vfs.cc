#include "unit/store/fault_vfs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace missive::store::test {

// What SQLite holds of an open file.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* disk;
  std::shared_ptr<FaultVfs::Content> content;

  static FaultFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
  static int close(sqlite3_file* file) {
    of(file).~FaultFile();
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    return of(file).disk->read(*of(file).content, out, size, offset);
  }
  static int write(sqlite3_file* file, const void* octets, int size, sqlite3_int64 offset) {
    return of(file).disk->write(*of(file).content, octets, size, offset);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return of(file).disk->truncate(*of(file).content, size);
  }
  static int sync(sqlite3_file* file, int) { return of(file).disk->sync(*of(file).content); }
  static int size(sqlite3_file* file, sqlite3_int64* out) {
    *out = of(file).disk->size(*of(file).content);
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_lock(sqlite3_file*, int* out) {
    *out = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(FaultVfs::sector); }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods out{};
      out.iVersion = 1;
      out.xClose = close;
      out.xRead = read;
      out.xWrite = write;
      out.xTruncate = truncate;
      out.xSync = sync;
      out.xFileSize = size;
      out.xLock = lock;
      out.xUnlock = lock;
      out.xCheckReservedLock = check_lock;
      out.xFileControl = control;
      out.xSectorSize = sector_size;
      out.xDeviceCharacteristics = characteristics;
      return out;
    }();
    return &all;
  }
};

FaultVfs::FaultVfs() : below_(sqlite3_vfs_find(nullptr)), vfs_(*below_) {
  vfs_.szOsFile = static_cast<int>(sizeof(FaultFile));
  vfs_.zName = "missive-fault";
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  sqlite3_vfs_register(&vfs_, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(below_, 1);
}

int FaultVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto& disk = of(vfs);
  file->pMethods = nullptr;
  const std::lock_guard lock(disk.mutex_);
  if (disk.open_code_ != SQLITE_OK && name != nullptr) {
    errno = EACCES;
    return disk.open_code_;
  }
  if (disk.left_ == 0) return SQLITE_CANTOPEN;
  auto content = std::make_shared<Content>();
  if (name != nullptr) {  // else a temporary one, that nobody else sees
    content = disk.files_.try_emplace(name, std::move(content)).first->second;
  }
  auto* made = new (file) FaultFile{{nullptr}, &disk, std::move(content)};
  made->base.pMethods = FaultFile::methods();
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int FaultVfs::remove(sqlite3_vfs* vfs, const char* name, int) {
  auto& disk = of(vfs);
  const std::lock_guard lock(disk.mutex_);
  if (disk.left_ == 0) return SQLITE_IOERR_DELETE;
  return disk.files_.erase(name) != 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int FaultVfs::access(sqlite3_vfs* vfs, const char* name, int, int* out) {
  auto& disk = of(vfs);
  const std::lock_guard lock(disk.mutex_);
  *out = disk.files_.count(name) != 0 ? 1 : 0;
  return SQLITE_OK;
}

bool FaultVfs::passes() {
  if (left_ == 0) return false;
  if (left_ != never) --left_;
  return left_ != 0;
}

int FaultVfs::read(const Content& content, void* out, int size, sqlite3_int64 offset) const {
  const std::lock_guard lock(mutex_);
  if (left_ == 0) return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(size);
  const auto from = std::min(static_cast<std::size_t>(offset), content.written.size());
  const auto there = std::min(wanted, content.written.size() - from);
  std::memcpy(out, content.written.data() + from, there);
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int FaultVfs::write(Content& content, const void* octets, int size, sqlite3_int64 offset) {
  const std::lock_guard lock(mutex_);
  if (!passes()) return SQLITE_IOERR_WRITE;
  if (write_code_ != SQLITE_OK) return write_code_;
  const auto from = static_cast<std::size_t>(offset);
  const auto end = from + static_cast<std::size_t>(size);
  if (content.written.size() < end) content.written.resize(end);
  std::memcpy(content.written.data() + from, octets, static_cast<std::size_t>(size));
  for (auto number = from / sector; number * sector < end; ++number) {
    content.dirty.insert(number);
    content.loose.erase(number);
  }
  return SQLITE_OK;
}

int FaultVfs::truncate(Content& content, sqlite3_int64 size) {
  const std::lock_guard lock(mutex_);
  if (!passes()) return SQLITE_IOERR_TRUNCATE;
  const auto end = static_cast<std::size_t>(size);
  const auto before = content.written.size();
  content.written.resize(end);
  for (auto number = end / sector; number * sector < before; ++number) {
    content.dirty.insert(number);
  }
  return SQLITE_OK;
}

// What is behind the end of `written` goes with its sectors.
void FaultVfs::keep(Content& content, std::size_t number) {
  const auto from = number * sector;
  const auto end = std::min(from + sector, content.written.size());
  if (from >= end) {
    if (content.kept.size() > content.written.size()) content.kept.resize(content.written.size());
    return;
  }
  if (content.kept.size() < end) content.kept.resize(end);
  content.kept.replace(from, end - from, content.written, from, end - from);
}

int FaultVfs::sync(Content& content) {
  const std::lock_guard lock(mutex_);
  if (!passes()) return SQLITE_IOERR_FSYNC;
  ++syncs_;
  if (syncs_fail_) {
    ++failed_syncs_;
    content.loose.merge(content.dirty);
    content.dirty.clear();
    return SQLITE_IOERR_FSYNC;
  }
  for (const auto number : content.dirty) keep(content, number);
  content.dirty.clear();
  return SQLITE_OK;
}

sqlite3_int64 FaultVfs::size(const Content& content) const {
  const std::lock_guard lock(mutex_);
  return static_cast<sqlite3_int64>(content.written.size());
}

void FaultVfs::fail_writes(int code) {
  const std::lock_guard lock(mutex_);
  write_code_ = code;
}

void FaultVfs::fail_syncs(bool fail) {
  const std::lock_guard lock(mutex_);
  syncs_fail_ = fail;
}

void FaultVfs::fail_opens(int code) {
  const std::lock_guard lock(mutex_);
  open_code_ = code;
}

void FaultVfs::cut_after(std::uint64_t operations) {
  const std::lock_guard lock(mutex_);
  left_ = operations + 1;
}

bool FaultVfs::is_cut() const {
  const std::lock_guard lock(mutex_);
  return left_ == 0;
}

void FaultVfs::recover(Random& random) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, content] : files_) {
    auto pending = std::move(content->dirty);
    pending.merge(content->loose);
    for (const auto number : pending) {
      if (random() % 2 == 0) keep(*content, number);
    }
    content->written = content->kept;
    content->dirty.clear();
    content->loose.clear();
  }
  write_code_ = open_code_ = SQLITE_OK;
  syncs_fail_ = false;
  left_ = never;
}

std::uint64_t FaultVfs::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

std::uint64_t FaultVfs::failed_syncs() const {
  const std::lock_guard lock(mutex_);
  return failed_syncs_;
}

std::string FaultVfs::content(const std::string& file) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(file);
  return found == files_.end() ? std::string() : found->second->written;
}

}  // namespace missive::store::test
