// Entities of reports from Java, through the C interface and JNA.
//   java -cp jna.jar:. -Djna.library.path=LIB Findings MODEL REPORT…
// Java's strings count UTF-16 units, and so do the offsets it asks for.
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

public final class Findings {
  // What is used of radie/c_api.h. size_t is long: 64-bit machines.
  interface Radie extends Library {
    @Structure.FieldOrder({"begin", "end"})
    class Range extends Structure {
      public long begin, end;
    }

    @Structure.FieldOrder({"structSize", "type", "text", "textBytes", "codePoints", "utf8", "utf16", "confidence"})
    class Entity extends Structure {
      public long structSize = size();
      public String type;
      public Pointer text;
      public long textBytes;
      public Range codePoints, utf8, utf16;
      public double confidence;
    }

    int radie_model_open(String path, Pointer options, PointerByReference model, PointerByReference error);
    void radie_model_free(Pointer model);
    int radie_extractor_new(Pointer model, Pointer options, PointerByReference extractor, PointerByReference error);
    void radie_extractor_free(Pointer extractor);
    int radie_extract(Pointer extractor, byte[] utf8, long bytes, PointerByReference report, PointerByReference error);
    long radie_report_entity_count(Pointer report);
    int radie_report_entity(Pointer report, long index, Entity entity);
    void radie_report_free(Pointer report);
    String radie_error_message(Pointer error);
    void radie_error_free(Pointer error);
  }

  static final Radie RADIE =
      Native.load("radie_c", Radie.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

  static void check(int status, PointerByReference error) {
    if (status == 0) return;
    String message = RADIE.radie_error_message(error.getValue());
    RADIE.radie_error_free(error.getValue());
    throw new IllegalStateException(message);
  }

  // An extractor may be used by any number of threads.
  static final class Extractor implements AutoCloseable {
    private final Pointer handle;

    Extractor(String model) {
      PointerByReference result = new PointerByReference(), error = new PointerByReference();
      check(RADIE.radie_model_open(model, null, result, error), error);
      Pointer opened = result.getValue();
      try {
        check(RADIE.radie_extractor_new(opened, null, result, error), error);
        handle = result.getValue();
      } finally {
        RADIE.radie_model_free(opened);
      }
    }

    // "TYPE begin end" for every entity.
    List<String> entities(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      PointerByReference report = new PointerByReference(), error = new PointerByReference();
      check(RADIE.radie_extract(handle, utf8, utf8.length, report, error), error);
      String[] found = new String[(int) RADIE.radie_report_entity_count(report.getValue())];
      for (int i = 0; i < found.length; ++i) {
        Radie.Entity entity = new Radie.Entity();
        RADIE.radie_report_entity(report.getValue(), i, entity);
        byte[] bytes = entity.text.getByteArray(0, (int) entity.textBytes);
        String here = text.substring((int) entity.utf16.begin, (int) entity.utf16.end);
        if (!here.equals(new String(bytes, StandardCharsets.UTF_8))) throw new AssertionError("an offset is wrong");
        found[i] = entity.type + " " + entity.utf16.begin + " " + entity.utf16.end;
      }
      RADIE.radie_report_free(report.getValue());
      return Arrays.asList(found);
    }

    @Override
    public void close() {
      RADIE.radie_extractor_free(handle);
    }
  }

  public static void main(String[] arguments) throws Exception {
    try (Extractor extractor = new Extractor(arguments[0])) {
      for (String file : Arrays.asList(arguments).subList(1, arguments.length)) {
        extractor.entities(Files.readString(Path.of(file))).forEach(System.out::println);
      }
      // Two threads at once find what one finds.
      String text = Files.readString(Path.of(arguments[1]));
      List<String> wanted = extractor.entities(text);
      long equal = List.of(1, 2).parallelStream().filter(i -> extractor.entities(text).equals(wanted)).count();
      if (equal != 2) throw new AssertionError("two threads found something else");
    } catch (IllegalStateException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
  }
}
