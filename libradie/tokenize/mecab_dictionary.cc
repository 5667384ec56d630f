#include "libradie/tokenize/mecab_dictionary.h"

#include "radie/error.h"

#if defined(RADIE_WITH_MECAB)
#include <mecab.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

#include "libradie/base/utf8.h"
#include "libradie/tokenize/character_kinds.h"
#include "libradie/tokenize/run_limit.h"
#endif

namespace radie {

#if defined(RADIE_WITH_MECAB)
namespace {

namespace fs = std::filesystem;

[[noreturn]] void ThrowIo(const std::string& message) { throw Error(ErrorCode::kIo, message); }

// MeCab keeps the length of what it passes over in 16 bits: behind more than 65,535 bytes of blanks
// it loses the rest of the text. No more than this many of a run are given to it; none is in a
// word.
constexpr std::size_t kMaxBlanks = 1'000;

bool IsBlank(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\v'); }

bool IsUtf8(std::string charset) {
  std::erase_if(charset, [](char c) { return c == '-' || c == '_'; });
  for (char& c : charset) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return charset == "utf8";
}

// The first words of a compiled dictionary, which MeCab looks at, too; but where they are wrong it
// loses memory, and says so in a line of its source.
void CheckDictionary(const fs::path& path) {
  constexpr std::uint32_t kMagic = 0xEF718F77, kVersion = 102;
  std::uint32_t head[2] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(head), sizeof head);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!file || error || (head[0] ^ kMagic) != size || head[1] != kVersion) {
    ThrowIo("MeCab dictionary: " + path.string() +
            " is no compiled dictionary of version 102, or not all of one");
  }
}

// MeCab's own message for a missing file is a line of its source; this one says what is missing.
void CheckFiles(const MecabFiles& files) {
  std::error_code error;
  for (const char* name : {"dicrc", "sys.dic", "unk.dic", "char.bin", "matrix.bin"}) {
    if (!fs::is_regular_file(fs::path(files.folder) / name, error)) {
      ThrowIo("MeCab dictionary: " + files.folder +
              " is no folder of a compiled dictionary: it has no " + name);
    }
  }
  for (const char* name : {"sys.dic", "unk.dic"}) CheckDictionary(fs::path(files.folder) / name);
  const std::string& user = files.user_dictionary;
  if (user.find_first_of(",\"") != std::string::npos) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "MeCab user dictionary: its path holds a comma or a quotation mark, which MeCab would "
        "read as the end of a file name");
  }
  if (!user.empty() && !fs::is_regular_file(user, error)) {
    ThrowIo("MeCab user dictionary: there is no file " + user);
  }
  if (!user.empty()) CheckDictionary(user);
}

std::unique_ptr<MeCab::Model> OpenModel(const MecabFiles& files) {
  CheckFiles(files);
  // No resource file: the host's settings must not change a result.
  std::vector<std::string> arguments = {"radie", "-r", "/dev/null", "-d", files.folder};
  if (!files.user_dictionary.empty())
    arguments.insert(arguments.end(), {"-u", files.user_dictionary});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  std::unique_ptr<MeCab::Model> model(
      MeCab::Model::create(static_cast<int>(pointers.size()), pointers.data()));
  if (model == nullptr) ThrowIo("MeCab dictionary: MeCab cannot load " + files.folder);
  for (const auto* info = model->dictionary_info(); info != nullptr; info = info->next) {
    if (info->charset == nullptr || !IsUtf8(info->charset)) {
      throw Error(ErrorCode::kInvalidArgument, "MeCab dictionary: " + files.folder +
                                                   " is not in UTF-8; its UTF-8 form is needed");
    }
  }
  return model;
}

class Dictionary final : public MecabDictionary {
 public:
  explicit Dictionary(const MecabFiles& files)
      : model_(OpenModel(files)), kinds_((fs::path(files.folder) / "char.bin").string()) {
    tagger_.reset(model_->createTagger());
    if (tagger_ == nullptr) ThrowIo("MeCab dictionary: MeCab cannot use " + files.folder);
  }

  std::vector<Word> Split(const Characters& text) const override {
    std::vector<Word> words;
    const auto is_nul = [](const Character& c) { return c.code_point == 0; };
    for (auto begin = text.begin(); begin != text.end();) {
      begin = std::find_if_not(begin, text.end(), is_nul);
      const auto end = std::find_if(begin, text.end(), is_nul);
      if (begin != end) AppendWords(begin, end, &words);
      begin = end;
    }
    return words;
  }

 private:
  using Lattice = std::unique_ptr<MeCab::Lattice>;

  // A lattice keeps the memory of the longest text it has held, which is why they are used again.
  class BorrowedLattice {
   public:
    explicit BorrowedLattice(const Dictionary& owner)
        : owner_(owner), lattice_(owner.TakeLattice()) {}
    ~BorrowedLattice() { owner_.GiveBack(std::move(lattice_)); }
    BorrowedLattice(const BorrowedLattice&) = delete;
    BorrowedLattice& operator=(const BorrowedLattice&) = delete;

    MeCab::Lattice* operator->() const { return lattice_.get(); }
    MeCab::Lattice* get() const { return lattice_.get(); }

   private:
    const Dictionary& owner_;
    Lattice lattice_;
  };

  Lattice TakeLattice() const {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!free_.empty()) {
        Lattice lattice = std::move(free_.back());
        free_.pop_back();
        return lattice;
      }
    }
    Lattice lattice(model_->createLattice());
    if (lattice == nullptr) throw std::bad_alloc();
    return lattice;
  }

  void GiveBack(Lattice lattice) const noexcept {
    lattice->clear();
    const std::lock_guard<std::mutex> lock(mutex_);
    try {
      free_.push_back(std::move(lattice));
    } catch (...) {  // no room to remember it: it goes
    }
  }

  void AppendWords(Characters::const_iterator begin, Characters::const_iterator end,
                   std::vector<Word>* words) const {
    std::string utf8;
    std::vector<std::size_t> starts;                  // in utf8, of each character, and the end
    std::vector<Characters::const_iterator> origins;  // of each character
    std::size_t blanks = 0;
    for (auto at = begin; at != end; ++at) {
      blanks = IsBlank(at->code_point) ? blanks + 1 : 0;
      if (blanks > kMaxBlanks) continue;
      starts.push_back(utf8.size());
      origins.push_back(at);
      AppendUtf8(at->code_point, &utf8);
    }
    starts.push_back(utf8.size());
    if (origins.size() > RunLimit::kFreeRun) {
      std::u32string kept;
      for (const auto at : origins) kept.push_back(at->code_point);
      kinds_.CheckRuns(kept);
    }

    const BorrowedLattice lattice(*this);
    lattice->set_sentence(utf8.data(), utf8.size());
    if (!tagger_->parse(lattice.get())) {
      throw Error(ErrorCode::kInternal, "MeCab cannot parse a sentence");
    }
    auto next = starts.begin();
    for (const MeCab::Node* node = lattice->bos_node(); node != nullptr; node = node->next) {
      if (node->length == 0) continue;  // the ends of the sentence
      const auto from = static_cast<std::size_t>(node->surface - lattice->sentence());
      const auto first = std::lower_bound(next, starts.end(), from);
      const auto last = std::lower_bound(first, starts.end(), from + node->length);
      if (last == starts.end() || *first != from || *last != from + node->length) {
        throw Error(ErrorCode::kInternal, "MeCab cut a character in two");
      }
      const auto origin = [&](auto start) {
        return origins[static_cast<std::size_t>(start - starts.begin())];
      };
      words->emplace_back(origin(first), origin(last - 1) + 1);
      next = last;
    }
  }

  const std::unique_ptr<MeCab::Model> model_;
  const CharacterKinds kinds_;
  std::unique_ptr<MeCab::Tagger> tagger_;  // stateless but for the model, when given a lattice
  mutable std::mutex mutex_;
  mutable std::vector<Lattice> free_;
};

}  // namespace

std::shared_ptr<const MecabDictionary> MecabDictionary::Open(const MecabFiles& files) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::weak_ptr<const MecabDictionary>> opened;
  const std::lock_guard<std::mutex> lock(mutex);
  std::weak_ptr<const MecabDictionary>& known = opened[{files.folder, files.user_dictionary}];
  std::shared_ptr<const MecabDictionary> dictionary = known.lock();
  if (dictionary == nullptr) {
    dictionary = std::make_shared<const Dictionary>(files);
    known = dictionary;
  }
  return dictionary;
}

bool HasMecab() noexcept { return true; }

#else

std::shared_ptr<const MecabDictionary> MecabDictionary::Open(const MecabFiles&) {
  throw Error(ErrorCode::kUnsupportedModel,
              "tokenizer: words are split by MeCab, which this radie was built without "
              "(RADIE_WITH_MECAB=OFF)");
}

bool HasMecab() noexcept { return false; }

#endif

}  // namespace radie
