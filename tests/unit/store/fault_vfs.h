// A disk that fails and loses power, for SQLite: a VFS in the place of the default one.
//
// While it lives, files that SQLite opens are here and in memory: what was written, and what
// of it is on the disk for good because it was synced. Of a write that was not synced a crash keeps
// any part, in sectors. A sync that fails drops what it should have written: as on Linux, a later
// sync does not write it again. Making and deleting a file is for good at once. Locks always
// succeed: one process, one connection. One at a time; any thread.
//
//   FaultVfs disk;
//   disk.cut_after(20);     // the 21st write or sync fails, and everything after it
//   ... database comes to its end ...
//   disk.recover(random);   // the power is back: every file is what the disk kept
//
// Source: SQLite documentation, "The SQLite OS Interface or VFS", "Atomic Commit In SQLite".
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace missive::store::test {

class FaultVfs {
 public:
  using Random = std::mt19937;

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // --- what fails from now on
  void fail_writes(int code);  // SQLITE_FULL, SQLITE_IOERR_WRITE; SQLITE_OK: none
  void fail_syncs(bool fail);
  void fail_opens(int code);  // also a folder or a file that may not be written: SQLITE_CANTOPEN
  // The power goes after so many more writes and syncs.
  void cut_after(std::uint64_t operations);
  bool is_cut() const;
  // The power is back, nothing fails. Every file must have been closed.
  void recover(Random& random);

  std::uint64_t syncs() const;
  std::uint64_t failed_syncs() const;
  // What a program would read.
  std::string content(const std::string& file) const;

 private:
  friend struct FaultFile;
  struct Content {
    std::string written;          // what is read
    std::string kept;             // what is on the disk
    std::set<std::size_t> dirty;  // sectors that are to be synced
    std::set<std::size_t> loose;  // sectors that differ and that no sync will write
  };
  static constexpr std::size_t sector = 512;
  static constexpr auto never = std::numeric_limits<std::uint64_t>::max();

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder);
  static int access(sqlite3_vfs* vfs, const char* name, int flags, int* out);
  static FaultVfs& of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

  int read(const Content& content, void* out, int size, sqlite3_int64 offset) const;
  int write(Content& content, const void* octets, int size, sqlite3_int64 offset);
  int truncate(Content& content, sqlite3_int64 size);
  int sync(Content& content);
  sqlite3_int64 size(const Content& content) const;
  bool passes();  // counts an operation; false when the power is gone
  static void keep(Content& content, std::size_t number);

  mutable std::mutex mutex_;
  sqlite3_vfs* const below_;
  sqlite3_vfs vfs_;
  std::map<std::string, std::shared_ptr<Content>> files_;
  int write_code_ = SQLITE_OK, open_code_ = SQLITE_OK;
  bool syncs_fail_ = false;
  std::uint64_t left_ = never;
  std::uint64_t syncs_ = 0, failed_syncs_ = 0;
};

}  // namespace missive::store::test
