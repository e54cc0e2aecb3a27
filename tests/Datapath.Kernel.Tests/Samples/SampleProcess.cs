using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>A sample that makes a node, run as a user would, with a folder of its own for temporary files.</summary>
internal sealed partial class SampleProcess : IDisposable
{
    private const int SigInt = 2;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private static readonly string s_defaultPins = $"{BpfFileSystem.DefaultMountPoint}/datapath";

    private readonly IReadOnlyList<string> _namesBefore = NetworkNamespace.ListNames();
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("datapath-test-");
    private readonly BlockingCollection<string?> _lines = [];
    private readonly List<string> _read = [];
    private readonly Task<string> _errors;
    private readonly Process _process;

    /// <summary>Starts a sample.</summary>
    /// <param name="name">The name of its assembly.</param>
    /// <param name="path">Where it finds programs; <see langword="null"/> for where this process does.</param>
    /// <param name="folder">Where its assembly is; <see langword="null"/>: beside this one.</param>
    /// <param name="arguments">Its arguments.</param>
    public SampleProcess(string name, string? path = null, string? folder = null, params IEnumerable<string> arguments)
    {
        PodNames.Enter(); // its pods have some
        var start = DotnetHost.Interruptible(DotnetHost.Prepare(Path.Combine(folder ?? AppContext.BaseDirectory, $"{name}.dll"), arguments));
        start.Environment["TMPDIR"] = _temporary.FullName;
        start.Environment["PATH"] = path ?? Environment.GetEnvironmentVariable("PATH");
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _process.OutputDataReceived += (_, e) => _lines.Add(e.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>What it has written, as far as it has been waited for.</summary>
    public string Output => string.Join('\n', _read);

    public string Errors => _errors.GetAwaiter().GetResult();

    private IEnumerable<string> OwnCgroups => Directory.GetDirectories(Cgroup2.OpenCurrent().Path).Where(path => path.EndsWith($"-{_process.Id}", StringComparison.Ordinal));

    public int Id => _process.Id;

    /// <summary>Waits for a line that has a text in it.</summary>
    public void WaitFor(string text)
    {
        while (_lines.TryTake(out var line, s_longest) && line is not null)
        {
            _read.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"'{text}' expected, the sample said: {Output}");
    }

    /// <summary>Presses Ctrl-C: a terminal interrupts the sample and all programs that it runs.</summary>
    public void Interrupt()
    {
        int[] processes = OwnCgroups.SingleOrDefault() is { } cgroup ? [.. Directory.GetDirectories(cgroup).SelectMany(static path => Cgroup.Open(path).Processes)] : [_process.Id];
        Assert.That(processes, Does.Contain(_process.Id));
        foreach (var process in processes)
            _ = kill(process, SigInt); // one that had run for a moment only may be gone
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public int End()
    {
        Assert.That(_process.WaitForExit(s_longest), () => $"the sample does not end, it said: {Output}");
        while (_lines.TryTake(out var line, s_longest) && line is not null)
            _read.Add(line);
        return _process.ExitCode;
    }

    /// <summary>Insists that nothing is left of it: neither network namespaces, cgroups with what runs in them, pins, nor files.</summary>
    public void AssertNothingIsLeft()
    {
        Assert.That(NetworkNamespace.ListNames().Except(_namesBefore).Where(name => name.Contains($"-{_process.Id}-", StringComparison.Ordinal)), Is.Empty);
        Assert.That(OwnCgroups, Is.Empty);
        Assert.That(StateMap.ReadOwner(s_defaultPins), Is.Not.EqualTo((uint)_process.Id), "somebody else may have pins there");
        Assert.That(_temporary.GetFileSystemInfos("datapath-*"), Is.Empty);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _lines.Dispose();
        _temporary.Delete(recursive: true);
        PodNames.Leave();
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
