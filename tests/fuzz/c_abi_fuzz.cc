// Any sequence of calls that the C header allows, on handles that are there and on NULL.
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "radie/c_api.h"
#include "tiny_model.h"

namespace radie::fuzz {
namespace {

// A struct of which the caller knows only the first `size` bytes: it has no more, so that a write
// behind them is seen.
template <typename Struct>
class Cut {
 public:
  explicit Cut(std::size_t size) : bytes_(new char[size]) {
    std::memset(bytes_.get(), 0, size);
    std::memcpy(bytes_.get(), &size, sizeof(size));
  }
  Struct* get() { return reinterpret_cast<Struct*>(bytes_.get()); }

 private:
  std::unique_ptr<char[]> bytes_;
};

// Sizes that end with a field; anything else is no older header's.
template <typename Struct>
std::size_t SizeOf(Input* input) {
  const std::size_t words = sizeof(Struct) / sizeof(std::size_t);
  return sizeof(std::size_t) * (1 + input->UpTo(words - 1));
}

class Session {
 public:
  explicit Session(Input* input) : input_(input) {}
  ~Session() {
    for (radie_report* report : reports_) radie_report_free(report);
    for (radie_batch* batch : batches_) radie_batch_free(batch);
    radie_extractor_free(extractor_);
    radie_model_free(model_);
    radie_cancel_free(cancel_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Run() {
    for (int calls = 0; calls < 24 && !input_->empty(); ++calls) Call();
  }

 private:
  // What a call that can fail says, and its error with it.
  void Told(radie_status status, radie_error* error) {
    ASSERT_EQ(status != RADIE_OK, error != nullptr);
    ASSERT_EQ(radie_error_code(error), status);
    ASSERT_STRNE(radie_status_name(status), "internal") << radie_error_message(error);
    ASSERT_EQ(std::strlen(radie_error_message(error)) > 0, status != RADIE_OK);
    ExpectNoSecret(radie_error_message(error));
    std::size_t offset = 0;
    (void)radie_error_offset(error, &offset);
    radie_error_free(error);
  }

  void Call() {
    switch (input_->Byte() % 12) {
      case 0:  // seldom: it takes as long as all else
        return input_->Byte() < 32 ? OpenModel() : OpenExtractor();
      case 1:
        return OpenExtractor();
      case 2:
      case 3:
        return Extract();
      case 4:
        return ExtractJson();
      case 5:
        return ExtractBatch();
      case 6:
      case 7:
        return ReadReport(AnyReport());
      case 8:
        return Json(AnyReport());
      case 9:
        return Cancel();
      case 10:
        return FreeSome();
      default:
        radie_model_free(std::exchange(model_, nullptr));  // extractors go on
    }
  }

  void OpenModel() {
    radie_model_free(std::exchange(model_, nullptr));
    std::string bytes = TinyModelBytes();
    if (input_->UpTo(3) == 0) bytes.resize(input_->UpTo(2000));
    radie_load_options options = RADIE_LOAD_OPTIONS_INIT;
    static constexpr const char* kIsas[] = {nullptr, "portable", "auto", "z80", ""};
    static constexpr const char* kPrecisions[] = {nullptr, "fp32", "bf16", "int8", "fp0"};
    options.isa = kIsas[input_->UpTo(4)];
    options.precision = kPrecisions[input_->UpTo(4)];
    radie_error* error = nullptr;
    const radie_status status = radie_model_open_memory(
        bytes.data(), bytes.size(), input_->Flag() ? &options : nullptr, &model_, &error);
    ASSERT_EQ(status == RADIE_OK, model_ != nullptr);
    Told(status, error);
  }

  // One model for all sessions: loading is what takes time.
  static const radie_model* SharedModel() {
    static const std::unique_ptr<radie_model, void (*)(radie_model*)> model = [] {
      radie_model* opened = nullptr;
      (void)radie_model_open_memory(TinyModelBytes().data(), TinyModelBytes().size(), nullptr,
                                    &opened, nullptr);
      return std::unique_ptr<radie_model, void (*)(radie_model*)>(opened, radie_model_free);
    }();
    return model.get();
  }

  void OpenExtractor() {
    radie_extractor_free(std::exchange(extractor_, nullptr));
    const std::size_t size = SizeOf<radie_extractor_options>(input_);
    Cut<radie_extractor_options> options(size);
    const auto has = [&](std::size_t offset) { return offset + sizeof(std::size_t) <= size; };
    if (has(offsetof(radie_extractor_options, threads))) options.get()->threads = 1;
    if (has(offsetof(radie_extractor_options, max_report_bytes))) {
      options.get()->max_report_bytes = input_->UpTo(200);
    }
    if (has(offsetof(radie_extractor_options, max_batch_tokens))) {
      options.get()->max_batch_tokens = input_->UpTo(20);
    }
    if (has(offsetof(radie_extractor_options, min_confidence))) {
      options.get()->min_confidence = input_->Byte() / 200.0 - 0.1;
    }
    if (has(offsetof(radie_extractor_options, cache_bytes))) {
      options.get()->cache_bytes = input_->UpTo(40'000);
    }
    if (!has(offsetof(radie_extractor_options, threads))) return;  // all cores: not for a fuzzer
    radie_error* error = nullptr;
    const radie_model* model = input_->Flag() ? SharedModel() : model_;
    const radie_status status = radie_extractor_new(model, options.get(), &extractor_, &error);
    ASSERT_EQ(status == RADIE_OK, extractor_ != nullptr);
    Told(status, error);
  }

  void Extract() {
    const std::string_view text = input_->Take(60);
    radie_report* report = nullptr;
    radie_error* error = nullptr;
    const radie_status status = radie_extract(extractor_, text.empty() ? nullptr : text.data(),
                                              text.size(), &report, &error);
    ASSERT_EQ(status == RADIE_OK, report != nullptr);
    if (report != nullptr) reports_.push_back(report);
    Told(status, error);
  }

  void ExtractJson() {
    const std::string_view text = input_->Take(60);
    radie_string* json = nullptr;
    radie_error* error = nullptr;
    const radie_status status =
        radie_extract_json(extractor_, text.data(), text.size(), &json, &error);
    ASSERT_EQ(status == RADIE_OK, json != nullptr);
    ASSERT_EQ(std::strlen(radie_string_data(json)), radie_string_size(json));
    radie_string_free(json);
    Told(status, error);
  }

  static void Progress(void* context, std::size_t done, std::size_t total) {
    ASSERT_LE(done, total);
    *static_cast<std::size_t*>(context) = done;
  }

  void ExtractBatch() {
    std::vector<radie_text> texts;
    for (std::size_t n = input_->UpTo(4); n > 0; --n) {
      const std::string_view text = input_->Take(40);
      texts.push_back({text.data(), text.size()});
    }
    std::size_t done = 0;
    radie_run_options options = RADIE_RUN_OPTIONS_INIT;
    options.progress = Progress, options.progress_context = &done;
    options.cancel = cancel_;
    radie_batch* batch = nullptr;
    radie_error* error = nullptr;
    const radie_status status =
        radie_extract_batch(extractor_, texts.data(), texts.size(),
                            input_->Flag() ? &options : nullptr, &batch, &error);
    ASSERT_EQ(status == RADIE_OK, batch != nullptr);
    Told(status, error);
    if (batch == nullptr) return;
    batches_.push_back(batch);
    ASSERT_EQ(radie_batch_size(batch), texts.size());
    for (std::size_t i = 0; i < texts.size() + 2; ++i) {
      const bool report = radie_batch_report(batch, i) != nullptr;
      const bool failed = radie_batch_error(batch, i) != nullptr;
      ASSERT_EQ(report != failed, i < texts.size());
    }
  }

  // Of a batch, of those by themselves, or NULL.
  const radie_report* AnyReport() {
    const std::uint8_t which = input_->Byte();
    if (which % 2 == 0 && !batches_.empty()) {
      return radie_batch_report(batches_[which / 2 % batches_.size()], input_->UpTo(4));
    }
    return reports_.empty() ? nullptr : reports_[which / 2 % reports_.size()];
  }

  template <typename Struct, typename Get>
  void Read(const radie_report* report, std::size_t count, Get get) {
    const std::size_t index = input_->UpTo(count + 1);
    Cut<Struct> cut(SizeOf<Struct>(input_));
    const radie_status status = get(report, index, cut.get());
    ASSERT_EQ(status, report != nullptr && index < count ? RADIE_OK : RADIE_ERROR_INVALID_ARGUMENT);
    Struct whole{};
    whole.struct_size = sizeof(Struct);
    ASSERT_EQ(get(report, index, &whole), status);
  }

  void ReadReport(const radie_report* report) {
    Read<radie_entity>(report, radie_report_entity_count(report), radie_report_entity);
    Read<radie_relation>(report, radie_report_relation_count(report), radie_report_relation);
    Read<radie_finding>(report, radie_report_finding_count(report), radie_report_finding);
    Read<radie_warning>(report, radie_report_warning_count(report), radie_report_warning);
  }

  void Json(const radie_report* report) {
    const std::string id(input_->Take(8));
    const auto unit = static_cast<radie_offset_unit>(input_->UpTo(2));
    radie_string* json = nullptr;
    radie_error* error = nullptr;
    const radie_status status =
        radie_report_json(report, input_->Flag() ? id.c_str() : nullptr, unit, &json, &error);
    ASSERT_EQ(status == RADIE_OK, json != nullptr);
    radie_string_free(json);
    Told(status, error);
  }

  void Cancel() {
    if (cancel_ == nullptr) {
      radie_error* error = nullptr;
      const radie_status status = radie_cancel_new(&cancel_, &error);
      Told(status, error);
    }
    if (input_->Flag()) radie_cancel_request(cancel_);
    if (input_->Flag()) radie_cancel_free(std::exchange(cancel_, nullptr));
  }

  void FreeSome() {
    if (!reports_.empty()) radie_report_free(reports_.back()), reports_.pop_back();
    if (!batches_.empty()) radie_batch_free(batches_.back()), batches_.pop_back();
    radie_string_free(nullptr);
    radie_error_free(nullptr);
    radie_report_free(nullptr);
    ASSERT_EQ(radie_batch_size(nullptr), 0U);
  }

  Input* input_;
  radie_model* model_ = nullptr;
  radie_extractor* extractor_ = nullptr;
  radie_cancel* cancel_ = nullptr;
  std::vector<radie_report*> reports_;
  std::vector<radie_batch*> batches_;
};

}  // namespace

RADIE_FUZZ_TARGET(c_abi) {
  Input input(bytes);
  Session(&input).Run();
}

}  // namespace radie::fuzz
