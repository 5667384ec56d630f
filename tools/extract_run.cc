#include "tools/extract_run.h"

#include <optional>
#include <string>
#include <utility>

#include "tools/annotated_record.h"
#include "tools/exit_codes.h"
#include "tools/hl7_items.h"
#include "tools/line_reader.h"
#include "tools/output.h"
#include "tools/report_items.h"

namespace radie::tools {

int ExtractRun::Run() {
  InputFiles files(command_.inputs, command_.input_format, WrittenBy(command_));
  bool file_failed = false, any = false;
  batch_.Begin();
  for (InputFile file; files.Next(file);) {
    any = true;
    try {
      ReadFile(file);
    } catch (const ExitError& error) {
      if (error.code() != kExitSomeFailed || writing_) throw;
      Complain(error.what());
      file_failed = true;
    }
  }
  Flush();
  batch_.End();
  if (!any) {
    Complain("no report there: folders are searched for *.txt, *.jsonl, *.ndjson and *.hl7");
    file_failed = true;
  }
  if (resumable_ != nullptr) resumable_->End(batch_.some_failed());
  return file_failed || SomeFailed() ? kExitSomeFailed : kExitOk;
}

bool ExtractRun::SomeFailed() const {
  return batch_.some_failed() || (resumable_ != nullptr && resumable_->some_failed_before());
}

void ExtractRun::ReadFile(const InputFile& input) {
  OpenFile file(input.path);
  if (input.format != InputFormat::kJsonLines && RelationsOnly()) {
    throw ExitError(kExitUsage, input.id +
                                    ": --stage relations needs JSON Lines with \"entities\"; "
                                    "see --input-format");
  }
  bytes_before_ = bytes_;
  if (input.format == InputFormat::kText) {
    ReadText(input, file);
  } else if (input.format == InputFormat::kHl7) {
    ReadMessages(input, file);
  } else {
    ReadLines(file);
  }
}

// A huge file is not read in: it is refused for what was read of it. What another shard has is read
// all the same, since a file that cannot be read is no report and must be none in every shard.
void ExtractRun::ReadText(const InputFile& input, OpenFile& file) {
  const std::string bytes = ReadUpTo(file, EnoughBytes());
  bytes_ = bytes_before_ + file.bytes_read();
  if (!IsMine()) return;
  Add(ItemFromText(bytes, input.id, command_.encoding, command_.offsets == Offsets::kSource));
}

void ExtractRun::ReadMessages(const InputFile& input, OpenFile& file) {
  const bool replaces = command_.encoding.invalid == DecodeOptions::Invalid::kReplace;
  if (!command_.encoding.encoding || replaces || command_.offsets == Offsets::kSource) {
    throw ExitError(kExitUsage,
                    input.id +
                        ": HL7 messages do not go with --encoding detect, --on-invalid replace "
                        "or --offsets source");
  }
  Hl7Options options;
  if (command_.encoding.named) options.encoding = command_.encoding.encoding;
  options.keep_patient_id = command_.keep_patient_id;
  Hl7Splitter splitter(options.max_message_bytes);
  std::string bytes(std::size_t{1} << 16, '\0');
  for (std::size_t number = 0, size = 1; size > 0;) {
    if (!batch_.empty() && file.WouldWait()) Flush();
    size = file.Read(bytes.data(), bytes.size());
    bytes_ = bytes_before_ + file.bytes_read();
    splitter.Feed({bytes.data(), size}, size == 0);
    while (const std::optional<Hl7Message> message = splitter.Next()) {
      for (ExtractItem& item :
           ItemsFromHl7(*message, ++number, options, UnitOf(command_.offsets))) {
        if (IsMine()) Add(std::move(item));
      }
    }
  }
}

void ExtractRun::ReadLines(OpenFile& file) {
  LineReader reader(file, kMaxLineBytes);
  std::string line;
  for (;;) {
    // Whoever feeds us line by line waits for answers.
    if (!batch_.empty() && reader.WouldWait()) Flush();
    const LineReader::Result result = reader.Next(line);
    if (result == LineReader::Result::kEnd) return;
    bytes_ = bytes_before_ + file.bytes_read();
    const bool too_long = result == LineReader::Result::kTooLong;
    if ((!too_long && IsBlank(line)) || !IsMine()) continue;
    Add(too_long
            ? ItemOfLongLine(reader.line_number())
            : ItemFromLine(line, reader.line_number(), RelationsOnly(), UnitOf(command_.offsets)));
  }
}

void ExtractRun::Add(ExtractItem item) {
  writing_ = true;  // whatever is thrown in here is not the input's fault
  if (resumable_ != nullptr && resumable_->Skips(item)) {
    ++skipped_;
  } else {
    batch_.Add(std::move(item));
  }
  AfterWriting();
}

void ExtractRun::Flush() {
  writing_ = true;
  batch_.Flush();
  AfterWriting();
}

void ExtractRun::AfterWriting() {
  if (resumable_ != nullptr && batch_.empty()) resumable_->AllWritten(batch_.some_failed());
  writing_ = false;
  progress_.Show(skipped_ + batch_.written(), bytes_);
}

}  // namespace radie::tools
