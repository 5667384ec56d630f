#include "model_mutation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace radie::fuzz {
namespace {

using Json = nlohmann::ordered_json;
using Random = std::minstd_rand;  // made for every input: a Mersenne twister takes longer to seed

struct Parts {
  std::string header, buffer;
};

bool Split(const std::string& bytes, Parts* parts) {
  if (bytes.size() < 8) return false;
  std::uint64_t length = 0;
  for (int i = 8; i-- > 0;) length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
  if (length > bytes.size() - 8) return false;
  parts->header = bytes.substr(8, length);
  parts->buffer = bytes.substr(8 + length);
  return true;
}

std::string Join(const Parts& parts) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(std::uint64_t{parts.header.size()} >> (8 * i));
  }
  return bytes + parts.header + parts.buffer;
}

void MutateBytes(std::string* bytes, std::size_t most_more) {
  const std::size_t size = bytes->size();
  bytes->resize(size + most_more);
  bytes->resize(
      LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes->data()), size, bytes->size()));
}

// Structured values of the metadata as values, and back.
void Unfold(Json* header) {
  const auto metadata = header->find("__metadata__");
  if (metadata == header->end() || !metadata->is_object()) return;
  for (auto& item : *metadata) {
    if (!item.is_string()) continue;
    const auto& text = item.get_ref<const std::string&>();
    if (text.empty() || (text[0] != '{' && text[0] != '[')) continue;
    Json value = Json::parse(text, nullptr, false);
    if (!value.is_discarded()) item = std::move(value);
  }
}

std::string Text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Fold(const Json& header) {
  const auto metadata = header.find("__metadata__");
  if (metadata == header.end() || !metadata->is_object()) return Text(header);
  std::string text = "{";
  for (const auto& item : header.items()) {
    if (text.size() > 1) text += ',';
    text += Text(item.key()) + ':';
    if (&item.value() != &*metadata) {
      text += Text(item.value());
      continue;
    }
    Json folded = item.value();
    for (auto& member : folded) {
      if (member.is_structured()) member = Text(member);
    }
    text += Text(folded);
  }
  return text + '}';
}

void Collect(Json* value, std::vector<Json*>* all) {
  all->push_back(value);
  if (!value->is_structured()) return;
  for (auto& item : *value) Collect(&item, all);
}

Json Interesting(Random& random) {
  static const std::vector<Json> values = {0,
                                           1,
                                           2,
                                           3,
                                           7,
                                           -1,
                                           16,
                                           1024,
                                           65536,
                                           std::uint64_t{1} << 32,
                                           UINT64_MAX,
                                           UINT64_MAX / 4 + 1,
                                           1e-12,
                                           0.5,
                                           1e308,
                                           nullptr,
                                           true,
                                           false,
                                           "",
                                           "O",
                                           "[UNK]",
                                           "none",
                                           "crf",
                                           "softmax",
                                           "pair",
                                           "tail",
                                           "shared",
                                           "cls",
                                           "both",
                                           "mention",
                                           "linear",
                                           "r_bert",
                                           "F16",
                                           "BF16",
                                           "I8",
                                           "bioes",
                                           "bert-basic",
                                           "bert-ja-char",
                                           "sentencepiece",
                                           Json::array(),
                                           Json::object(),
                                           Json::array({0, 4}),
                                           std::string(300, 'x'),
                                           "\xEF\xBB\xBF"};
  return values[random() % values.size()];
}

void MutateValue(Json* root, Random& random) {
  std::vector<Json*> all;
  Collect(root, &all);
  Json* value = all[random() % all.size()];
  switch (random() % 8) {
    case 0:
    case 1:
      *value = Interesting(random);
      break;
    case 2: {
      const Json copy = *all[random() % all.size()];
      *value = copy;
      break;
    }
    case 3:
      if (value->is_structured() && !value->empty()) {
        auto item = value->begin();
        std::advance(item, random() % value->size());
        value->erase(item);
      }
      break;
    case 4:
      if (value->is_array() && value->size() < 64) {
        const Json copy = value->empty() ? Interesting(random) : (*value)[random() % value->size()];
        value->push_back(copy);
      } else if (value->is_object()) {
        // A member's value under another one's key.
        std::vector<std::string> keys;
        for (Json* other : all) {
          if (other->is_object()) {
            for (const auto& item : other->items()) keys.push_back(item.key());
          }
        }
        if (!keys.empty()) (*value)[keys[random() % keys.size()]] = Interesting(random);
      }
      break;
    case 5:
      *value = Json::array({*value});
      break;
    default:
      if (value->is_string()) {
        std::string text = value->get<std::string>();
        MutateBytes(&text, 8);
        *value = text;
      } else if (value->is_number_unsigned()) {
        const auto number = value->get<std::uint64_t>();
        const std::uint64_t changes[] = {number + 1, number - 1, number * 2, number ^ 1};
        *value = changes[random() % 4];
      }
  }
}

std::size_t ElementBytes(const Json& tensor) {
  const auto dtype = tensor.find("dtype");
  if (dtype == tensor.end() || !dtype->is_string()) return 0;
  const auto& name = dtype->get_ref<const std::string&>();
  return name == "F32" ? 4 : name == "I8" ? 1 : name == "F16" || name == "BF16" ? 2 : 0;
}

// Lays the tensors out anew by their shapes, and makes the buffer as long as they need.
void LayOut(Json* header, std::string* buffer, std::size_t most) {
  std::size_t end = 0;
  for (auto& item : header->items()) {
    Json& tensor = item.value();
    if (item.key() == "__metadata__" || !tensor.is_object()) continue;
    std::size_t size = ElementBytes(tensor);
    const auto shape = tensor.find("shape");
    if (size == 0 || shape == tensor.end() || !shape->is_array()) continue;
    for (const auto& extent : *shape) {
      if (!extent.is_number_unsigned()) return;
      const auto rows = extent.get<std::uint64_t>();
      if (rows != 0 && size > most / rows) return;
      size *= rows;
    }
    tensor["data_offsets"] = Json::array({end, end + size});
    end += size;
    if (end > most) return;
  }
  buffer->resize(end);
}

// libFuzzer changes an input several times in a row: the header written last is at hand as values.
struct LastHeader {
  std::string text;
  Json unfolded;
};

bool MutateHeader(Parts* parts, Random& random, std::size_t most) {
  static LastHeader last;
  if (last.text.empty() || last.text != parts->header) {
    last.unfolded = Json::parse(parts->header, nullptr, false);
    last.text.clear();
    if (!last.unfolded.is_object()) return false;
    Unfold(&last.unfolded);
  }
  Json& header = last.unfolded;
  for (std::size_t n = 1 + random() % 2; n > 0; --n) MutateValue(&header, random);
  last.text.clear();
  if (!header.is_object()) return false;
  if (random() % 4 != 0) LayOut(&header, &parts->buffer, most);
  last.text = Fold(header);
  parts->header = last.text;
  return true;
}

}  // namespace

std::size_t MutateModel(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  Random random(seed);
  Parts parts;
  const unsigned way = random() % 16;
  if (way == 0 || !Split({reinterpret_cast<const char*>(data), size}, &parts)) {
    return LLVMFuzzerMutate(data, size, most);
  }
  if (way <= 3) {
    MutateBytes(&parts.header, 16);
  } else if (way == 4 && !parts.buffer.empty()) {
    MutateBytes(&parts.buffer, 0);
    parts.buffer.resize(size - 8 - parts.header.size());
  } else if (!MutateHeader(&parts, random, most)) {
    MutateBytes(&parts.header, 16);
  }
  const std::string changed = Join(parts);
  if (changed.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}

}  // namespace radie::fuzz
