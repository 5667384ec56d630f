// radie tokenize: texts in, tokens with ids and offsets out, so that anyone can compare with
// another implementation.
#include <unistd.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "radie/tokenizer.h"
#include "radie/writer.h"
#include "tools/annotated_record.h"
#include "tools/commands.h"
#include "tools/encoding_options.h"
#include "tools/exit_codes.h"
#include "tools/file_identity.h"
#include "tools/input_files.h"
#include "tools/line_reader.h"
#include "tools/model_options.h"
#include "tools/output.h"
#include "tools/report_items.h"
#include "tools/text_units.h"

namespace radie::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxVocabularyBytes = std::size_t{64} << 20;

enum class TokenFormat { kByTerminal, kTable, kJsonLines };

struct TokenizeCommand {
  std::vector<std::string> inputs;
  ModelOptions model;
  std::optional<Stage> stage;
  TokenizerOptions tokenizer;
  bool has_profile = false;
  std::string vocabulary;  // a file
  InputFormat input_format = InputFormat::kByExtension;
  TokenFormat format = TokenFormat::kByTerminal;
  EncodingOptions encoding;
  OffsetUnit unit = OffsetUnit::kCodePoint;
  bool special_tokens = false;
};

std::string ReadVocabularyFile(const std::string& path) {
  OpenFile file(path);
  std::string bytes = ReadUpTo(file, kMaxVocabularyBytes + 1);
  if (bytes.size() > kMaxVocabularyBytes) {
    throw ExitError(kExitUsage, path + ": larger than " + std::to_string(kMaxVocabularyBytes) +
                                    " bytes: this is no vocabulary");
  }
  return bytes;
}

// One token a line; position = id. Only a line feed (with a carriage return before it) ends one.
std::vector<std::string> LinesOf(const std::string& path, const std::string& text) {
  if (const auto at = InvalidUtf8At(text)) {
    throw ExitError(kExitUsage,
                    path + ": not UTF-8 at byte " + std::to_string(*at) + ": no vocabulary");
  }
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == text.npos) end = text.size();
    lines.push_back(text.substr(begin, end - begin));
    if (!lines.back().empty() && lines.back().back() == '\r') lines.back().pop_back();
    begin = end + 1;
  }
  return lines;
}

TextTokenizer MakeProfileTokenizer(const TokenizeCommand& command) {
  if (command.vocabulary.empty()) {
    throw ExitError(kExitUsage, "--profile needs the vocabulary: --vocab FILE");
  }
  TokenizerOptions options = command.tokenizer;
  options.mecab_dictionary = command.model.mecab_dictionary;
  options.mecab_user_dictionary = command.model.mecab_user_dictionary;
  const std::string bytes = ReadVocabularyFile(command.vocabulary);
  try {
    if (options.profile == "sentencepiece") {
      options.sentencepiece_model = bytes;
    } else {
      options.vocabulary = LinesOf(command.vocabulary, bytes);
    }
    return TextTokenizer(options);
  } catch (const Error& error) {
    const ExitCode code = error.code() == ErrorCode::kInvalidArgument ? kExitUsage : kExitModel;
    throw ExitError(code, error.what());
  }
}

TextTokenizer MakeModelTokenizer(const TokenizeCommand& command) {
  const std::shared_ptr<const Model> model = LoadModel(command.model);
  Stage stage = model->info().stages.front().stage;
  if (command.stage) {
    stage = *command.stage;
    RequireStage(*model, stage);
  }
  try {
    return TextTokenizer(model, stage);
  } catch (const Error& error) {
    throw ExitError(kExitModel, error.what());
  }
}

class TokenizeRun {
 public:
  TokenizeRun(const TokenizeCommand& command, const TextTokenizer& tokenizer)
      : command_(command), tokenizer_(tokenizer) {
    table_ = command.format == TokenFormat::kTable ||
             (command.format == TokenFormat::kByTerminal && IsTerminal(STDOUT_FILENO));
  }

  int Run() {
    InputFiles files(command_.inputs, command_.input_format, IdentityOf(STDOUT_FILENO));
    bool any = false;
    for (InputFile file; files.Next(file);) {
      any = true;
      try {
        ReadFile(file);
      } catch (const ExitError& error) {
        if (error.code() != kExitSomeFailed || writing_) throw;
        Complain(error.what());
        failed_ = true;
      }
    }
    if (!any) {
      Complain("no text there: folders are searched for *.txt, *.jsonl and *.ndjson");
      failed_ = true;
    }
    return failed_ ? kExitSomeFailed : kExitOk;
  }

 private:
  void ReadFile(const InputFile& input) {
    OpenFile file(input.path);
    switch (input.format) {
      case InputFormat::kByExtension:  // which InputFiles has looked at
      case InputFormat::kText:
        return ReadText(input, file);
      case InputFormat::kJsonLines:
        return ReadLines(file);
      case InputFormat::kHl7:
        Complain(input.id + ": HL7 messages are read by radie extract only");
        failed_ = true;
    }
  }

  void ReadText(const InputFile& input, OpenFile& file) {
    Write(ItemFromText(ReadUpTo(file, EnoughBytes()), input.id, command_.encoding, false));
  }

  void ReadLines(OpenFile& file) {
    LineReader reader(file, kMaxLineBytes);
    std::string line;
    for (;;) {
      const LineReader::Result result = reader.Next(line);
      if (result == LineReader::Result::kEnd) return;
      if (result == LineReader::Result::kTooLong) {
        Write(ItemOfLongLine(reader.line_number()));
      } else if (!IsBlank(line)) {
        Write(ItemFromLine(line, reader.line_number(), false, command_.unit));
      }
    }
  }

  void Write(const ExtractItem& item) {
    writing_ = true;  // whatever is thrown in here is not the input's fault
    WriteTokens(item);
    writing_ = false;
  }

  void WriteTokens(const ExtractItem& item) {
    std::vector<TextToken> tokens;
    try {
      if (item.error) throw Error(*item.error);
      if (item.text.size() > max_text_bytes_) {
        throw Error(ErrorCode::kLimitExceeded,
                    "the text is longer than " + std::to_string(max_text_bytes_) + " bytes");
      }
      tokens = tokenizer_.Tokenize(item.text, command_.special_tokens);
    } catch (const Error& error) {
      failed_ = true;
      if (!table_) return StandardOutput().Write(ErrorToJson(item.id, error, item.line) + "\n");
      return Complain(item.id.value_or("line " + std::to_string(item.line.value_or(0))) + ": " +
                      error.what());
    }
    if (!table_) return StandardOutput().Write(JsonLineOf(item, tokens));
    for (const Warning& warning : item.warnings) Complain(*item.id + ": " + warning.message);
    StandardOutput().Write(TableOf(item, tokens));
  }

  static std::string Dumped(const ordered_json& record) {
    return record.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  }

  std::string JsonLineOf(const ExtractItem& item, const std::vector<TextToken>& tokens) const {
    ordered_json list = ordered_json::array();
    for (const TextToken& token : tokens) {
      const Range range = token.span.In(command_.unit);
      list.push_back(
          {{"id", token.id}, {"text", token.text}, {"start", range.begin}, {"end", range.end}});
    }
    ordered_json record = {{"id", *item.id}, {"tokens", list}};
    for (const Warning& warning : item.warnings) {
      record["warnings"].push_back({{"code", warning.code}, {"message", warning.message}});
    }
    return Dumped(record);
  }

  // Tab-separated, with what the token stands for; breaks in it are shown as escapes.
  std::string TableOf(const ExtractItem& item, const std::vector<TextToken>& tokens) const {
    std::string out = Escaped(*item.id) + "\n";
    for (const TextToken& token : tokens) {
      const Range range = token.span.In(command_.unit), bytes = token.span.utf8;
      out += std::to_string(token.id) + "\t" + std::to_string(range.begin) + "\t" +
             std::to_string(range.end) + "\t" + Escaped(token.text) + "\t" +
             Escaped(item.text.substr(bytes.begin, bytes.end - bytes.begin)) + "\n";
    }
    return out;
  }

  static std::string Escaped(const std::string& text) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) {
        out += c;
      } else {
        out += c == '\n'   ? "\\n"
               : c == '\t' ? "\\t"
                           : std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
      }
    }
    return out;
  }

  const TokenizeCommand& command_;
  const TextTokenizer& tokenizer_;
  const std::size_t max_text_bytes_ = ExtractorOptions().max_report_bytes;
  bool table_ = false;
  bool failed_ = false;
  bool writing_ = false;
};

void CheckUsage(TokenizeCommand& command) {
  if (command.has_profile && !command.model.path.empty()) {
    throw ExitError(kExitUsage, "either --model or --profile with --vocab");
  }
  if (!command.has_profile && !command.vocabulary.empty()) {
    throw ExitError(kExitUsage, "--vocab goes with --profile");
  }
  if (command.inputs.empty()) {
    if (IsTerminal(STDIN_FILENO)) {
      throw ExitError(kExitUsage, "nothing to read: name files, or - for standard input");
    }
    command.inputs = {"-"};
  }
  if (const char* option = ExcludesJsonLines(command.encoding)) {
    RefuseJsonLines(command.inputs, command.input_format, option);
  }
}

int RunTokenize(TokenizeCommand& command) {
  CheckUsage(command);
  const TextTokenizer tokenizer =
      command.has_profile ? MakeProfileTokenizer(command) : MakeModelTokenizer(command);
  return TokenizeRun(command, tokenizer).Run();
}

constexpr char kTokenizeFooter[] =
    R"(Examples:
  radie tokenize --model my.radie report.txt
  radie tokenize --profile bert-ja-mecab-ipadic --vocab vocab.txt --format jsonl reports.jsonl
  radie tokenize --profile sentencepiece --vocab spiece.model --unk-token '<unk>' report.txt

A table has a line a token: id, start, end, token, the text it stands for.
)";

void AddProfileOptions(CLI::App& sub, TokenizeCommand& command) {
  TokenizerOptions& options = command.tokenizer;
  sub.add_option_function<std::string>(
         "--profile",
         [&command](const std::string& name) {
           command.tokenizer.profile = name;
           command.has_profile = true;
           if (name == "sentencepiece") {
             command.tokenizer.unk_token = "<unk>";
             command.tokenizer.cls_token = "<s>";
             command.tokenizer.sep_token = "</s>";
           }
         },
         "A tokenizer without a model: char, bert-basic, bert-ja-mecab-ipadic, "
         "bert-ja-mecab-unidic, bert-ja-char, uth-bert, sentencepiece (docs/tokenizers.md)")
      ->type_name("NAME");
  sub.add_option("--vocab", command.vocabulary,
                 "Its vocabulary, a token a line; of sentencepiece the .model file")
      ->type_name("FILE");
  sub.add_option_function<bool>(
         "--lower-case", [&options](const bool& lower) { options.do_lower_case = lower; },
         "true or false: fold case (default: the profile's)")
      ->type_name("BOOL");
  sub.add_option("--word-tokenizer", options.word_tokenizer,
                 "Of bert-ja-char: none, basic or mecab (default: none)")
      ->type_name("NAME");
  sub.add_flag_callback(
      "--no-chinese-spacing", [&options] { options.tokenize_chinese_chars = false; },
      "Of bert-basic: do not set ideographs apart");
  sub.add_option("--dictionary-name", options.dictionary,
                 "Name of the MeCab dictionary, such as ipadic or unidic_lite (default: the "
                 "profile's)")
      ->type_name("NAME");
  sub.add_option("--unk-token", options.unk_token, "The unknown token (default: [UNK], <unk>)")
      ->type_name("TOKEN");
  sub.add_option("--cls-token", options.cls_token, "What begins a sequence (default: [CLS], <s>)")
      ->type_name("TOKEN");
  sub.add_option("--sep-token", options.sep_token, "What ends a sequence (default: [SEP], </s>)")
      ->type_name("TOKEN");
}

}  // namespace

void AddTokenize(CLI::App& app, Run& run) {
  auto command = std::make_shared<TokenizeCommand>();
  CLI::App* sub = app.add_subcommand("tokenize", "Print a text's tokens with ids and offsets");
  sub->add_option("inputs", command->inputs, "Files, folders, - for standard input")
      ->type_name("FILE");
  AddModelOption(*sub, command->model);
  AddStageOption(*sub, command->stage,
                 "Whose tokenizer: entities, relations or encoder (default: the model's first)");
  AddProfileOptions(*sub, *command);
  static const std::map<std::string, TokenFormat> kFormats = {{"table", TokenFormat::kTable},
                                                              {"jsonl", TokenFormat::kJsonLines}};
  sub->add_option("-f,--format", command->format,
                  "Output: table or jsonl (default: table on a terminal, else jsonl)")
      ->transform(CLI::CheckedTransformer(kFormats).description(""))
      ->type_name("NAME");
  static const std::map<std::string, InputFormat> kInputFormats = {
      {"text", InputFormat::kText}, {"jsonl", InputFormat::kJsonLines}};
  sub->add_option("--input-format", command->input_format,
                  "Input: text or jsonl (default: by extension; text for standard input)")
      ->transform(CLI::CheckedTransformer(kInputFormats).description(""))
      ->type_name("NAME");
  AddEncodingOptions(*sub, command->encoding);
  static const std::map<std::string, OffsetUnit> kUnits = {{"codepoint", OffsetUnit::kCodePoint},
                                                           {"utf8", OffsetUnit::kUtf8},
                                                           {"utf16", OffsetUnit::kUtf16}};
  sub->add_option("--offsets", command->unit,
                  "Unit of offsets: codepoint, utf8 or utf16 (default: codepoint)")
      ->transform(CLI::CheckedTransformer(kUnits).description(""))
      ->type_name("UNIT");
  sub->add_flag("--special-tokens", command->special_tokens,
                "With the tokens that begin and end each sentence");
  sub->footer(std::string(kTokenizeFooter) + kExitCodesHelp);
  sub->callback([command, &run] { run = [command] { return RunTokenize(*command); }; });
}

}  // namespace radie::tools
