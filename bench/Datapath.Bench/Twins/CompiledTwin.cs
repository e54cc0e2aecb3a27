using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Twins;

/// <summary>
/// The C side of a comparison, in this process: so both sides use the same maps, the same memory and the same thread. It is compiled when the
/// benchmark starts, where there is a compiler; without one a benchmark has a C# twin, or none.
/// </summary>
internal sealed class CompiledTwin : IDisposable
{
    private static readonly string[] s_compilers = ["cc", "gcc", "clang", "clang-19"];
    private static readonly string[] s_sources = ["maps.c", "ring.c"];

    private readonly nint _library;

    private CompiledTwin(nint library, string compiler) => (_library, Compiler) = (library, compiler);

    /// <summary>The compiler's name.</summary>
    public string Compiler { get; }

    /// <summary>Compiles and loads the C code.</summary>
    /// <returns>Nothing if no compiler is there or none can do it.</returns>
    public static CompiledTwin? TryLoad()
    {
        var folder = Directory.CreateTempSubdirectory("datapath-bench-");
        try
        {
            foreach (var source in s_sources)
                File.WriteAllBytes(Path.Combine(folder.FullName, source), Resource.Read(source));
            var library = Path.Combine(folder.FullName, "twin.so");
            foreach (var compiler in s_compilers)
            {
                if (IsCompiled(compiler, folder.FullName, library))
                    return new(NativeLibrary.Load(library), compiler);
            }

            return null;
        }
        finally
        {
            folder.Delete(recursive: true); // what is loaded stays so
        }
    }

    /// <summary>The address of a function.</summary>
    public nint Function(string name) => NativeLibrary.GetExport(_library, name);

    public void Dispose() => NativeLibrary.Free(_library);

    private static bool IsCompiled(string compiler, string folder, string library)
    {
        var start = new ProcessStartInfo(compiler, ["-O2", "-std=gnu11", "-shared", "-fPIC", "-o", library, .. s_sources])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            _ = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // there is no such program
        }
    }
}
