// Lines out of a file, with a cap: a line without an end must not fill the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tools/open_file.h"

namespace radie::tools {

class LineReader {
 public:
  enum class Result { kLine, kTooLong, kEnd };

  // The file must outlive the reader. Lines of more than `cap` bytes are passed over and reported
  // as kTooLong.
  LineReader(OpenFile& file, std::size_t cap) : file_(file), cap_(cap) {}

  // The next line without its line feed. A last line without one is a line; an empty rest is none.
  Result Next(std::string& line);

  // Number of the line that Next() gave, from 1.
  std::size_t line_number() const { return line_number_; }

  // Would Next() have to wait for input? Then it is time to give out what there is.
  bool WouldWait() const;

  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  bool Fill();

  OpenFile& file_;
  std::size_t cap_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of what has not been given out
  std::size_t scanned_ = 0;  // no line feed in [begin_, scanned_)
  bool skipping_ = false;    // inside a line that is too long
  bool at_end_ = false;
  std::size_t line_number_ = 0;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace radie::tools
