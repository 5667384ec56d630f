// Entities of reports from C#, through the C interface and P/Invoke.
//   mono Findings.exe MODEL REPORT…     (libradie_c.so.1 is found through LD_LIBRARY_PATH)
// C#'s strings count UTF-16 units, and so do the offsets it asks for. UIntPtr is size_t.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;

static class Radie {
  const string Library = "libradie_c.so.1";

  [StructLayout(LayoutKind.Sequential)]
  public struct Range {
    public UIntPtr Begin, End;
  }

  [StructLayout(LayoutKind.Sequential)]
  public struct Entity {
    public UIntPtr StructSize;
    public IntPtr Type, Text;
    public UIntPtr TextBytes;
    public Range CodePoints, Utf8, Utf16;
    public double Confidence;
  }

  [DllImport(Library)] public static extern int radie_model_open(byte[] path, IntPtr options, out IntPtr model, out IntPtr error);
  [DllImport(Library)] public static extern void radie_model_free(IntPtr model);
  [DllImport(Library)] public static extern int radie_extractor_new(IntPtr model, IntPtr options, out IntPtr extractor, out IntPtr error);
  [DllImport(Library)] public static extern void radie_extractor_free(IntPtr extractor);
  [DllImport(Library)] public static extern int radie_extract(IntPtr extractor, byte[] utf8, UIntPtr bytes, out IntPtr report, out IntPtr error);
  [DllImport(Library)] public static extern UIntPtr radie_report_entity_count(IntPtr report);
  [DllImport(Library)] public static extern int radie_report_entity(IntPtr report, UIntPtr index, ref Entity entity);
  [DllImport(Library)] public static extern void radie_report_free(IntPtr report);
  [DllImport(Library)] public static extern IntPtr radie_error_message(IntPtr error);
  [DllImport(Library)] public static extern void radie_error_free(IntPtr error);
}

// May be used by any number of threads.
sealed class Extractor : IDisposable {
  readonly IntPtr handle;

  public Extractor(string model) {
    IntPtr opened, error;
    Check(Radie.radie_model_open(Encoding.UTF8.GetBytes(model + "\0"), IntPtr.Zero, out opened, out error), error);
    try {
      Check(Radie.radie_extractor_new(opened, IntPtr.Zero, out handle, out error), error);
    } finally {
      Radie.radie_model_free(opened);
    }
  }

  public void Dispose() { Radie.radie_extractor_free(handle); }

  // "TYPE begin end" for every entity.
  public List<string> Entities(string text) {
    byte[] utf8 = Encoding.UTF8.GetBytes(text);
    IntPtr report, error;
    Check(Radie.radie_extract(handle, utf8, (UIntPtr)utf8.Length, out report, out error), error);
    var found = new List<string>();
    for (ulong i = 0; i < (ulong)Radie.radie_report_entity_count(report); ++i) {
      var entity = new Radie.Entity { StructSize = (UIntPtr)Marshal.SizeOf(typeof(Radie.Entity)) };
      Radie.radie_report_entity(report, (UIntPtr)i, ref entity);
      int begin = (int)entity.Utf16.Begin, end = (int)entity.Utf16.End;
      if (text.Substring(begin, end - begin) != Utf8(entity.Text, (int)entity.TextBytes)) throw new Exception("an offset is wrong");
      found.Add(Marshal.PtrToStringAnsi(entity.Type) + " " + begin + " " + end);
    }
    Radie.radie_report_free(report);
    return found;
  }

  static string Utf8(IntPtr at, int bytes) {
    var copy = new byte[bytes];
    Marshal.Copy(at, copy, 0, bytes);
    return Encoding.UTF8.GetString(copy);
  }

  static void Check(int status, IntPtr error) {
    if (status == 0) return;
    string message = Marshal.PtrToStringAnsi(Radie.radie_error_message(error));
    Radie.radie_error_free(error);
    throw new InvalidOperationException(message);
  }
}

static class Program {
  static int Main(string[] arguments) {
    try {
      using (var extractor = new Extractor(arguments[0])) {
        string[] texts = arguments.Skip(1).Select(file => new UTF8Encoding(false).GetString(File.ReadAllBytes(file))).ToArray();
        foreach (string text in texts) extractor.Entities(text).ForEach(Console.WriteLine);
        // Two threads at once find what one finds.
        List<string> wanted = extractor.Entities(texts[0]);
        var both = Enumerable.Range(0, 2).Select(i => Task.Run(() => extractor.Entities(texts[0]))).ToArray();
        if (!both.All(task => task.Result.SequenceEqual(wanted))) throw new Exception("two threads found something else");
      }
      return 0;
    } catch (InvalidOperationException error) {
      Console.Error.WriteLine(error.Message);
      return 1;
    }
  }
}
