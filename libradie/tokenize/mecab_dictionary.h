// A MeCab dictionary, and the words it finds. Only mecab_dictionary.cc sees MeCab.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libradie/tokenize/characters.h"

namespace radie {

struct MecabFiles {
  std::string folder;  // of a compiled dictionary: dicrc, sys.dic, matrix.bin, char.bin, …
  std::string user_dictionary;  // a compiled user dictionary; empty: none
};

// Immutable and thread-safe. All who open the same files share one dictionary, for as long as one
// of them keeps it.
class MecabDictionary {
 public:
  // Throws Error: kUnsupportedModel where radie was built without MeCab, kIo when there is no
  // dictionary at the place or MeCab cannot load it, kInvalidArgument for a dictionary that is not
  // in UTF-8 or a path MeCab cannot be given. Must not be given files from somebody not trusted:
  // MeCab does not check what is in them.
  static std::shared_ptr<const MecabDictionary> Open(const MecabFiles& files);

  virtual ~MecabDictionary() = default;

  // The surfaces MeCab finds, in order. What it passes over (spaces, by most dictionaries) is in no
  // word. A NUL ends a word and is in none. Throws Error(kLimitExceeded) for runs of one class
  // without end (character_kinds.h).
  virtual std::vector<Word> Split(const Characters& text) const = 0;
};

// Whether this build can open dictionaries (RADIE_WITH_MECAB).
bool HasMecab() noexcept;

}  // namespace radie
